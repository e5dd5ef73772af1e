package mpi

/*
#include "native.h"

#cgo noescape native_reduce
#cgo nocallback native_reduce
#cgo noescape native_allreduce
#cgo nocallback native_allreduce
*/
import "C"

// Op is how Reduce combines two numbers. The order of combination depends on
// the number of ranks, so sums of floating-point numbers may differ in their last
// bits between worlds of different sizes.
type Op int

// MPI's reductions (MPI 3.1, section 5.9.2). The logical and bitwise ones are for
// integers; with floats the error has the class ErrOp.
const (
	OpSum Op = iota + 1
	OpProd
	OpMin
	OpMax
	OpLand // 1 when both are not 0, else 0
	OpLor  // 1 when one of them is not 0, else 0
	OpBand
	OpBor
)

// Reduce combines element i of send over all ranks of c into element i of recv
// of rank root (MPI 3.1, section 5.9.1). All ranks of c must call it with the same
// len(send), op and root. At root len(recv) must be len(send); the others pass nil.
func Reduce[T Number](c *Comm, send, recv []T, op Op, root Rank) error {
	return c.reduce(bufferOf(send), bufferOf(recv), op, root)
}

func (c *Comm) reduce(send, recv buffer, how Op, root Rank) error {
	const op = "Reduce"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	if err := c.checkRoot(op, root); err != nil {
		return err
	}
	if c.rank != root {
		recv.len = send.len // not looked at by MPI
		recv.ptr = nil
	}
	n, err := checkReduction(op, send, recv, how)
	if err != nil {
		return err
	}
	return check(op, C.native_reduce(send.ptr, recv.ptr, n, send.kind, C.int(how), C.int(root), c.handle))
}

// Allreduce is Reduce to recv of every rank (MPI 3.1, section 5.9.6). All ranks of
// c must call it.
func Allreduce[T Number](c *Comm, send, recv []T, op Op) error {
	return c.allreduce(bufferOf(send), bufferOf(recv), op)
}

func (c *Comm) allreduce(send, recv buffer, how Op) error {
	const op = "Allreduce"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	n, err := checkReduction(op, send, recv, how)
	if err != nil {
		return err
	}
	return check(op, C.native_allreduce(send.ptr, recv.ptr, n, send.kind, C.int(how), c.handle))
}

func checkReduction(op string, send, recv buffer, how Op) (C.int, error) {
	if how < OpSum || how > OpBor {
		return 0, refuse(op, ErrOp, "reduction %d does not exist", how)
	}
	if recv.len != send.len {
		return 0, refuse(op, ErrCount, "%d elements to send and %d to receive", send.len, recv.len)
	}
	if err := disjoint(op, send, recv); err != nil {
		return 0, err
	}
	return send.count(op)
}
