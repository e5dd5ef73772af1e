package mpi_test

import (
	"sync/atomic"
	"testing"

	"foliocast/mpicalc/mpi"
)

// Rank r has r+1 elements; in each step every rank writes to all.
func TestWindow(tt *testing.T) {
	t := onAllRanks(tt)
	node, err := t.world.SplitShared()
	t.ok(err)
	w, err := mpi.AllocateShared[int64](node, int(t.rank)+1)
	t.ok(err)
	t.each(func(r mpi.Rank) {
		if n := len(w.Of(r)); n != int(r)+1 {
			t.Fatalf("rank %d has %d elements", r, n)
		}
		if got := w.Of(r)[r]; got != 0 {
			t.Fatalf("a new element is %d", got)
		}
	})
	for step := range int64(20) {
		t.ok(w.Fence())
		w.Of(t.next())[0] = 100*int64(t.rank) + step
		t.ok(w.Fence())
		if got, want := w.Own()[0], 100*int64(t.prev())+step; got != want {
			t.Fatalf("step %d: got %d, want %d", step, got, want)
		}
	}
	// All ranks count in one element of the last.
	w.Own()[t.rank] = 0
	t.ok(w.Fence())
	t.ok(w.LockAll())
	counter := &w.Of(mpi.Rank(t.size - 1))[t.size-1]
	for range 1000 {
		atomic.AddInt64(counter, 1)
	}
	t.ok(w.Sync())
	t.ok(node.Barrier())
	t.ok(w.Sync())
	if got := atomic.LoadInt64(counter); got != 1000*int64(t.size) {
		t.Fatalf("%d ranks counted to %d", t.size, got)
	}
	t.ok(w.UnlockAll())
	// It can be sent.
	t.ok(mpi.Bcast(t.world, w.Own()[:1], 0))
	t.ok(w.Free())
	refused(t, "Fence", w.Fence(), "Win_fence", mpi.ErrWin)
	refused(t, "Free", w.Free(), "Win_free", mpi.ErrWin)
	_, err = mpi.AllocateShared[int64](node, -1)
	refused(t, "size", err, "Win_allocate_shared", mpi.ErrCount)
	t.ok(node.Free())
}

// Only the last rank has memory.
func TestWindowOfOne(tt *testing.T) {
	t := onAllRanks(tt)
	n := 0
	if int(t.rank) == t.size-1 {
		n = 4
	}
	w, err := mpi.AllocateShared[byte](t.world, n)
	t.ok(err)
	if len(w.Own()) != n || len(w.Of(mpi.Rank(t.size-1))) != 4 {
		t.Fatalf("%d elements, and %d of the last rank", len(w.Own()), len(w.Of(mpi.Rank(t.size-1))))
	}
	t.ok(w.Free())
}
