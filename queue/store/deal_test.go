package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/queue/message"
)

// openStepping is a store that leaves all steps of a dealing, of so many messages each, to
// the test.
func openStepping(t testing.TB, step int) *fixture {
	p := testPolicy()
	p.DealStep, p.DealAtOnce = step, -1
	return open(t, p)
}

// begin empties the store, for the next case of a property.
func (f *fixture) begin() {
	f.t.Helper()
	f.exec("DELETE FROM message; DELETE FROM depth_change; DELETE FROM depth; DELETE FROM ended; DELETE FROM redrive; DELETE FROM reader; DELETE FROM part; DELETE FROM queue")
	f.exec("INSERT INTO queue (name) VALUES ('default')")
	f.exec("UPDATE feed SET last = 0")
	f.exec("UPDATE deal SET next = 0")
	f.exec("UPDATE dealing SET under_way = false")
}

func (f *fixture) endDealing() {
	f.t.Helper()
	if err := f.Deal(context.Background()); err != nil {
		f.t.Fatal(err)
	}
}

// dealAndDie takes steps, and is killed in the middle of one, each time that a life ends.
func (f *fixture) dealAndDie(t *rapid.T, lives []int) {
	for _, ms := range lives {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(ms)*time.Millisecond)
		err := f.Deal(ctx)
		if ctx.Err() == nil && err != nil {
			t.Error(err)
		}
		cancel()
	}
}

// One worker claims from all queues while queues come and go, and are dealt out: it gets
// every message in upload order. A step that locks messages for a moment, or a queue that
// was removed, lets nothing overtake them.
func TestClaimsKeepTheUploadOrderDuringADealing(t *testing.T) {
	t.Parallel()
	f := openStepping(t, 7)
	const messages = 2000
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer func() { stop(); wg.Wait() }()
	wg.Go(func() {
		for from := 0; from < messages; from += 40 {
			f.add(from, from+40)
		}
	})
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := f.Deal(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		names := []string{"default"}
		for i := 0; ctx.Err() == nil; i++ {
			var err error
			if len(names) < 3 {
				names = append(names, fmt.Sprint("q", i))
				_, err = f.AddQueue(ctx, message.NewQueue{Name: names[len(names)-1]}, false)
			} else {
				_, err = f.RemoveQueue(ctx, names[0], false)
				names = names[1:]
			}
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	for next := 0; next < messages; {
		for _, l := range f.claim(3) {
			if l.Key != fmt.Sprint(next) {
				t.Fatalf("message %s comes where %d should", l.Key, next)
			}
			next++
		}
	}
}

// The rule of a dealing, step by step: the cursor passes what waits, and what is leased,
// or comes back behind it, stays.
func TestDealingTakesSteps(t *testing.T) {
	t.Parallel()
	f := openStepping(t, 3)
	step := func(want string) {
		t.Helper()
		done, err := f.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		queues, keys := f.waiting()
		var got strings.Builder
		for i, q := range queues {
			fmt.Fprintf(&got, "%s%s ", keys[i], q[:1])
		}
		p, err := f.Dealing(t.Context())
		if err != nil || done != (p == nil) {
			t.Errorf("done is %v, and the progress %+v, %v", done, p, err)
		}
		if p != nil {
			fmt.Fprintf(&got, "%d of %d", p.Dealt, p.Waiting)
		}
		if d := cmp.Diff(strings.TrimSpace(got.String()), want); d != "" {
			t.Error(d)
		}
	}
	f.add(0, 8)
	l := f.claim(1)[0]
	f.addQueue("b")
	step("1d 2b 3d 4d 5d 6d 7d 3 of 7")
	f.add(8, 9) // the eighth of what was dealt since the last dealing, so it goes to the first queue for now
	f.release(l)
	step("0d 1d 2b 3d 4b 5d 6b 7d 8d 6 of 7")
	step("0d 1d 2b 3d 4b 5d 6b 7d 8b 8 of 7")
	step("0d 1d 2b 3d 4b 5d 6b 7d 8b")
	if r := f.add(9, 10); r[0].Queue != "default" {
		t.Errorf("the next upload goes to %q, out of turn", r[0].Queue)
	}
	f.addQueue("c")
	step("0d 1b 2c 3d 4b 5d 6b 7d 8b 9d 3 of 10")
	if _, err := f.RemoveQueue(t.Context(), "default", false); err != nil {
		t.Fatal(err)
	}
	if got := f.claim(2); got[0].Key != "0" || got[1].Key != "1" || got[0].Queue != "default" {
		t.Errorf("got %+v, want what is left in the removed queue, too", got)
	}
	step("2b 3c 4b 5d 6b 7d 8b 9d 3 of 10")
	yes := true
	if err := f.ChangeQueue(t.Context(), "c", &yes, nil); err != nil {
		t.Fatal(err)
	}
	step("2b 3c 4b 5d 6b 7d 8b 9d 2 of 10") // anew: of 2, 3 and 4, the paused queue keeps 3
	f.endDealing()
	if queues, keys := f.waiting(); !slices.Equal(queues, []string{"b", "c", "b", "b", "b", "b", "b", "b"}) {
		t.Errorf("got %v in %v", keys, queues)
	}
}

// A dry run only reads: it goes on beside a transaction that has locked everything that a
// change of the queues needs.
func TestDryRunWaitsForNobody(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addQueue("b")
	f.add(0, 10)
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	for _, sql := range []string{"SELECT FROM dealing FOR UPDATE", "SELECT FROM deal FOR UPDATE", "SELECT FROM message ORDER BY id FOR UPDATE",
		"SELECT pg_advisory_xact_lock('queue'::regclass::oid::bigint), pg_advisory_xact_lock('dealing'::regclass::oid::bigint)"} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	d, err := f.RemoveQueue(t.Context(), "b", true)
	if want := (message.Dealing{Dealt: 10, Moved: 5, Moves: []message.Move{{From: "b", To: "default", Messages: 5}}}); err != nil || !cmp.Equal(d, want) {
		t.Errorf("got %+v, %v", d, err)
	}
	if d, err = f.AddQueue(t.Context(), message.NewQueue{Name: "c"}, true); err != nil || d.Dealt != 10 {
		t.Errorf("got %+v, %v", d, err)
	}
}

// An old instance of the service changes the queues in the middle of a dealing and knows
// nothing of it: the next step begins anew.
func TestDealingNoticesQueuesThatOthersChange(t *testing.T) {
	t.Parallel()
	f := openStepping(t, 4)
	f.add(0, 10)
	f.addQueue("b")
	if done, err := f.Step(t.Context()); done || err != nil {
		t.Fatal(done, err)
	}
	f.exec("INSERT INTO queue (name) VALUES ('c')")
	f.endDealing()
	if queues, _ := f.waiting(); !slices.Equal(queues, dealt(10, "default", "b", "c")) {
		t.Errorf("got %v", queues)
	}
}

// A change of the queues waits for a lease call that takes long, and keeps nobody waiting meanwhile.
func TestChangeOfQueuesGivesWay(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 2)
	l := f.claimOne()
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "SELECT pg_advisory_xact_lock_shared('queue'::regclass::oid::bigint)"); err != nil {
		t.Fatal(err)
	}
	added := make(chan error)
	go func() {
		_, err := f.AddQueue(context.Background(), message.NewQueue{Name: "b"}, false)
		added <- err
	}()
	f.until("the change waits", "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE '-- Lock the queues%' AND application_name = left('foliocast-' || current_schema(), 63)")
	begin := time.Now()
	for range 5 {
		if v, err := f.Heartbeat(t.Context(), []message.Beat{{Held: held(l)}}); err != nil || v[0].Verdict != message.Extended {
			t.Fatalf("got %v, %v", v, err)
		}
		if _, err := f.Enqueue(t.Context(), []message.New{{Key: fmt.Sprint("while ", time.Now()), Payload: json.RawMessage(`1`)}}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("five heartbeats and uploads took %v", took)
	}
	select {
	case err := <-added:
		t.Errorf("the queue was added before the call ended: %v", err)
	default:
	}
	_ = tx.Rollback(context.Background())
	if err := <-added; err != nil {
		t.Error(err)
	}
}
