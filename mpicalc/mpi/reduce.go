package mpi

/*
#include "native_collective.h"

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
// integers, and the minimum and the maximum not for complex numbers; otherwise the
// error has the class ErrOp.
const (
	OpSum Op = iota + 1
	OpProd
	OpMin
	OpMax
	OpLand // 1 when both are not 0, else 0
	OpLor  // 1 when one of them is not 0, else 0
	OpLxor // 1 when exactly one of them is not 0, else 0
	OpBand
	OpBor
	OpBxor

	// For pairs: ReduceLoc and AllreduceLoc have a type of their own.
	opMinloc
	opMaxloc
)

// Reduce combines element i of send over all ranks of c into element i of recv
// of rank root (MPI 3.1, section 5.9.1). All ranks of c must call it with the same
// len(send), op and root. At root len(recv) must be len(send); the others pass nil.
// Root may pass InPlace for send: its numbers are in recv.
func Reduce[T Number](c *Comm, send, recv []T, op Op, root Rank) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.reduce("Reduce", nil, &out, &in, op.checked(), root)
}

// Ireduce starts a Reduce (MPI 3.1, section 5.12.7).
func Ireduce[T Number](c *Comm, send, recv []T, op Op, root Rank) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Ireduce", out, in)
	return r.started(c.reduce(r.op, r, &out, &in, op.checked(), root))
}

func (c *Comm) reduce(op string, r *Request, send, recv *buffer, how Op, root Rank) error {
	if err := c.checkRoot(op, root); err != nil {
		return err
	}
	if c.rank != root {
		if send.inPlace() {
			return refuse(op, ErrBuffer, "rank %d is not root %d and has no numbers in place", c.rank, root)
		}
		recv.len = send.len // not looked at by MPI
		recv.ptr = nil
	}
	n, err := checkReduction(op, send, recv, how)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_reduce(send.ptr, recv.ptr, n, p.typ(send.kind, send.derived), C.int(how), C.int(root), c.handle, r.out(), p.native()))
}

// Allreduce is Reduce to recv of every rank (MPI 3.1, section 5.9.6). All ranks of
// c must call it. If all ranks pass InPlace for send, their numbers are in recv.
func Allreduce[T Number](c *Comm, send, recv []T, op Op) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.allreduce("Allreduce", nil, &out, &in, op.checked())
}

// Iallreduce starts an Allreduce (MPI 3.1, section 5.12.8).
func Iallreduce[T Number](c *Comm, send, recv []T, op Op) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Iallreduce", out, in)
	return r.started(c.allreduce(r.op, r, &out, &in, op.checked()))
}

func (c *Comm) allreduce(op string, r *Request, send, recv *buffer, how Op) error {
	if err := c.exists(op); err != nil {
		return err
	}
	n, err := checkReduction(op, send, recv, how)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_allreduce(send.ptr, recv.ptr, n, p.typ(recv.kind, recv.derived), C.int(how), c.handle, r.out(), p.native()))
}

// checked is 0 for a reduction that numbers do not have.
func (o Op) checked() Op {
	if o > OpBxor {
		return 0
	}
	return o
}

// checkReduction returns the number of elements to combine, which are those of recv.
func checkReduction(op string, send, recv *buffer, how Op) (C.int, error) {
	if how < OpSum || how > opMaxloc {
		return 0, noReduction(op)
	}
	if recv.len != send.len && !send.inPlace() {
		return 0, refuse(op, ErrCount, "%d elements to send and %d to receive", send.len, recv.len)
	}
	if err := disjoint(op, send, recv); err != nil {
		return 0, err
	}
	return recv.count(op)
}

func noReduction(op string) error {
	return refuse(op, ErrOp, "there is no such reduction of numbers")
}
