package worker_test

import (
	"errors"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/mpicalc/spmd"
	"foliocast/mpicalc/worker"
)

// hangingRank does not return from its first wait.
type hangingRank struct {
	spmd.Comm
	until <-chan struct{}
}

func (r hangingRank) Await(<-chan struct{}, time.Duration) error {
	<-r.until
	return errors.New("it hung")
}

// hangingLeader is rank 0, which does not return from sending its first chunk.
type hangingLeader struct{ hangingRank }

func (r hangingLeader) Await(wake <-chan struct{}, most time.Duration) error {
	return r.Comm.Await(wake, most)
}

func (r hangingLeader) Isend(buf []byte, to int) (spmd.Request, error) {
	if len(buf) == 1 { // a signal
		return r.Comm.Isend(buf, to)
	}
	<-r.until
	return nil, errors.New("it hung")
}

// A rank that hangs ends the worker, whose error names it.
func TestAHangingRankIsNamed(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 40, 60)
	q := newFakeQueue(t, s.task("1", func(spec *job.Spec) { spec.Assets, spec.Model = []string{"*"}, "auto" }))
	data, err := worker.NewDatasets("", t.TempDir(), 1<<30, s)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	ended := make(chan struct{})
	err = spmd.Local(2, func(c spmd.Comm) error {
		if c.Rank() > 0 {
			return spmd.Follow(hangingRank{c, ended}, spmd.Config{Host: "there"})
		}
		defer close(ended)
		leader, err := spmd.Lead(c, spmd.Config{})
		if err != nil {
			return err
		}
		return worker.Run(t.Context(), leader, q, data, worker.Config{Name: "w", StuckAfter: time.Second, Drain: true})
	})
	if hung, ok := errors.AsType[*spmd.HungError](err); !ok || hung.Rank != 1 || hung.Host != "there" {
		t.Errorf("got %v, want that rank 1 on there hangs", err)
	}
	if m := q.messages[0]; len(m.ended) != 0 || m.released != 0 {
		t.Errorf("the job ended %d times and was returned %d times, want neither", len(m.ended), m.released)
	}
}

// Leases are not renewed while rank 0 hangs: they would never end.
func TestTheLeasesOfAHangingLeaderExpire(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 40, 60)
	q := newFakeQueue(t, s.task("1", func(spec *job.Spec) { spec.Assets, spec.Model = []string{"*"}, "auto" }))
	q.life = 1500 * time.Millisecond
	data, err := worker.NewDatasets("", t.TempDir(), 1<<30, s)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	stuck, resumed, expired := make(chan struct{}), make(chan struct{}), false
	go func() {
		defer close(resumed)
		<-stuck
		for range 10 { // it may have been renewed meanwhile, but not for long
			q.mu.Lock()
			left, leases := time.Until(q.messages[0].expires), q.messages[0].leases
			q.mu.Unlock()
			// The queue gives it out again as soon as it has expired.
			if expired = left <= 0 || leases > 1; expired {
				return
			}
			<-time.After(left)
		}
	}()
	config := worker.Config{Name: "w", OnStuck: func() { close(stuck) }, StuckAfter: 100 * time.Millisecond, Drain: true}
	err = spmd.Local(2, func(c spmd.Comm) error {
		if c.Rank() > 0 {
			return spmd.Follow(c, spmd.Config{})
		}
		leader, err := spmd.Lead(hangingLeader{hangingRank{c, resumed}}, spmd.Config{})
		if err != nil {
			return err
		}
		return worker.Run(t.Context(), leader, q, data, config)
	})
	if err == nil {
		t.Error("the worker ended without an error")
	}
	<-resumed
	if n := len(q.messages[0].ended); n != 0 || !expired {
		t.Errorf("ended %d times, lease expired while rank 0 hung: %t, want 0 and true", n, expired)
	}
}

// Only time during which the ranks alone do not move counts.
func TestOnlyTheTimeOfTheRanksCounts(t *testing.T) {
	t.Parallel()
	const second = time.Second
	never := func(int) bool { return false }
	for name, c := range map[string]struct {
		excused func(int) bool
		looks   []time.Duration
		late    int
	}{
		"in time":           {never, []time.Duration{4 * second, 8 * second}, 0},
		"late":              {never, []time.Duration{4 * second, 8 * second, 11 * second}, 3},
		"all was suspended": {never, []time.Duration{4 * second, 3600 * second, 3604 * second, 3608 * second, 3611 * second}, 5},
		"the queue was unreachable": {func(look int) bool { return look < 2 },
			[]time.Duration{4 * second, 8 * second, 12 * second, 16 * second, 19 * second}, 5},
	} {
		if got := worker.Late(10*second, c.excused, c.looks...); got != c.late {
			t.Errorf("%s: late at look %d, want %d", name, got, c.late)
		}
	}
}
