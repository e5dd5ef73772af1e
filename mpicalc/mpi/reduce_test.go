package mpi_test

import (
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// reduced is the reduction of rank+1 over all ranks, in plain Go.
func (t spmd) reduced(f func(a, b int64) int64) int64 {
	sum := int64(1)
	for r := 1; r < t.size; r++ {
		sum = f(sum, int64(r+1))
	}
	return sum
}

func TestReduce(tt *testing.T) {
	t := onAllRanks(tt)
	for _, c := range []struct {
		name string
		op   mpi.Op
		f    func(a, b int64) int64
	}{
		{"sum", mpi.OpSum, func(a, b int64) int64 { return a + b }},
		{"product", mpi.OpProd, func(a, b int64) int64 { return a * b }},
		{"minimum", mpi.OpMin, func(a, b int64) int64 { return min(a, b) }},
		{"maximum", mpi.OpMax, func(a, b int64) int64 { return max(a, b) }},
		{"bitwise and", mpi.OpBand, func(a, b int64) int64 { return a & b }},
		{"bitwise or", mpi.OpBor, func(a, b int64) int64 { return a | b }},
		{"bitwise exclusive or", mpi.OpBxor, func(a, b int64) int64 { return a ^ b }},
	} {
		want := []int64{t.reduced(c.f), t.reduced(c.f)}
		send := []int64{int64(t.rank) + 1, int64(t.rank) + 1}
		got := make([]int64, 2)
		t.ok(mpi.Allreduce(t.world, send, got, c.op))
		if !slices.Equal(got, want) {
			t.Fatalf("%s at all ranks: got %v, want %v", c.name, got, want)
		}
		t.each(func(root mpi.Rank) {
			var got []int64
			if t.rank == root {
				got = make([]int64, 2)
			}
			t.ok(mpi.Reduce(t.world, send, got, c.op, root))
			if t.rank == root && !slices.Equal(got, want) {
				t.Fatalf("%s at root %d: got %v, want %v", c.name, root, got, want)
			}
		})
	}
}

func TestReduceLogical(tt *testing.T) {
	t := onAllRanks(tt)
	// Columns: 0 everywhere; 0 on rank 0 alone; 0 nowhere.
	send := []int32{0, int32(t.rank), 5}
	later := int32(0) // whether there is a rank other than 0
	if t.size > 1 {
		later = 1
	}
	for _, c := range []struct {
		name string
		op   mpi.Op
		want []int32
	}{
		{"and", mpi.OpLand, []int32{0, 0, 1}},
		{"or", mpi.OpLor, []int32{0, later, 1}},
	} {
		got := make([]int32, 3)
		t.ok(mpi.Allreduce(t.world, send, got, c.op))
		if t.size > 1 && !slices.Equal(got, c.want) {
			t.Fatalf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestReduceNothing(tt *testing.T) {
	t := onAllRanks(tt)
	t.ok(mpi.Allreduce[float32](t.world, nil, []float32{}, mpi.OpSum))
	t.each(func(root mpi.Rank) {
		t.ok(mpi.Reduce[float32](t.world, nil, nil, mpi.OpSum, root))
	})
}

func TestUnknownReduction(tt *testing.T) {
	t := onAllRanks(tt)
	for _, wrong := range []mpi.Op{0, -1, mpi.OpBxor + 1, mpi.Op(mpi.OpMinloc), mpi.Op(mpi.OpMaxloc), mpi.Op(mpi.OpMaxloc) + 1} {
		err := mpi.Allreduce(t.world, []int8{1}, make([]int8, 1), wrong)
		refused(t, "Allreduce", err, "Allreduce", mpi.ErrOp)
	}
}
