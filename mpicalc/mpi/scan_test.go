package mpi_test

import (
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// Rank r has r+1, so that the sum over the ranks 0 to r is (r+1)·(r+2)/2, and that
// without rank r is r·(r+1)/2.
func TestScan(tt *testing.T) {
	t := onAllRanks(tt)
	r := int64(t.rank)
	own := []int64{r + 1, 10 * (r + 1)}
	sum := (r + 1) * (r + 2) / 2
	give(t, []int64{sum, 10 * sum},
		variant[int64]{"Scan", func() ([]int64, error) {
			recv := make([]int64, 2)
			return recv, mpi.Scan(t.world, own, recv, mpi.OpSum)
		}},
		variant[int64]{"Iscan", func() ([]int64, error) {
			recv := make([]int64, 2)
			r, err := mpi.Iscan(t.world, own, recv, mpi.OpSum)
			return started(recv, r, err)
		}},
		variant[int64]{"Scan in place", func() ([]int64, error) {
			recv := slices.Clone(own)
			return recv, mpi.Scan(t.world, mpi.InPlace[int64](), recv, mpi.OpSum)
		}})
	// At rank 0 the result means nothing.
	before := func(recv []int64, err error) ([]int64, error) {
		if t.rank == 0 {
			return []int64{0, 0}, err
		}
		return recv, err
	}
	sum -= r + 1
	give(t, []int64{sum, 10 * sum},
		variant[int64]{"Exscan", func() ([]int64, error) {
			recv := make([]int64, 2)
			return before(recv, mpi.Exscan(t.world, own, recv, mpi.OpSum))
		}},
		variant[int64]{"Iexscan", func() ([]int64, error) {
			recv := make([]int64, 2)
			r, err := mpi.Iexscan(t.world, own, recv, mpi.OpSum)
			return before(started(recv, r, err))
		}},
		variant[int64]{"Exscan in place", func() ([]int64, error) {
			recv := slices.Clone(own)
			return before(recv, mpi.Exscan(t.world, mpi.InPlace[int64](), recv, mpi.OpSum))
		}})
	refused(t, "Scan", mpi.Scan(t.world, own, own[:1], mpi.OpSum), "Scan", mpi.ErrCount)
	refused(t, "Exscan", mpi.Exscan(t.world, own, make([]int64, 2), mpi.Op(mpi.OpMinloc)), "Exscan", mpi.ErrOp)
}

// Rank r has (r+1)·i at place i, so the sum at place i is i·n·(n+1)/2.
func TestReduceScatter(tt *testing.T) {
	t := onAllRanks(tt)
	table := func(counts []int) (send, want []int64) {
		n := int64(t.size)
		for r, count := range counts {
			for range count {
				i := int64(len(send))
				send = append(send, int64(t.rank+1)*i)
				if r == int(t.rank) {
					want = append(want, i*n*(n+1)/2)
				}
			}
		}
		return send, want
	}
	equal, unequal := slices.Repeat([]int{2}, t.size), make([]int, t.size)
	for r := range unequal {
		unequal[r] = r + 1
	}
	send, want := table(equal)
	give(t, want,
		variant[int64]{"ReduceScatterBlock", func() ([]int64, error) {
			recv := make([]int64, 2)
			return recv, mpi.ReduceScatterBlock(t.world, send, recv, mpi.OpSum)
		}},
		variant[int64]{"IreduceScatterBlock", func() ([]int64, error) {
			recv := make([]int64, 2)
			r, err := mpi.IreduceScatterBlock(t.world, send, recv, mpi.OpSum)
			return started(recv, r, err)
		}},
		variant[int64]{"ReduceScatterBlock in place", func() ([]int64, error) {
			recv := slices.Clone(send)
			return recv[:2], mpi.ReduceScatterBlock(t.world, mpi.InPlace[int64](), recv, mpi.OpSum)
		}})
	send, want = table(unequal)
	give(t, want,
		variant[int64]{"ReduceScatter", func() ([]int64, error) {
			recv := make([]int64, len(want))
			return recv, mpi.ReduceScatter(t.world, send, recv, unequal, mpi.OpSum)
		}},
		variant[int64]{"IreduceScatter", func() ([]int64, error) {
			recv := make([]int64, len(want))
			r, err := mpi.IreduceScatter(t.world, send, recv, unequal, mpi.OpSum)
			return started(recv, r, err)
		}},
		variant[int64]{"ReduceScatter in place", func() ([]int64, error) {
			recv := slices.Clone(send)
			return recv[:len(want)], mpi.ReduceScatter(t.world, mpi.InPlace[int64](), recv, unequal, mpi.OpSum)
		}})
	refused(t, "Block", mpi.ReduceScatterBlock(t.world, send, make([]int64, len(send)+1), mpi.OpSum), "Reduce_scatter_block", mpi.ErrCount)
	refused(t, "own", mpi.ReduceScatter(t.world, send, make([]int64, len(want)+1), unequal, mpi.OpSum), "Reduce_scatter", mpi.ErrCount)
	refused(t, "operation", mpi.ReduceScatter(t.world, send, make([]int64, len(want)), unequal, 0), "Reduce_scatter", mpi.ErrOp)
}

func TestReduceVariants(tt *testing.T) {
	t := onAllRanks(tt)
	n := int64(t.size)
	own, want := []int64{int64(t.rank) + 1}, []int64{n * (n + 1) / 2}
	give(t, want,
		variant[int64]{"Iallreduce", func() ([]int64, error) {
			recv := make([]int64, 1)
			r, err := mpi.Iallreduce(t.world, own, recv, mpi.OpSum)
			return started(recv, r, err)
		}},
		variant[int64]{"Allreduce in place", func() ([]int64, error) {
			recv := slices.Clone(own)
			return recv, mpi.Allreduce(t.world, mpi.InPlace[int64](), recv, mpi.OpSum)
		}})
	t.each(func(root mpi.Rank) {
		give(t, t.of(root, want),
			variant[int64]{"Ireduce", func() ([]int64, error) {
				recv := t.of(root, make([]int64, 1))
				r, err := mpi.Ireduce(t.world, own, recv, mpi.OpSum, root)
				return started(recv, r, err)
			}},
			variant[int64]{"Reduce in place", func() ([]int64, error) {
				if t.rank != root {
					return nil, mpi.Reduce(t.world, own, nil, mpi.OpSum, root)
				}
				recv := slices.Clone(own)
				return recv, mpi.Reduce(t.world, mpi.InPlace[int64](), recv, mpi.OpSum, root)
			}})
	})
}

// Rank r has ±(r·7 mod 4), which is 0, 3, 2, 1, and a value that all have; the index is
// the rank.
func TestLoc(tt *testing.T) {
	t := onAllRanks(tt)
	located[int16](t)
	located[int32](t)
	located[int64](t)
	located[float32](t)
	located[float64](t)
	one := []mpi.Loc[int32]{{1, 2}}
	refused(t, "operation", mpi.AllreduceLoc(t.world, one, make([]mpi.Loc[int32], 1), 0), "Allreduce", mpi.ErrOp)
}

func located[T mpi.Located](t spmd) {
	value := T([]int8{0, 3, 2, 1}[t.rank])
	own := []mpi.Loc[T]{{value, int32(t.rank)}, {-value, int32(t.rank)}, {5, int32(t.rank)}}
	most := mpi.Loc[T]{3, 1}
	if t.size == 1 {
		most = mpi.Loc[T]{0, 0}
	}
	minimum := []mpi.Loc[T]{{0, 0}, {-most.Value, most.Index}, {5, 0}}
	maximum := []mpi.Loc[T]{most, {0, 0}, {5, 0}}
	got := make([]mpi.Loc[T], 3)
	t.ok(mpi.AllreduceLoc(t.world, own, got, mpi.OpMinloc))
	if !slices.Equal(got, minimum) {
		t.Fatalf("%T at all ranks: got %v, want %v", value, got, minimum)
	}
	t.each(func(root mpi.Rank) {
		var got []mpi.Loc[T]
		if t.rank == root {
			got = make([]mpi.Loc[T], 3)
		}
		t.ok(mpi.ReduceLoc(t.world, own, got, mpi.OpMaxloc, root))
		if t.rank == root && !slices.Equal(got, maximum) {
			t.Fatalf("%T at root %d: got %v, want %v", value, root, got, maximum)
		}
	})
}
