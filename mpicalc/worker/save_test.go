package worker_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/worker"
)

// saved lists the indices of the saved parts of the only message.
func (q *fakeQueue) saved() (indices []int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, parts := range []map[int][]byte{q.messages[0].earlier, q.messages[0].parts} {
		for i := range parts {
			if i >= 50_000 {
				indices = append(indices, i)
			}
		}
	}
	slices.Sort(indices)
	return slices.Compact(indices)
}

// untilSaved runs a worker until some parts of the job are saved, and then tells it to return the job.
func untilSaved(t *testing.T, q *fakeQueue, s *dataService, config worker.Config) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var puts atomic.Int32
	q.mu.Lock()
	q.fault = func(call string, after bool) error {
		if call == "part" && after && puts.Add(1) == 1 {
			stop()
		}
		return nil
	}
	q.mu.Unlock()
	config.Grace, config.SaveEvery = time.Nanosecond, time.Nanosecond
	if err := work(ctx, t, q, s, config); err != nil {
		t.Fatal(err)
	}
	q.mu.Lock()
	q.fault = nil
	m := q.messages[0]
	maps.Copy(m.earlier, m.parts) // it may have been leased once more
	m.parts = nil
	q.mu.Unlock()
	if len(m.ended) != 0 || m.released == 0 {
		t.Fatalf("ended %d times and returned %d times, want a job that was returned", len(m.ended), m.released)
	}
}

// long is a job of some seconds.
func (s *dataService) long() job.Task {
	return s.task("long", func(spec *job.Spec) { spec.Assets, spec.Model = []string{"*"}, "auto" })
}

// without is an answer without where and when it was computed.
func without(a job.Answer) job.Answer {
	a.Provenance = job.Provenance{}
	return a
}

func wantSame(t *testing.T, got, want job.Answer) {
	t.Helper()
	if diff := cmp.Diff(without(got), without(want), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("another answer than in one go (-got +want)\n%s", diff[:min(len(diff), 2000)])
	}
}

// Another world, with another number of ranks, goes on from where a job was returned; its answer is the same.
func TestAnotherWorldGoesOn(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 1000, 60)
	once := newFakeQueue(t, s.long())
	drain(t, once, s)
	q := newFakeQueue(t, s.long())
	untilSaved(t, q, s, worker.Config{Name: "w1"})
	first := len(q.saved())
	q.mu.Lock()
	q.messages[0].released = 0
	q.mu.Unlock()
	untilSaved(t, q, s, worker.Config{Name: "w2"})
	if n := len(q.saved()); n <= first {
		t.Errorf("the second world saved nothing: %d parts after %d", n, first)
	}
	log := newWorkerLog(t)
	data, err := worker.NewDatasets("", t.TempDir(), 1<<30, s)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	config := worker.Config{Name: "w3", Program: "test", Drain: true, Log: log.logger()}
	if err := workOn(t.Context(), t, 3, q, data, config, ranks{}); err != nil {
		t.Fatal(err)
	}
	resumed := log.all("job resumed")
	if len(resumed) != 1 || resumed[0].Known < 2 || resumed[0].Job != "long" {
		t.Errorf("the log says %+v, want that the job was resumed", resumed)
	}
	wantSame(t, q.answer(0), once.answer(0))
}

// A backtest goes on, too.
func TestABacktestGoesOn(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 1000, 60)
	task := s.backtest("long", func(spec *job.Spec) {
		spec.Assets, spec.Models, spec.BySeries, spec.Origins = []string{"*"}, []string{"auto", "naive"}, true, 4
	})
	once := newFakeQueue(t, task)
	drain(t, once, s)
	q := newFakeQueue(t, task)
	untilSaved(t, q, s, worker.Config{})
	log := newWorkerLog(t)
	if err := work(t.Context(), t, q, s, worker.Config{Drain: true, Log: log.logger()}); err != nil {
		t.Fatal(err)
	}
	if len(log.all("job resumed")) != 1 {
		t.Error("the backtest was not resumed")
	}
	wantSame(t, q.answer(0), once.answer(0))
}

// What was saved counts only for the same question to the same program, and whatever happens to it, the answer is right.
func TestWhatIsSavedIsChecked(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 1000, 60)
	once, interrupted := newFakeQueue(t, s.long()), newFakeQueue(t, s.long())
	drain(t, once, s)
	untilSaved(t, interrupted, s, worker.Config{})
	other := s.long()
	other.Spec.Horizon = 3
	for name, c := range map[string]struct {
		change  func(q *fakeQueue)
		resumed bool
		horizon int
	}{
		"nothing": {func(*fakeQueue) {}, true, 2},
		"another question": {func(q *fakeQueue) {
			payload, err := json.Marshal(other)
			if err != nil {
				t.Error(err)
			}
			q.messages[0].payload = payload
		}, false, 3},
		"another program": {func(q *fakeQueue) {
			q.change1st(func(b []byte) []byte { b[0] ^= 1; return b }) // the digest begins the part
		}, false, 2},
		"an empty part":         {func(q *fakeQueue) { q.change1st(func([]byte) []byte { return []byte{} }) }, false, 2},
		"half a part":           {func(q *fakeQueue) { q.change1st(func(b []byte) []byte { return b[:len(b)/2] }) }, false, 2},
		"a second that is lost": {func(q *fakeQueue) { delete(q.messages[0].earlier, 50_001) }, true, 2},
		"a queue that is away": {func(q *fakeQueue) {
			failed := 0
			q.fault = func(call string, after bool) error {
				if call == "held part" && !after && failed < 2 {
					failed++
					return errConnection
				}
				return nil
			}
		}, true, 2},
		"a queue that cannot": {func(q *fakeQueue) {
			q.fault = func(call string, after bool) error {
				if call == "held part" {
					return problem.New(problem.Malformed, "no such operation")
				}
				return nil
			}
		}, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newFakeQueue(t, s.long())
			q.mu.Lock()
			q.messages[0].token, q.messages[0].earlier = interrupted.messages[0].token, maps.Clone(interrupted.messages[0].earlier)
			c.change(q)
			q.mu.Unlock()
			log := newWorkerLog(t)
			if err := work(t.Context(), t, q, s, worker.Config{Drain: true, Log: log.logger()}); err != nil {
				t.Fatal(err)
			}
			if got := len(log.all("job resumed")) > 0; got != c.resumed {
				t.Errorf("resumed: %t, want %t", got, c.resumed)
			}
			if a := q.answer(0); c.horizon == 2 {
				wantSame(t, a, once.answer(0))
			} else if len(a.Overall.Mean) != c.horizon || len(a.Assets) != 1000 {
				t.Errorf("got %d steps of %d assets, want the answer to the other question", len(a.Overall.Mean), len(a.Assets))
			}
		})
	}
}

// change1st changes the body of the first saved part. The lock is held.
func (q *fakeQueue) change1st(how func([]byte) []byte) {
	parts := q.messages[0].earlier
	parts[50_000] = how(slices.Clone(parts[50_000]))
}

// A queue that refuses to save does not harm the job.
func TestARefusalToSaveHarmsNobody(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 1000, 60)
	once := newFakeQueue(t, s.long())
	drain(t, once, s)
	q := newFakeQueue(t, s.long())
	var refused atomic.Int32
	q.fault = func(call string, after bool) error {
		if call == "part" && !after {
			refused.Add(1)
			return problem.New(problem.TooLarge, "no room")
		}
		return nil
	}
	if err := work(t.Context(), t, q, s, worker.Config{Drain: true, SaveEvery: time.Nanosecond}); err != nil {
		t.Fatal(err)
	}
	wantSame(t, q.answer(0), once.answer(0))
	if refused.Load() == 0 {
		t.Error("nothing was to be saved")
	}
}
