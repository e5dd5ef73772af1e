package spmd_test

import (
	"errors"
	"testing"
	"time"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// The times of the ranks lie within those of the workload, and hold the work that they measured.
func TestTimesOfTheRanks(t *testing.T) {
	t.Parallel()
	var begin, end time.Time
	var out spmd.Outcome
	err := spmd.Local(3, func(comm spmd.Comm) error {
		c := spmd.Config{Threads: 2}
		if comm.Rank() != 0 {
			return spmd.Follow(comm, c)
		}
		leader, err := spmd.Lead(comm, c)
		if err != nil {
			return err
		}
		begin = time.Now()
		all, err := leader.Run(newBook(walks(2000, &forecast.Options{Model: "auto", Horizon: 5})...))
		end = time.Now()
		if len(all) == 1 {
			out = all[0]
		}
		return errors.Join(err, leader.Stop())
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Ranks) != 3 || out.Dealt.Before(begin) || out.Dealt.After(end) || out.Arrived.Before(begin) || out.Arrived.After(end) {
		t.Fatalf("got %+v, between %v and %v", out, begin, end)
	}
	for rank, r := range out.Ranks {
		if r.Chunks == 0 || r.Begin.Before(begin) || r.End.After(end) || r.End.Before(r.Begin) {
			t.Errorf("rank %d: %+v, between %v and %v", rank, r, begin, end)
		}
		if work := r.Load + r.Fit; r.Fit <= 0 || work > r.End.Sub(r.Begin) {
			t.Errorf("rank %d worked %v within %v", rank, work, r.End.Sub(r.Begin))
		}
		if work := 2 * (r.Load + r.Fit); r.Cores < work-time.Microsecond || r.Cores > work+time.Microsecond {
			t.Errorf("rank %d took %v of cores, want %v of two threads", rank, r.Cores, work)
		}
	}
}

// Workloads that are computed in the same chunks share what these took.
func TestCoresAreShared(t *testing.T) {
	t.Parallel()
	const workloads, threads = 20, 2
	var all []spmd.Outcome
	err := spmd.Local(1, func(comm spmd.Comm) error {
		leader, err := spmd.Lead(comm, spmd.Config{Threads: threads})
		if err != nil {
			return err
		}
		var books []spmd.Workload
		for i := range workloads {
			books = append(books, newBook(walks(1, &forecast.Options{Model: "auto", Horizon: 1 + i})...))
		}
		all, err = leader.Run(books...)
		return errors.Join(err, leader.Stop())
	})
	if err != nil || len(all) != workloads {
		t.Fatal(err, len(all))
	}
	shared := 0
	for _, o := range all {
		r := o.Ranks[0]
		whole := threads * (r.Load + r.Fit)
		if r.Cores <= 0 || r.Cores > whole+time.Microsecond {
			t.Errorf("%v of cores, of %v that its chunks took", r.Cores, whole)
		}
		if r.Cores < whole*3/4 {
			shared++
		}
	}
	if shared < workloads/2 {
		t.Errorf("%d of %d workloads were computed with others", shared, workloads)
	}
}
