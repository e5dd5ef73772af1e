package mpi

/*
#include "native_comm.h"
*/
import "C"

import "unsafe"

// Group is an ordered set of ranks, from which a communicator can be made (MPI 3.1,
// section 6.2.1). All calls on groups are local: any rank may make them alone.
type Group struct {
	process *Process
	handle  C.native_handle
	rank    Rank
	size    int
	freed   bool
}

// Group is the group of c's ranks (MPI_Comm_group; MPI 3.1, section 6.3.2).
func (c *Comm) Group() (*Group, error) {
	const op = "Comm_group"
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	return newGroup(op, c.process, func(made *C.native_handle) C.int { return C.native_group_of(c.handle, made) })
}

// newGroup runs a call that makes a group, inside MPI.
func newGroup(op string, p *Process, call func(made *C.native_handle) C.int) (*Group, error) {
	g := &Group{process: p}
	if err := check(op, call(&g.handle)); err != nil {
		return nil, err
	}
	var rank, size C.int
	if err := check(op, C.native_group_facts(g.handle, &rank, &size)); err != nil {
		return nil, err
	}
	g.rank, g.size = Rank(rank), int(size)
	return g, nil
}

// Size is the number of ranks in g. Any goroutine may call it at any moment.
func (g *Group) Size() int { return g.size }

// Rank is the caller's number in g, or Undefined when it is no member. Any goroutine may
// call it at any moment.
func (g *Group) Rank() Rank { return g.rank }

// Include makes the group of the given ranks of g, in the order given (MPI_Group_incl;
// MPI 3.1, section 6.3.2).
func (g *Group) Include(ranks ...Rank) (*Group, error) { return g.pick("Group_incl", true, ranks) }

// Exclude makes the group of the other ranks of g, in their order (MPI_Group_excl; MPI
// 3.1, section 6.3.2).
func (g *Group) Exclude(ranks ...Rank) (*Group, error) { return g.pick("Group_excl", false, ranks) }

func (g *Group) pick(op string, include bool, ranks []Rank) (*Group, error) {
	if err := g.enter(op); err != nil {
		return nil, err
	}
	defer g.process.leave()
	seen := make([]bool, g.size)
	for _, r := range ranks {
		if r < 0 || int(r) >= g.size || seen[r] {
			return nil, refuse(op, ErrRank, "rank %d is not from 0 to %d, or is named twice", r, g.size-1)
		}
		seen[r] = true
	}
	native := ints(ranks)
	return newGroup(op, g.process, func(made *C.native_handle) C.int {
		return C.native_group_pick(g.handle, boolean(include), C.int(len(native)), unsafe.SliceData(native), made)
	})
}

// Union makes the group of the ranks of g and then those of other that are not in g (MPI
// 3.1, section 6.3.2).
func (g *Group) Union(other *Group) (*Group, error) {
	return g.join("Group_union", C.native_union, other)
}

// Intersection makes the group of the ranks of g that are in other, in the order of g (MPI
// 3.1, section 6.3.2).
func (g *Group) Intersection(other *Group) (*Group, error) {
	return g.join("Group_intersection", C.native_intersection, other)
}

// Difference makes the group of the ranks of g that are not in other, in the order of g
// (MPI 3.1, section 6.3.2).
func (g *Group) Difference(other *Group) (*Group, error) {
	return g.join("Group_difference", C.native_difference, other)
}

func (g *Group) join(op string, how C.int, other *Group) (*Group, error) {
	if err := g.enterWith(op, other); err != nil {
		return nil, err
	}
	defer g.process.leave()
	return newGroup(op, g.process, func(made *C.native_handle) C.int {
		return C.native_group_join(how, g.handle, other.handle, made)
	})
}

// Translate returns the numbers in other of the given ranks of g, Undefined for those that
// are not in it (MPI_Group_translate_ranks; MPI 3.1, section 6.3.1). ProcNull stays
// ProcNull.
func (g *Group) Translate(other *Group, ranks ...Rank) ([]Rank, error) {
	const op = "Group_translate_ranks"
	if err := g.enterWith(op, other); err != nil {
		return nil, err
	}
	defer g.process.leave()
	for _, r := range ranks {
		if (r < 0 || int(r) >= g.size) && r != ProcNull {
			return nil, refuse(op, ErrRank, "rank %d is not from 0 to %d", r, g.size-1)
		}
	}
	from, to := ints(ranks), make([]C.int, len(ranks))
	code := C.native_group_translate(g.handle, C.int(len(from)), unsafe.SliceData(from), other.handle, unsafe.SliceData(to))
	if err := check(op, code); err != nil {
		return nil, err
	}
	translated := make([]Rank, len(to))
	for i, r := range to {
		translated[i] = Rank(r)
		if ranks[i] == ProcNull { // both libraries forget it where other is empty
			translated[i] = ProcNull
		}
	}
	return translated, nil
}

// Free releases g (MPI 3.1, section 6.3.3). Communicators made of it stay.
func (g *Group) Free() error {
	const op = "Group_free"
	if err := g.enter(op); err != nil {
		return err
	}
	defer g.process.leave()
	if err := check(op, C.native_group_free(g.handle)); err != nil {
		return err
	}
	g.freed = true
	return nil
}

// Create makes a communicator of the ranks of g, which are some of c's, or returns nil
// to the others (MPI_Comm_create; MPI 3.1, section 6.4.2). All ranks of c must call it
// with the same group.
func (c *Comm) Create(g *Group) (*Comm, error) {
	const op = "Comm_create"
	if err := g.exists(op); err != nil {
		return nil, err
	}
	return c.make(op, func(made *C.native_handle) C.int { return C.native_create(c.handle, g.handle, made) })
}

// CreateGroup is Create that only the ranks of g call (MPI_Comm_create_group; MPI 3.1,
// section 6.4.2).
func (c *Comm) CreateGroup(g *Group) (*Comm, error) {
	const op = "Comm_create_group"
	if err := g.exists(op); err != nil {
		return nil, err
	}
	if g.rank == Undefined {
		return nil, refuse(op, ErrGroup, "the calling rank is not in the group")
	}
	return c.make(op, func(made *C.native_handle) C.int { return C.native_create_group(c.handle, g.handle, made) })
}

func (g *Group) exists(op string) error {
	if g == nil || g.process == nil || g.freed {
		return refuse(op, ErrGroup, "the group is nil or was freed")
	}
	return nil
}

func (g *Group) enter(op string) error {
	if err := g.exists(op); err != nil {
		return err
	}
	return g.process.enter(op)
}

func (g *Group) enterWith(op string, other *Group) error {
	if err := other.exists(op); err != nil {
		return err
	}
	return g.enter(op)
}

// ints are numbers as MPI takes them. They have been checked to fit.
func ints[T ~int](numbers []T) []C.int {
	all := make([]C.int, len(numbers))
	for i, n := range numbers {
		all[i] = C.int(n)
	}
	return all
}
