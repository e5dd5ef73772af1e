package mpi_test

import (
	"math"
	"os"
	"testing"

	"foliocast/mpicalc/mpi"
)

func TestSplit(tt *testing.T) {
	t := onAllRanks(tt)
	// Even and odd ranks, each in reverse order.
	part, err := t.world.Split(int(t.rank)%2, -int(t.rank))
	t.ok(err)
	size := (t.size + 1 - int(t.rank)%2) / 2
	if part.Size() != size || int(part.Rank()) != size-1-int(t.rank)/2 {
		t.Fatalf("got rank %d of %d, want %d of %d", part.Rank(), part.Size(), size-1-int(t.rank)/2, size)
	}
	ranks := make([]int32, size)
	t.ok(mpi.Allgather(part, []int32{int32(t.rank)}, ranks))
	for i, got := range ranks {
		if want := int32(2*(size-1-i) + int(t.rank)%2); got != want {
			t.Fatalf("member %d is rank %d of the world, want %d", i, got, want)
		}
	}
	// A part returns its errors too.
	refused(t, "Bcast", mpi.Bcast(part, ranks, mpi.Rank(size)), "Bcast", mpi.ErrRoot)
	t.ok(part.Free())
	refused(t, "Barrier", part.Barrier(), "Barrier", mpi.ErrComm)
	refused(t, "Free", part.Free(), "Comm_free", mpi.ErrComm)
}

func TestSplitUndefined(tt *testing.T) {
	t := onAllRanks(tt)
	color := mpi.Undefined
	if t.rank == 0 {
		color = 0
	}
	part, err := t.world.Split(color, 0)
	t.ok(err)
	if (part != nil) != (t.rank == 0) {
		t.Fatalf("got %v", part)
	}
	if part != nil {
		t.ok(part.Free())
	}
}

func TestSplitRefused(tt *testing.T) {
	t := onAllRanks(tt)
	for _, wrong := range []int{-1, math.MinInt, math.MaxInt32 + 1} {
		_, err := t.world.Split(wrong, 0)
		refused(t, "colour", err, "Comm_split", mpi.ErrArg)
	}
	for _, wrong := range []int{math.MinInt, math.MaxInt} {
		_, err := t.world.Split(0, wrong)
		refused(t, "key", err, "Comm_split", mpi.ErrArg)
	}
	refused(t, "world", t.world.Free(), "Comm_free", mpi.ErrComm)
}

// The tests run on one machine.
func TestSplitShared(tt *testing.T) {
	t := onAllRanks(tt)
	node, err := t.world.SplitShared()
	t.ok(err)
	if node.Rank() != t.rank || node.Size() != t.size {
		t.Fatalf("got rank %d of %d, want %d of %d", node.Rank(), node.Size(), t.rank, t.size)
	}
	t.ok(node.Free())
}

func TestProcessorName(tt *testing.T) {
	t := onAllRanks(tt)
	got, err := t.world.ProcessorName()
	t.ok(err)
	want, err := os.Hostname()
	t.ok(err)
	if got != want {
		t.Fatalf("got %q, want the host name %q", got, want)
	}
}
