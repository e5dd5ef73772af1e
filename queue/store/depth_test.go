package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"foliocast/queue/message"
)

// deep is how many messages wait in the tests of depth: few, or as many as FOLIOCAST_DEPTH says,
// and then the times count, too.
func deep(t *testing.T) (messages int, strict bool) {
	t.Helper()
	s, strict := os.LookupEnv("FOLIOCAST_DEPTH")
	if !strict {
		return 20_000, false
	}
	messages, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("FOLIOCAST_DEPTH is not a number: %v", err)
	}
	return messages, true
}

// fill adds n waiting messages at once, dealt out as uploads would be, and brings the
// table into the state that autovacuum leaves it in. Ids grow like those of uploads.
func (f *fixture) fill(n int) {
	f.t.Helper()
	f.exec(`INSERT INTO message (id, key, queue_id, priority, payload)
		SELECT o.id, o.id, a.ids[1 + i % cardinality(a.ids)], 0, '{"dataset": "eustockmarkets", "assets": ["*"], "horizon": 5, "n": ' || i || '}'
		FROM generate_series(0, $1::bigint - 1) AS g (i) CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids FROM queue WHERE NOT removed) a
		CROSS JOIN LATERAL (SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(i), 19, '0'))::uuid) o (id)
		ORDER BY i`, n)
	f.exec("UPDATE deal SET next = $1", n)
	f.exec("VACUUM ANALYZE message")
}

// times are how long calls of one kind took. Safe for concurrent use.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (s *times) of(call func()) {
	begin := time.Now()
	call()
	took := time.Since(begin)
	s.mu.Lock()
	s.all = append(s.all, took)
	s.mu.Unlock()
}

// at returns a quantile of the times.
func (s *times) at(q float64) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return 0
	}
	slices.Sort(s.all)
	return s.all[min(int(q*float64(len(s.all))), len(s.all)-1)].Round(10 * time.Microsecond)
}

func (s *times) String() string {
	return fmt.Sprintf("p50 %v, p99 %v, most %v (%d calls)", s.at(0.5), s.at(0.99), s.at(1), len(s.all))
}

// traffic is what workers and producers do, one call after the other of each kind.
type traffic struct {
	*fixture
	claims, beats, uploads, ends times
	keys                         int
	held                         []message.Lease
}

func (w *traffic) claimAndEnd() {
	var leases []message.Lease
	w.claims.of(func() { leases = w.claim(1) })
	w.ends.of(func() {
		for _, l := range leases {
			w.complete(done(l))
		}
	})
}

func (w *traffic) upload() {
	w.keys++
	w.uploads.of(func() {
		if _, err := w.Enqueue(context.Background(), []message.New{{Key: fmt.Sprint("uploaded ", w.keys), Payload: json.RawMessage(`1`)}}); err != nil {
			w.t.Error(err)
		}
	})
}

func (w *traffic) beat() {
	var beats []message.Beat
	for _, l := range w.held {
		beats = append(beats, message.Beat{Held: held(l)})
	}
	w.beats.of(func() {
		verdicts, err := w.Heartbeat(context.Background(), beats)
		if err != nil {
			w.t.Error(err)
		}
		for _, v := range verdicts {
			if v.Verdict != message.Extended {
				w.t.Errorf("a lease is %s", v.Verdict)
			}
		}
	})
}

// until makes calls until done is closed, n of each kind at least.
func (w *traffic) until(done <-chan struct{}, n int) {
	var wg sync.WaitGroup
	for _, call := range []func(){w.claimAndEnd, w.upload, w.beat} {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					if i >= n {
						return
					}
				default:
				}
				call()
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	wg.Wait()
}

// Claims, heartbeats and uploads take as long before a million waiting messages as before a
// thousand, and go on while a queue is added, one is removed, and all are dealt out again.
// No lease is lost.
func TestDepth(t *testing.T) {
	n, strict := deep(t)
	if !strict {
		t.Parallel()
	}
	p := testPolicy()
	p.DealAtOnce = -1
	f := open(t, p)
	f.addQueue("b")
	f.endDealing()
	closed := make(chan struct{})
	close(closed)
	measure := func(what string, done <-chan struct{}, calls int) *traffic {
		w := &traffic{fixture: f, held: f.claim(100), keys: int(time.Now().UnixNano())}
		w.until(done, calls)
		for _, l := range w.held {
			f.release(l)
		}
		t.Logf("%s: claims %v; heartbeats of 100 %v; uploads %v; ends %v", what, &w.claims, &w.beats, &w.uploads, &w.ends)
		return w
	}
	calls := 100
	if strict {
		calls = 1000
	}
	f.fill(1000)
	shallow := measure("1,000 waiting", closed, calls)
	f.exec("DELETE FROM message WHERE leased_until IS NULL")
	f.fill(n)
	deep := measure(fmt.Sprint(n, " waiting"), closed, calls)
	if strict {
		for name, c := range map[string][2]*times{"claims": {&deep.claims, &shallow.claims}, "uploads": {&deep.uploads, &shallow.uploads}} {
			if got, most := c[0].at(0.99), c[1].at(0.99)*3/2; got > most {
				t.Errorf("%s: p99 is %v, want at most 1.5 times what it is before 1,000, which is %v", name, got, most)
			}
		}
		if got := deep.claims.at(0.99); got > 12*time.Millisecond {
			t.Errorf("claims: p99 is %v, want at most 12 ms", got)
		}
	}
	for _, change := range []struct {
		what string
		make func() (message.Dealing, error)
	}{
		{"add a queue", func() (message.Dealing, error) { return f.AddQueue(t.Context(), message.NewQueue{Name: "c"}, false) }},
		{"remove a queue", func() (message.Dealing, error) { return f.RemoveQueue(t.Context(), "default", false) }},
	} {
		done := make(chan struct{})
		var asked, dealt time.Duration
		go func() {
			defer close(done)
			begin := time.Now()
			d, err := change.make()
			asked = time.Since(begin)
			if err != nil || !d.UnderWay || d.Dealt < n/2 {
				t.Errorf("%s: got %+v, %v", change.what, d, err)
			}
			if err := f.Deal(context.Background()); err != nil {
				t.Error(err)
			}
			dealt = time.Since(begin)
		}()
		w := measure(change.what, done, 0)
		t.Logf("%s: answered after %v, dealt out after %v", change.what, asked, dealt)
		if strict && dealt > 30*time.Second {
			t.Errorf("%s: dealing took %v, want 30 s at most", change.what, dealt)
		}
		for name, s := range map[string]*times{"claims": &w.claims, "heartbeats": &w.beats, "uploads": &w.uploads} {
			if got := s.at(0.99); strict && got > 100*time.Millisecond {
				t.Errorf("%s: %s: p99 is %v, want 100 ms at most", change.what, name, got)
			}
		}
	}
	queues, _ := f.waiting()
	if i := slices.Index(queues, "default"); i >= 0 {
		t.Errorf("message %d waits in the queue that was removed", i)
	}
}
