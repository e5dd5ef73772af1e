package mpi_test

import (
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// matrix has the number 10·i + j in row i and column j.
func matrix(rows, columns int) []float64 {
	var m []float64
	for i := range rows {
		for j := range columns {
			m = append(m, float64(10*i+j))
		}
	}
	return m
}

// packs sends n types from one slice to the next rank, which receives them as plain numbers,
// and the other way round.
func packs(t spmd, name string, of *mpi.Type[float64], n int, from []float64, want []float64) {
	request, err := of.Isend(t.world, from, n, t.next(), 1)
	t.ok(err)
	got := make([]float64, len(want)+1)
	status, err := mpi.Recv(t.world, got, t.prev(), 1)
	t.ok(err)
	t.ok(request.Wait())
	if status.Count != len(want) || !slices.Equal(got[:len(want)], want) {
		t.Fatalf("%s: %d numbers %v, want %v", name, status.Count, got, want)
	}
	defer toNext(t, want, 2)()
	back := make([]float64, len(from))
	status, err = of.Recv(t.world, back, n, t.prev(), 2)
	t.ok(err)
	if status.Count != n {
		t.Fatalf("%s: %d types came, want %d", name, status.Count, n)
	}
	for i, got := range back {
		if chosen := slices.Contains(want, from[i]); chosen && got != from[i] || !chosen && got != 0 {
			t.Fatalf("%s: unpacked to %v", name, back)
		}
	}
}

func TestTypes(tt *testing.T) {
	t := onAllRanks(tt)
	const rows, columns = 3, 4
	m := matrix(rows, columns)
	column, err := mpi.NewVector[float64](t.world, rows, 1, columns)
	t.ok(err)
	packs(t, "column", column, 1, m[1:], []float64{1, 11, 21})
	if column.Bytes() != 24 || column.Extent() != 2*columns+1 {
		t.Fatalf("a column has %d bytes and the extent %d", column.Bytes(), column.Extent())
	}
	next, err := column.Resized(1)
	t.ok(err)
	packs(t, "two columns", next, 2, m[1:], []float64{1, 11, 21, 2, 12, 22})
	if next.Extent() != 1 {
		t.Fatalf("extent %d, want 1", next.Extent())
	}
	some, err := mpi.NewIndexed[float64](t.world, []int{2, 1}, []int{5, 1})
	t.ok(err)
	packs(t, "indexed", some, 1, m, []float64{11, 12, 1})
	block, err := mpi.NewSubarray[float64](t.world, []int{rows, columns}, []int{2, 2}, []int{1, 2})
	t.ok(err)
	packs(t, "block", block, 1, m, []float64{12, 13, 22, 23})
	if block.Extent() != rows*columns {
		t.Fatalf("the extent of a block is %d", block.Extent())
	}

	// A slice that is too short by one element.
	for _, c := range []struct {
		of  *mpi.Type[float64]
		n   int
		buf []float64
	}{
		{column, 1, m[:2*columns]}, {next, 2, m[:2*columns+1]}, {some, 1, m[:6]}, {block, 1, m[:columns*rows-1]},
		{block, 2, m}, {column, -1, m}, {column, 1 << 40, m},
	} {
		refused(t, "Send", c.of.Send(t.world, c.buf, c.n, t.next(), 1), "Send", mpi.ErrCount)
	}
	t.ok(column.Free())
	refused(t, "Free", column.Free(), "Type_free", mpi.ErrType)
	refused(t, "Bcast", column.Bcast(t.world, m, 1, 0), "Bcast", mpi.ErrType)
	_, err = column.Resized(1)
	refused(t, "Resized", err, "Type_create_resized", mpi.ErrType)
	for _, of := range []*mpi.Type[float64]{next, some, block} {
		t.ok(of.Free())
	}
}

func TestTypesRefused(tt *testing.T) {
	t := onAllRanks(tt)
	_, err := mpi.NewVector[byte](t.world, 1, 3, 2)
	refused(t, "overlap", err, "Type_vector", mpi.ErrArg)
	_, err = mpi.NewVector[byte](t.world, -1, 1, 2)
	refused(t, "negative", err, "Type_vector", mpi.ErrArg)
	_, err = mpi.NewIndexed[byte](t.world, []int{1}, nil)
	refused(t, "offsets", err, "Type_indexed", mpi.ErrCount)
	_, err = mpi.NewIndexed[byte](t.world, []int{1}, []int{-1})
	refused(t, "before", err, "Type_indexed", mpi.ErrArg)
	_, err = mpi.NewSubarray[byte](t.world, []int{3}, []int{2}, []int{2})
	refused(t, "beyond", err, "Type_create_subarray", mpi.ErrArg)
	_, err = mpi.NewSubarray[byte](t.world, []int{3}, []int{2, 1}, []int{0})
	refused(t, "dimensions", err, "Type_create_subarray", mpi.ErrDims)
	_, err = mpi.NewVector[byte](nil, 1, 1, 1)
	refused(t, "nil", err, "Type_vector", mpi.ErrComm)
}

// particle has bytes between its fields that are not sent.
type particle struct {
	Kind     int8
	Position [3]float64
	Charge   int16
	Spin     [2]struct{ Up, Down float32 }
	Phase    complex64
	_        [3]uint64
}

func TestStruct(tt *testing.T) {
	t := onAllRanks(tt)
	of, err := mpi.NewStruct[particle](t.world)
	t.ok(err)
	if of.Bytes() != 1+3*8+2+4*4+8 || of.Extent() != 1 {
		t.Fatalf("a particle has %d bytes and the extent %d", of.Bytes(), of.Extent())
	}
	own := func(r mpi.Rank, i int) particle {
		p := particle{Kind: -int8(r) - 1, Position: [3]float64{float64(i), 0.5, float64(r)}, Charge: int16(300 * i), Phase: complex(1, float32(r))}
		p.Spin[1].Down = float32(i)
		return p
	}
	mine, want := []particle{own(t.rank, 0), own(t.rank, 1)}, []particle{own(t.prev(), 0), own(t.prev(), 1)}
	got := make([]particle, 2)
	status, err := of.Sendrecv(t.world, mine, t.next(), 0, got, t.prev(), 0, 2)
	t.ok(err)
	if status.Count != 2 || !slices.Equal(got, want) {
		t.Fatalf("Sendrecv: %d particles %v, want %v", status.Count, got, want)
	}
	clear(got)
	in, err := of.Irecv(t.world, got, 2, t.prev(), 1)
	t.ok(err)
	out, err := of.Isend(t.world, mine, 2, t.next(), 1)
	t.ok(err)
	t.ok(mpi.Waitall(in, out))
	if in.Status().Count != 2 || !slices.Equal(got, want) {
		t.Fatalf("Irecv: %d particles %v, want %v", in.Status().Count, got, want)
	}
	t.each(func(root mpi.Rank) {
		one := make([]particle, 1)
		if t.rank == root {
			one[0] = own(root, 9)
		}
		t.ok(of.Bcast(t.world, one, 1, root))
		if one[0] != own(root, 9) {
			t.Fatalf("Bcast from %d: %v", root, one)
		}
		var all []particle
		if t.rank == root {
			all = make([]particle, 2*t.size)
		}
		t.ok(of.Gather(t.world, mine, all, 2, root))
		for i, p := range all {
			if p != own(mpi.Rank(i/2), i%2) {
				t.Fatalf("Gather at %d: particle %d is %v", root, i, p)
			}
		}
		clear(got)
		t.ok(of.Scatter(t.world, all, got, 2, root))
		if !slices.Equal(got, mine) {
			t.Fatalf("Scatter from %d: %v", root, got)
		}
	})
	t.ok(of.Free())
	_, err = mpi.NewStruct[struct{ n int }](t.world)
	refused(t, "int", err, "Type_create_struct", mpi.ErrType)
	_, err = mpi.NewStruct[struct{ p *int32 }](t.world)
	refused(t, "pointer", err, "Type_create_struct", mpi.ErrType)
	_, err = mpi.NewStruct[float64](t.world)
	refused(t, "number", err, "Type_create_struct", mpi.ErrType)
}

// The column of one part of a matrix goes to another part of it.
func TestTypesWithinOneArray(tt *testing.T) {
	t := onAllRanks(tt)
	m := matrix(3, 4)
	column, err := mpi.NewVector[float64](t.world, 3, 1, 4)
	t.ok(err)
	_, err = column.Sendrecv(t.world, m[1:], t.next(), 0, m[3:], t.prev(), 0, 1)
	t.ok(err)
	if want := []float64{0, 1, 2, 1, 10, 11, 12, 11, 20, 21, 22, 21}; !slices.Equal(m, want) {
		t.Fatalf("got %v, want %v", m, want)
	}
	t.ok(column.Free())
}
