package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/queue/message"
	"foliocast/queue/store"
)

// addTo enqueues n messages of each of the owners in a queue.
func (f *fixture) addTo(queue string, n int, owners ...string) {
	f.t.Helper()
	var all []message.New
	for i := range n {
		for _, owner := range owners {
			all = append(all, message.New{Key: fmt.Sprint(queue, owner, i), Queue: queue, Owner: owner, Payload: json.RawMessage(`1`)})
		}
	}
	if _, err := f.Enqueue(f.t.Context(), all); err != nil {
		f.t.Fatal(err)
	}
}

// share sets the weight and the maximum of a queue.
func (f *fixture) share(queue string, weight, maxLeased int) {
	f.t.Helper()
	if err := f.ShareQueue(context.Background(), queue, message.QueueShare{Weight: &weight, MaxLeased: &maxLeased}); err != nil {
		f.t.Fatal(err)
	}
}

// from counts leases by queue.
func from(leases []message.Lease) map[string]int {
	n := map[string]int{}
	for _, l := range leases {
		n[l.Queue]++
	}
	return n
}

func TestWeightsOfQueues(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if _, err := f.AddQueue(t.Context(), message.NewQueue{Name: "b", Weight: 3}, false); err != nil {
		t.Fatal(err)
	}
	f.addQueue("c")
	f.addTo("default", 100, "")
	f.addTo("b", 100, "")
	f.addTo("c", 100, "")
	if d := cmp.Diff(from(f.claim(40)), map[string]int{"default": 8, "b": 24, "c": 8}); d != "" {
		t.Error(d)
	}
	// What is leased counts for all workers, and only the queues that are asked for.
	if d := cmp.Diff(from(f.claim(12, "default", "b")), map[string]int{"default": 3, "b": 9}); d != "" {
		t.Error(d)
	}
	// 11, 33 and 8 are leased. After three more from c all are equal, and the last turn was that of b.
	if d := cmp.Diff(from(f.claim(5)), map[string]int{"c": 4, "default": 1}); d != "" {
		t.Error(d)
	}
	// Of the same weight, though not of one: the order of uploads.
	f.share("default", 3, 0)
	if d := cmp.Diff(keysOf(f.claim(3, "default", "b")), []string{"default12", "default13", "default14"}); d != "" {
		t.Error(d)
	}
}

// Workers that take one message at a time, and hold nothing when they ask: each owner in each
// queue has a turn.
func TestQueuesTakeTurnsOneByOne(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addQueue("b")
	f.share("b", 1000, 0)
	for _, queue := range []string{"b", "default"} {
		f.addTo(queue, 10, "ann", "bob")
	}
	got := map[string]int{}
	for range 12 {
		l := f.claimOne()
		got[l.Queue+" "+l.Owner]++
		f.complete(done(l))
	}
	if d := cmp.Diff(got, map[string]int{"b ann": 3, "b bob": 3, "default ann": 3, "default bob": 3}); d != "" {
		t.Error(d)
	}
}

// A queue that has its maximum leased is passed by: nothing in it is ready or due, and claims go on with others.
func TestMaximumOfAQueue(t *testing.T) {
	t.Parallel()
	p := testPolicy()
	p.BackOff, p.MaxBackOff = time.Hour, time.Hour
	f := open(t, p)
	f.addQueue("b")
	f.share("default", 1, 3)
	f.addTo("default", 5, "ann", "bob")
	leases := f.claim(2)
	f.complete(failed(leases[0], true)) // backs off
	f.claim(10)
	got, err := f.Account.Claim(t.Context(), nil, 10, "w", "")
	if err != nil || len(got.Leases) > 0 || got.Ready || got.Next != 0 {
		t.Errorf("got %+v, %v, want nothing, and nothing ready or due", got, err)
	}
	f.addTo("b", 4, "zoe")
	if d := cmp.Diff(from(f.claim(2)), map[string]int{"b": 2}); d != "" {
		t.Error(d)
	}
	f.complete(done(leases[1]))
	if d := cmp.Diff(from(f.claim(10)), map[string]int{"default": 1, "b": 2}); d != "" {
		t.Error(d)
	}
	f.share("default", 1, 1) // takes nothing back
	f.addTo("b", 1, "yan")
	if d := cmp.Diff(from(f.claim(10)), map[string]int{"b": 1}); d != "" {
		t.Error(d)
	}
	f.share("default", 1, 0)
	if d := cmp.Diff(from(f.claim(100)), map[string]int{"default": 5}); d != "" {
		t.Error(d)
	}
	if err := f.ShareQueue(t.Context(), "nowhere", message.QueueShare{}); err == nil {
		t.Error("the share of an unknown queue was changed")
	}
}

// Far more owners than a claim looks at wait in a queue that has its maximum leased.
func TestMoreLinesThanAClaimLooksAtWaitInAFullQueue(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.addQueue("b")
	var owners []string
	for i := range 900 {
		owners = append(owners, fmt.Sprintf("o%04d", i))
	}
	f.addTo("default", 1, owners...)
	for i := range owners {
		owners[i] = fmt.Sprintf("p%04d", i)
	}
	f.addTo("default", 1, owners...)
	f.addTo("b", 1, "z")
	f.share("default", 1, 1)
	f.claim(1, "default")
	if got := keysOf(f.claim(1)); !slices.Equal(got, []string{"bz0"}) {
		t.Errorf("got %v", got)
	}
}

// A removed queue keeps its maximum until its messages have been dealt out, and then they
// are those of another queue.
func TestRemovedQueueKeepsItsMaximum(t *testing.T) {
	t.Parallel()
	f := openStepping(t, 100)
	f.addQueue("b")
	f.endDealing()
	f.share("b", 1, 1)
	f.add(0, 10)
	if _, err := f.RemoveQueue(t.Context(), "b", false); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(from(f.claim(10)), map[string]int{"default": 5, "b": 1}); d != "" {
		t.Error(d)
	}
	f.endDealing()
	if d := cmp.Diff(from(f.claim(10)), map[string]int{"default": 4}); d != "" {
		t.Error(d)
	}
}

// The weight of a removed queue makes no queues take turns: what is left in it comes in its
// place.
func TestRemovedQueueHasNoTurns(t *testing.T) {
	t.Parallel()
	f := openStepping(t, 100)
	f.addQueue("b")
	f.endDealing()
	f.share("b", 3, 0)
	f.add(0, 10)
	if _, err := f.RemoveQueue(t.Context(), "b", false); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(keysOf(f.claim(4)), []string{"0", "1", "2", "3"}); d != "" {
		t.Error(d)
	}
}

// A claim that began before there was a maximum waits for no other: a maximum is set when it has ended.
func TestMaximumWaitsForClaimsUnderWay(t *testing.T) {
	t.Parallel()
	most := 1
	for name, change := range map[string]func(f *fixture) error{
		"of a new queue": func(f *fixture) error {
			_, err := f.AddQueue(context.Background(), message.NewQueue{Name: "b", MaxLeased: most}, false)
			return err
		},
		"of a queue": func(f *fixture) error {
			return f.ShareQueue(context.Background(), "default", message.QueueShare{MaxLeased: &most})
		},
		"of an owner": func(f *fixture) error {
			return f.SetShare(context.Background(), "ann", message.Share{Weight: 1, MaxLeased: most})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, testPolicy())
			claim, err := f.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer claim.Rollback(context.Background())
			if _, err := claim.Exec(t.Context(), "SELECT pg_advisory_xact_lock_shared('dealing'::regclass::oid::bigint)"); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error)
			go func() { ended <- change(f) }()
			f.until("the change waits for the claim", `SELECT count(*) > 0 FROM pg_stat_activity
				WHERE wait_event = 'advisory' AND query LIKE '-- Lock claims out%' AND application_name = left('foliocast-' || current_schema(), 63)`)
			var set int
			if err := f.pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM queue WHERE max_leased > 0) + (SELECT count(*) FROM share)").Scan(&set); err != nil || set > 0 {
				t.Errorf("the maximum was set while a claim was under way (%v)", err)
			}
			_ = claim.Rollback(context.Background())
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// Claims of several instances keep to the maximum of a queue together, from when it is added, while others come and go and
// messages are dealt out, and every message is leased in the end.
func TestClaimsKeepToTheMaximumOfAQueue(t *testing.T) {
	t.Parallel()
	f := openStepping(t, 20)
	const most, messages = 4, 1500
	f.add(0, messages)
	stop := make(chan struct{})
	var workers, others sync.WaitGroup
	var mu sync.Mutex
	ended := 0
	for w := range 6 {
		account := f.Account
		if w%2 == 1 {
			account = store.New(f.pool, f.Policy()).Account("worker")
		}
		workers.Go(func() {
			for {
				mu.Lock()
				all := ended == messages
				mu.Unlock()
				if all || t.Context().Err() != nil {
					return
				}
				got, err := account.Claim(t.Context(), nil, 1+w, fmt.Sprint("w", w), "")
				if err != nil {
					t.Error(err)
					return
				}
				for i, l := range got.Leases {
					if i%5 == 4 {
						f.release(l)
					} else if f.complete(done(l)) == message.Accepted {
						mu.Lock()
						ended++
						mu.Unlock()
					}
				}
			}
		})
	}
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			if i%10 == 0 {
				name := fmt.Sprint("q", i)
				if _, err := f.AddQueue(context.Background(), message.NewQueue{Name: name, MaxLeased: most}, false); err != nil {
					t.Error(err)
				}
				if i > 20 {
					if _, err := f.RemoveQueue(context.Background(), fmt.Sprint("q", i-20), false); err != nil {
						t.Error(err)
					}
				}
			}
			f.endDealing()
			rows, err := f.pool.Query(context.Background(), `SELECT q.name, count(*) FROM message m JOIN queue q ON q.id = m.queue_id
				WHERE m.leased_until IS NOT NULL AND q.max_leased > 0 GROUP BY 1`)
			if err != nil {
				t.Error(err)
				return
			}
			for rows.Next() {
				var name string
				var n int
				if err := rows.Scan(&name, &n); err != nil || n > most {
					t.Errorf("%d messages are leased from %s, %v", n, name, err)
				}
			}
		}
	})
	workers.Wait()
	close(stop)
	others.Wait()
}
