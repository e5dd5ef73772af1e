package mpi_test

import (
	"math"
	"testing"

	"foliocast/mpicalc/mpi"
)

type price float64 // a named type is sent like its underlying type

func TestEveryType(tt *testing.T) {
	t := onAllRanks(tt)
	travels(t, "int8", math.MinInt8, int8(math.MaxInt8))
	travels(t, "int16", math.MinInt16, int16(math.MaxInt16))
	travels(t, "int32", math.MinInt32, int32(math.MaxInt32))
	travels(t, "int64", math.MinInt64, int64(math.MaxInt64))
	travels(t, "uint8", 0, uint8(math.MaxUint8))
	travels(t, "uint16", 0, uint16(math.MaxUint16))
	travels(t, "uint32", 0, uint32(math.MaxUint32))
	travels(t, "uint64", 0, uint64(math.MaxUint64))
	travels(t, "float32", -math.MaxFloat32, float32(math.SmallestNonzeroFloat32))
	travels(t, "float64", -math.MaxFloat64, math.SmallestNonzeroFloat64)
	travels(t, "price", price(math.Inf(-1)), price(0.1))
}

// travels sends low and high by every call, and reduces them.
func travels[T mpi.Number](t spmd, name string, low, high T) {
	want := [2]T{low, high}
	same := func(call string, got []T) {
		for i := range got {
			if got[i] != want[i%2] {
				t.Fatalf("%s of %s: got %v, want %v again and again", call, name, got, want)
			}
		}
	}
	got := make([]T, 2)
	t.ok(mpi.Send(t.world, want[:], t.next(), 0))
	status, err := mpi.Recv(t.world, got, t.prev(), 0)
	t.ok(err)
	if status.Count != 2 {
		t.Fatalf("Recv of %s: %d elements, want 2", name, status.Count)
	}
	same("Recv", got)

	all := make([]T, 2*t.size)
	t.ok(mpi.Allgather(t.world, want[:], all))
	same("Allgather", all)

	counts := make([]int, t.size)
	for i := range counts {
		counts[i] = 2
	}
	t.each(func(root mpi.Rank) {
		clear(got)
		if t.rank == root {
			got[0], got[1] = low, high
		}
		t.ok(mpi.Bcast(t.world, got, root))
		same("Bcast", got)

		clear(got)
		if t.rank == root {
			got[0], got[1] = low, high
		}
		request, err := mpi.Ibcast(t.world, got, root)
		t.ok(err)
		t.ok(request.Wait())
		same("Ibcast", got)

		clear(got)
		t.ok(mpi.Scatterv(t.world, all, counts, got, root))
		same("Scatterv", got)

		back := make([]T, 2*t.size)
		t.ok(mpi.Gatherv(t.world, got, back, counts, root))
		if t.rank == root {
			same("Gatherv", back)
		}
	})
	reduces(t, name, low, high)
}

// reduces checks reductions. The minimum and the maximum show that MPI computes
// with the right size and sign, the sum that it has the right type.
func reduces[T mpi.Number](t spmd, name string, low, high T) {
	sum := make([]T, 1)
	t.ok(mpi.Allreduce(t.world, []T{1}, sum, mpi.OpSum))
	if sum[0] != T(t.size) {
		t.Fatalf("sum of %s: got %v, want %d", name, sum[0], t.size)
	}
	mixed, least, most := []T{low, high}, make([]T, 2), make([]T, 2)
	if t.rank%2 == 1 {
		mixed[0], mixed[1] = high, low
	}
	t.ok(mpi.Allreduce(t.world, mixed, least, mpi.OpMin))
	t.ok(mpi.Allreduce(t.world, mixed, most, mpi.OpMax))
	wantLeast, wantMost := [2]T{low, low}, [2]T{high, high}
	if t.size == 1 {
		wantLeast, wantMost = [2]T{low, high}, [2]T{low, high}
	}
	if [2]T(least) != wantLeast || [2]T(most) != wantMost {
		t.Fatalf("%s: minimum %v and maximum %v, want %v and %v", name, least, most, wantLeast, wantMost)
	}
}
