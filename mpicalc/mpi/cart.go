package mpi

/*
#include "native_comm.h"
*/
import "C"

import (
	"math"
	"slices"
	"unsafe"
)

// Cart is a communicator whose ranks form a grid (MPI 3.1, section 7.5.1). Its own
// methods but Sub are local: any rank may call them alone.
type Cart struct {
	*Comm
	dims []int
}

// Cart makes a grid with dims[i] ranks along dimension i of the first ranks of c; ranks
// that the grid does not need get nil (MPI_Cart_create; MPI 3.1, section 7.5.1). Along a
// periodic dimension the last rank is a neighbour of the first. With reorder, MPI may
// number the ranks anew, so that neighbours are near each other. All ranks of c must call
// it with the same arguments.
func (c *Comm) Cart(dims []int, periodic []bool, reorder bool) (*Cart, error) {
	const op = "Cart_create"
	if err := c.exists(op); err != nil {
		return nil, err
	}
	if len(periodic) != len(dims) {
		return nil, refuse(op, ErrDims, "%d dimensions, and %d that say whether they are periodic", len(dims), len(periodic))
	}
	ranks := 1
	for i, n := range dims {
		if n < 1 || n > c.size/ranks {
			return nil, refuse(op, ErrDims, "dimension %d of %d ranks does not fit into %d", i, n, c.size)
		}
		ranks *= n
	}
	native, periods := ints(dims), booleans(periodic)
	grid, err := c.make(op, func(made *C.native_handle) C.int {
		return C.native_cart_create(c.handle, C.int(len(dims)), unsafe.SliceData(native), unsafe.SliceData(periods), boolean(reorder), made)
	})
	if grid == nil || err != nil {
		return nil, err
	}
	return &Cart{grid, append([]int(nil), dims...)}, nil
}

// Dims is the number of ranks along each dimension. Any goroutine may call it at any
// moment.
func (c *Cart) Dims() []int { return append([]int(nil), c.dims...) }

// Coords is where in the grid a rank is (MPI_Cart_coords; MPI 3.1, section 7.5.5).
func (c *Cart) Coords(rank Rank) ([]int, error) {
	const op = "Cart_coords"
	if err := c.Comm.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	if rank < 0 || int(rank) >= c.size {
		return nil, refuse(op, ErrRank, "rank %d is not from 0 to %d", rank, c.size-1)
	}
	native := make([]C.int, len(c.dims))
	if err := check(op, C.native_cart_coords(c.handle, C.int(rank), C.int(len(native)), unsafe.SliceData(native))); err != nil {
		return nil, err
	}
	coords := make([]int, len(native))
	for i, n := range native {
		coords[i] = int(n)
	}
	return coords, nil
}

// At is the rank at a place of the grid (MPI_Cart_rank; MPI 3.1, section 7.5.5). A
// coordinate beyond the grid counts on from its other end where the dimension is periodic,
// and is an error where it is not.
func (c *Cart) At(coords ...int) (Rank, error) {
	const op = "Cart_rank"
	if err := c.Comm.enter(op); err != nil {
		return 0, err
	}
	defer c.process.leave()
	if len(coords) != len(c.dims) {
		return 0, refuse(op, ErrDims, "%d coordinates in a grid of %d dimensions", len(coords), len(c.dims))
	}
	for i, n := range coords {
		if n < math.MinInt32 || n > math.MaxInt32 {
			return 0, refuse(op, ErrArg, "coordinate %d is %d, which has more than 32 bits", i, n)
		}
	}
	native := ints(coords)
	var rank C.int
	err := check(op, C.native_cart_rank(c.handle, unsafe.SliceData(native), &rank))
	return Rank(rank), err
}

// Shift is from whom the caller receives and to whom it sends when all ranks pass values
// by steps along a dimension (MPI_Cart_shift; MPI 3.1, section 7.5.6): the ranks at that
// distance on either side, or ProcNull beyond the edge. Sendrecv takes both.
func (c *Cart) Shift(dimension, by int) (source, dest Rank, err error) {
	const op = "Cart_shift"
	if err := c.Comm.enter(op); err != nil {
		return 0, 0, err
	}
	defer c.process.leave()
	if dimension < 0 || dimension >= len(c.dims) {
		return 0, 0, refuse(op, ErrDims, "dimension %d is not from 0 to %d", dimension, len(c.dims)-1)
	}
	if by < math.MinInt32 || by > math.MaxInt32 {
		return 0, 0, refuse(op, ErrArg, "%d steps have more than 32 bits", by)
	}
	var from, to C.int
	err = check(op, C.native_cart_shift(c.handle, C.int(dimension), C.int(by), &from, &to))
	return Rank(from), Rank(to), err
}

// Sub divides the grid into grids of the dimensions that keep says, and returns the
// caller's (MPI_Cart_sub; MPI 3.1, section 7.5.7): the rows of a grid, for example. All
// ranks of c must call it with the same keep.
func (c *Cart) Sub(keep ...bool) (*Cart, error) {
	const op = "Cart_sub"
	if len(keep) != len(c.dims) {
		return nil, refuse(op, ErrDims, "%d dimensions to keep or not, in a grid of %d", len(keep), len(c.dims))
	}
	var dims []int
	for i, kept := range keep {
		if kept {
			dims = append(dims, c.dims[i])
		}
	}
	native := booleans(keep)
	part, err := c.make(op, func(made *C.native_handle) C.int {
		return C.native_cart_sub(c.handle, unsafe.SliceData(native), made)
	})
	if err != nil {
		return nil, err
	}
	return &Cart{part, dims}, nil
}

// DimsCreate divides c's ranks into the grid of len(dims) dimensions that is nearest to a
// cube (MPI_Dims_create; MPI 3.1, section 7.5.2). A dimension in dims that is not 0 stays
// as it is. Any rank may call it alone.
func (c *Comm) DimsCreate(dims ...int) ([]int, error) {
	const op = "Dims_create"
	if err := c.exists(op); err != nil {
		return nil, err
	}
	left := c.size
	for i, n := range dims {
		if n < 0 || n > 0 && left%n != 0 {
			return nil, refuse(op, ErrDims, "dimension %d is %d, by which %d ranks cannot be divided", i, n, left)
		}
		left /= max(n, 1)
	}
	if left > 1 && !slices.Contains(dims, 0) {
		return nil, refuse(op, ErrDims, "%d ranks do not divide into the dimensions given", c.size)
	}
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	native := ints(dims)
	if err := check(op, C.native_dims_create(C.int(c.size), C.int(len(native)), unsafe.SliceData(native))); err != nil {
		return nil, err
	}
	all := make([]int, len(native))
	for i, n := range native {
		all[i] = int(n)
	}
	return all, nil
}

func booleans(all []bool) []C.int {
	native := make([]C.int, len(all))
	for i, b := range all {
		native[i] = boolean(b)
	}
	return native
}
