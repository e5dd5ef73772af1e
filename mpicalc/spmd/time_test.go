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
	}
}
