package mpi_test

import (
	"slices"
	"testing"

	"foliocast/mpicalc/mpi"
)

// A message on a duplicate is not received on the original.
func TestDup(tt *testing.T) {
	t := onAllRanks(tt)
	twin, err := t.world.Dup()
	t.ok(err)
	if twin.Rank() != t.rank || twin.Size() != t.size || twin.Process() != process {
		t.Fatalf("got rank %d of %d", twin.Rank(), twin.Size())
	}
	sent, err := mpi.Isend(twin, []byte{1}, t.next(), 0)
	t.ok(err)
	defer toNext(t, []byte{2}, 0)()
	for want, comm := range []*mpi.Comm{1: twin, 2: t.world} {
		if comm == nil {
			continue
		}
		got := make([]byte, 1)
		_, err := mpi.Recv(comm, got, t.prev(), 0)
		t.ok(err)
		if int(got[0]) != want {
			t.Fatalf("got the message %d instead of %d", got[0], want)
		}
	}
	t.ok(sent.Wait())
	t.ok(twin.Free())
}

func TestSelf(tt *testing.T) {
	t := onAllRanks(tt)
	self := process.Self()
	sum := make([]int32, 1)
	t.ok(mpi.Allreduce(self, []int32{7}, sum, mpi.OpSum))
	if self.Rank() != 0 || self.Size() != 1 || sum[0] != 7 {
		t.Fatalf("rank %d of %d, sum %d", self.Rank(), self.Size(), sum[0])
	}
	refused(t, "Free", self.Free(), "Comm_free", mpi.ErrComm)
}

func TestGroups(tt *testing.T) {
	t := onAllRanks(tt)
	all, err := t.world.Group()
	t.ok(err)
	last := mpi.Rank(t.size - 1)
	// ranksOf checks a group by the world's numbers of its ranks.
	ranksOf := func(name string, g *mpi.Group, err error, want ...mpi.Rank) *mpi.Group {
		t.ok(err)
		var own []mpi.Rank
		for r := range g.Size() {
			own = append(own, mpi.Rank(r))
		}
		got, err := g.Translate(all, own...)
		t.ok(err)
		if !slices.Equal(got, want) {
			t.Fatalf("%s: got the ranks %v, want %v", name, got, want)
		}
		place := mpi.Rank(slices.Index(want, t.rank))
		if place == -1 {
			place = mpi.Undefined
		}
		if g.Rank() != place {
			t.Fatalf("%s: rank %d, want %d", name, g.Rank(), place)
		}
		return g
	}
	var backward, rest []mpi.Rank
	for r := last; r >= 0; r-- {
		backward = append(backward, r)
	}
	for r := mpi.Rank(1); r <= last; r++ {
		rest = append(rest, r)
	}
	reversed, err := all.Include(backward...)
	ranksOf("Include", reversed, err, backward...)
	first, err := all.Include(0)
	ranksOf("Include of one", first, err, 0)
	others, err := all.Exclude(0)
	ranksOf("Exclude", others, err, rest...)
	both, err := others.Union(first)
	ranksOf("Union", both, err, append(slices.Clone(rest), 0)...)
	common, err := reversed.Intersection(others)
	ranksOf("Intersection", common, err, backward[:len(backward)-1]...)
	without, err := reversed.Difference(others)
	ranksOf("Difference", without, err, 0)
	if got, err := all.Translate(others, 0, mpi.ProcNull); err != nil || !slices.Equal(got, []mpi.Rank{mpi.Undefined, mpi.ProcNull}) {
		t.Fatalf("Translate: got %v and %v", got, err)
	}

	made, err := t.world.Create(reversed)
	t.ok(err)
	if want := last - t.rank; made.Rank() != want {
		t.Fatalf("Create: rank %d, want %d", made.Rank(), want)
	}
	t.ok(made.Free())
	part, err := t.world.Create(others)
	t.ok(err)
	if (part == nil) != (t.rank == 0) {
		t.Fatalf("Create: got %v", part)
	}
	if part != nil {
		t.ok(part.Free())
		part, err = t.world.CreateGroup(others)
		t.ok(err)
		if part.Size() != t.size-1 || part.Rank() != t.rank-1 {
			t.Fatalf("CreateGroup: rank %d of %d", part.Rank(), part.Size())
		}
		t.ok(part.Free())
	} else {
		_, err = t.world.CreateGroup(others)
		refused(t, "CreateGroup", err, "Comm_create_group", mpi.ErrGroup)
	}
	for _, wrong := range [][]mpi.Rank{{-1}, {last + 1}, {0, 0}} {
		_, err := all.Include(wrong...)
		refused(t, "Include", err, "Group_incl", mpi.ErrRank)
		_, err = all.Exclude(wrong...)
		refused(t, "Exclude", err, "Group_excl", mpi.ErrRank)
	}
	for _, g := range []*mpi.Group{reversed, first, others, both, common, without} {
		t.ok(g.Free())
		refused(t, "Free", g.Free(), "Group_free", mpi.ErrGroup)
	}
	_, err = all.Union(first)
	refused(t, "Union", err, "Group_union", mpi.ErrGroup)
	_, err = t.world.Create(nil)
	refused(t, "Create", err, "Comm_create", mpi.ErrGroup)
	t.ok(all.Free())
}

// A grid of n by 1 ranks, periodic along the first dimension only.
func TestCart(tt *testing.T) {
	t := onAllRanks(tt)
	grid, err := t.world.Cart([]int{t.size, 1}, []bool{true, false}, false)
	t.ok(err)
	if got := grid.Dims(); !slices.Equal(got, []int{t.size, 1}) {
		t.Fatalf("dimensions %v", got)
	}
	t.each(func(r mpi.Rank) {
		coords, err := grid.Coords(r)
		t.ok(err)
		if !slices.Equal(coords, []int{int(r), 0}) {
			t.Fatalf("rank %d is at %v", r, coords)
		}
		for _, around := range []int{0, t.size, -t.size} {
			got, err := grid.At(int(r)+around, 0)
			t.ok(err)
			if got != r {
				t.Fatalf("rank %d is at (%d, 0)", got, int(r)+around)
			}
		}
	})
	source, dest, err := grid.Shift(0, 1)
	t.ok(err)
	if source != t.prev() || dest != t.next() {
		t.Fatalf("along the ring: from %d to %d, want %d and %d", source, dest, t.prev(), t.next())
	}
	source, dest, err = grid.Shift(1, 1)
	t.ok(err)
	if source != mpi.ProcNull || dest != mpi.ProcNull {
		t.Fatalf("beyond the edge: from %d to %d, want nobody", source, dest)
	}
	// A grid is a communicator.
	sum := make([]int32, 1)
	t.ok(mpi.Allreduce(grid.Comm, []int32{1}, sum, mpi.OpSum))
	if int(sum[0]) != t.size {
		t.Fatalf("%d ranks in the grid", sum[0])
	}
	row, err := grid.Sub(false, true)
	t.ok(err)
	if row.Size() != 1 || !slices.Equal(row.Dims(), []int{1}) {
		t.Fatalf("a row has %d ranks, dimensions %v", row.Size(), row.Dims())
	}
	column, err := grid.Sub(true, false)
	t.ok(err)
	if column.Size() != t.size || column.Rank() != t.rank {
		t.Fatalf("a column has %d ranks", column.Size())
	}
	_, err = grid.At(0)
	refused(t, "At", err, "Cart_rank", mpi.ErrDims)
	_, _, err = grid.Shift(2, 1)
	refused(t, "Shift", err, "Cart_shift", mpi.ErrDims)
	_, err = grid.Sub(true)
	refused(t, "Sub", err, "Cart_sub", mpi.ErrDims)
	_, err = grid.Coords(mpi.Rank(t.size))
	refused(t, "Coords", err, "Cart_coords", mpi.ErrRank)
	if _, err = grid.At(0, 5); err == nil {
		t.Fatalf("a place beyond the edge has a rank")
	}
	for _, c := range []*mpi.Cart{row, column, grid} {
		t.ok(c.Free())
	}

	// A grid of one rank leaves the others out.
	small, err := t.world.Cart([]int{1}, []bool{false}, false)
	t.ok(err)
	if (small != nil) != (t.rank == 0) {
		t.Fatalf("rank %d in a grid of one: %v", t.rank, small)
	}
	if small != nil {
		t.ok(small.Free())
	}
	for _, wrong := range [][]int{{t.size + 1}, {0}, {-1}} {
		_, err := t.world.Cart(wrong, []bool{true}, true)
		refused(t, "Cart", err, "Cart_create", mpi.ErrDims)
	}
	_, err = t.world.Cart([]int{1}, nil, true)
	refused(t, "Cart", err, "Cart_create", mpi.ErrDims)
}

func TestDimsCreate(tt *testing.T) {
	t := onAllRanks(tt)
	square := [][]int{{}, {1, 1}, {2, 1}, {3, 1}, {2, 2}}[t.size]
	for _, c := range []struct{ asked, want []int }{
		{[]int{0, 0}, square},
		{[]int{0}, []int{t.size}},
		{[]int{1, 0}, []int{1, t.size}},
		{[]int{t.size}, []int{t.size}},
	} {
		got, err := t.world.DimsCreate(c.asked...)
		t.ok(err)
		if !slices.Equal(got, c.want) {
			t.Fatalf("%v: got %v, want %v", c.asked, got, c.want)
		}
	}
	for _, wrong := range [][]int{{-1}, {t.size + 1, 0}, {t.size * 2}} {
		_, err := t.world.DimsCreate(wrong...)
		refused(t, "DimsCreate", err, "Dims_create", mpi.ErrDims)
	}
}
