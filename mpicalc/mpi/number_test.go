package mpi_test

import (
	"errors"
	"math"
	"testing"

	"foliocast/mpicalc/mpi"
)

type price float64 // a named type is sent like its underlying type

// real is mpi.Number without the complex types.
type real interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

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
	moves(t, "complex64", complex(-math.MaxFloat32, 1), complex64(complex(0, math.SmallestNonzeroFloat32)))
	moves(t, "complex128", complex(-math.MaxFloat64, 1), complex(0, math.SmallestNonzeroFloat64))
}

// travels moves low and high, and reduces them.
func travels[T real](t spmd, name string, low, high T) {
	moves(t, name, low, high)
	reduces(t, name, low, high)
}

// moves sends low and high by every call.
func moves[T mpi.Number](t spmd, name string, low, high T) {
	want := [2]T{low, high}
	same := func(call string, got []T) {
		for i := range got {
			if got[i] != want[i%2] {
				t.Fatalf("%s of %s: got %v, want %v again and again", call, name, got, want)
			}
		}
	}
	got := make([]T, 2)
	sent := toNext(t, want[:], 0)
	status, err := mpi.Recv(t.world, got, t.prev(), 0)
	t.ok(err)
	if status.Count != 2 {
		t.Fatalf("Recv of %s: %d elements, want 2", name, status.Count)
	}
	same("Recv", got)
	sent()

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
}

// The product and the sum of complex numbers, by hand: (1+i)ⁿ has the absolute value
// √2ⁿ and turns by 45° with each factor.
func TestReduceComplex(tt *testing.T) {
	t := onAllRanks(tt)
	product := []complex128{1, 1 + 1i, 2i, -2 + 2i, -4}[t.size]
	sum := complex(float64(t.size), float64(t.size))
	for _, c := range []struct {
		op   mpi.Op
		want complex128
	}{{mpi.OpProd, product}, {mpi.OpSum, sum}} {
		long, short := make([]complex128, 1), make([]complex64, 1)
		t.ok(mpi.Allreduce(t.world, []complex128{1 + 1i}, long, c.op))
		t.ok(mpi.Allreduce(t.world, []complex64{1 + 1i}, short, c.op))
		if long[0] != c.want || short[0] != complex64(c.want) {
			t.Fatalf("reduction %d: got %v and %v, want %v", c.op, long[0], short[0], c.want)
		}
	}
	err := mpi.Allreduce(t.world, []complex64{1}, make([]complex64, 1), mpi.OpMax)
	if !errors.Is(err, mpi.ErrOp) {
		t.Fatalf("maximum of complex numbers: got %v, want class %v", err, mpi.ErrOp)
	}
}

// reduces checks reductions. The minimum and the maximum show that MPI computes
// with the right size and sign, the sum that it has the right type.
func reduces[T real](t spmd, name string, low, high T) {
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
