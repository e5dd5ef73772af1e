package mpi

/*
#include "native_collective.h"

#cgo noescape native_barrier
#cgo nocallback native_barrier
#cgo noescape native_bcast
#cgo nocallback native_bcast
#cgo noescape native_scatter
#cgo nocallback native_scatter
#cgo noescape native_gather
#cgo nocallback native_gather
#cgo noescape native_allgather
#cgo nocallback native_allgather
*/
import "C"

// Barrier returns when every rank of c has called it (MPI 3.1, section 5.3). All
// ranks of c must call it.
func (c *Comm) Barrier() error { return c.barrier("Barrier", nil) }

// Ibarrier starts a Barrier (MPI 3.1, section 5.12.1): its request is done when every
// rank of c has called it.
func (c *Comm) Ibarrier() (*Request, error) {
	r := newRequest("Ibarrier")
	return r.started(c.barrier(r.op, r))
}

func (c *Comm) barrier(op string, r *Request) error {
	if err := r.begin(c, op); err != nil {
		return err
	}
	return r.began(c.process, op, C.native_barrier(c.handle, r.out(), c.process.native()))
}

// Bcast copies buf of rank root into buf of every rank of c (MPI 3.1, section
// 5.4). All ranks of c must call it with the same length, which may be 0; MPI may
// not notice when lengths differ.
func Bcast[T Number](c *Comm, buf []T, root Rank) error {
	b := bufferOf(buf)
	return c.bcast("Bcast", nil, &b, root)
}

// Ibcast starts a Bcast (MPI 3.1, section 5.12.2). Until the request is done, root
// must not write to buf and the others must not use it. All ranks of c must call
// it, in the same order among the collective calls on c; it does not match a Bcast
// of other ranks. The same holds for all calls here whose names begin with I.
func Ibcast[T Number](c *Comm, buf []T, root Rank) (*Request, error) {
	b := bufferOf(buf)
	r := newRequest("Ibcast", b)
	return r.started(c.bcast(r.op, r, &b, root))
}

func (c *Comm) bcast(op string, r *Request, b *buffer, root Rank) error {
	if err := c.checkRoot(op, root); err != nil {
		return err
	}
	n, err := b.count(op)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_bcast(b.ptr, n, p.typ(b.kind, b.derived), C.int(root), c.handle, r.out(), p.native()))
}

// Scatter divides send of rank root into equal blocks and writes block r to recv of
// rank r (MPI 3.1, section 5.6). All ranks of c must call it with the same len(recv).
// Only root reads send, of len(recv) times c.Size() elements; the others pass nil. Root
// may pass InPlace for recv: its block stays in send.
func Scatter[T Number](c *Comm, send, recv []T, root Rank) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.scatter("Scatter", nil, &out, &in, root)
}

// Iscatter starts a Scatter (MPI 3.1, section 5.12.4).
func Iscatter[T Number](c *Comm, send, recv []T, root Rank) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Iscatter", out, in)
	return r.started(c.scatter(r.op, r, &out, &in, root))
}

func (c *Comm) scatter(op string, r *Request, send, recv *buffer, root Rank) error {
	n, err := c.checkEqual(op, send, recv, root)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_scatter(send.ptr, recv.ptr, n, p.typ(recv.kind, recv.derived), C.int(root), c.handle, r.out(), p.native()))
}

// Gather writes send of every rank of c, in rank order, into recv of rank root (MPI
// 3.1, section 5.5). All ranks of c must call it with the same len(send). Only root
// writes recv, of len(send) times c.Size() elements; the others pass nil. Root may pass
// InPlace for send: its block is in recv already.
func Gather[T Number](c *Comm, send, recv []T, root Rank) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.gather("Gather", nil, &out, &in, root)
}

// Igather starts a Gather (MPI 3.1, section 5.12.3).
func Igather[T Number](c *Comm, send, recv []T, root Rank) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Igather", out, in)
	return r.started(c.gather(r.op, r, &out, &in, root))
}

func (c *Comm) gather(op string, r *Request, send, recv *buffer, root Rank) error {
	n, err := c.checkEqual(op, recv, send, root)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_gather(send.ptr, recv.ptr, n, p.typ(send.kind, send.derived), C.int(root), c.handle, r.out(), p.native()))
}

// Allgather writes send of every rank of c, in rank order, into recv of every
// rank (MPI 3.1, section 5.7). All ranks of c must call it with the same
// len(send), and len(recv) equal to len(send) times c.Size(). If all ranks pass InPlace
// for send, each rank's block is in its recv already.
func Allgather[T Number](c *Comm, send, recv []T) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.allgather("Allgather", nil, &out, &in)
}

// Iallgather starts an Allgather (MPI 3.1, section 5.12.5).
func Iallgather[T Number](c *Comm, send, recv []T) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Iallgather", out, in)
	return r.started(c.allgather(r.op, r, &out, &in))
}

func (c *Comm) allgather(op string, r *Request, send, recv *buffer) error {
	if err := c.exists(op); err != nil {
		return err
	}
	n, err := c.equalBlocks(op, recv, send)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_allgather(send.ptr, recv.ptr, n, p.typ(recv.kind, recv.derived), c.handle, r.out(), p.native()))
}

// checkEqual checks the arguments of a call that divides whole of rank root into equal
// blocks or joins it from them.
func (c *Comm) checkEqual(op string, whole, own *buffer, root Rank) (C.int, error) {
	if err := c.checkRoot(op, root); err != nil {
		return 0, err
	}
	if c.rank == root {
		return c.equalBlocks(op, whole, own)
	}
	if own.inPlace() {
		return 0, refuse(op, ErrBuffer, "rank %d is not root %d and has no block in place", c.rank, root)
	}
	return own.count(op)
}

// equalBlocks is the length of each of Size equal blocks of whole, of which own is one
// unless it is in place.
func (c *Comm) equalBlocks(op string, whole, own *buffer) (C.int, error) {
	if _, err := whole.count(op); err != nil {
		return 0, err
	}
	block := own.len
	if own.inPlace() {
		block = whole.len / c.size
	}
	if whole.len != block*c.size {
		return 0, refuse(op, ErrCount, "%d blocks of %d elements are not the %d elements of the whole", c.size, block, whole.len)
	}
	return C.int(block), disjoint(op, whole, own)
}

func disjoint(op string, a, b *buffer) error {
	if a.overlaps(b) {
		return refuse(op, ErrBuffer, "the send and the receive slice share memory")
	}
	return nil
}
