package mpi

/*
#include "native_collective.h"

#cgo noescape native_scan
#cgo nocallback native_scan
#cgo noescape native_exscan
#cgo nocallback native_exscan
#cgo noescape native_reduce_scatter
#cgo nocallback native_reduce_scatter
#cgo noescape native_reduce_scatter_block
#cgo nocallback native_reduce_scatter_block
*/
import "C"

// Scan combines element i of send over the ranks 0 to r of c into element i of recv of
// rank r (MPI 3.1, section 5.11.1). All ranks of c must call it with the same len(send),
// which is len(recv), and op. A rank that passes InPlace for send has its numbers in
// recv.
func Scan[T Number](c *Comm, send, recv []T, op Op) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.scan("Scan", nil, &out, &in, op)
}

// Iscan starts a Scan (MPI 3.1, section 5.12.11).
func Iscan[T Number](c *Comm, send, recv []T, op Op) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Iscan", out, in)
	return r.started(c.scan(r.op, r, &out, &in, op))
}

func (c *Comm) scan(op string, r *Request, send, recv *buffer, how Op) error {
	n, err := c.beginReduction(op, r, send, recv, how)
	if err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_scan(send.ptr, recv.ptr, n, p.typ(recv.kind, recv.derived), C.int(how), c.handle, r.out(), p.native()))
}

// Exscan is Scan over the ranks 0 to r-1: without the caller's own (MPI 3.1, section
// 5.11.2). At rank 0 there is nothing to combine, and recv means nothing afterwards.
func Exscan[T Number](c *Comm, send, recv []T, op Op) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.exscan("Exscan", nil, &out, &in, op)
}

// Iexscan starts an Exscan (MPI 3.1, section 5.12.12).
func Iexscan[T Number](c *Comm, send, recv []T, op Op) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Iexscan", out, in)
	return r.started(c.exscan(r.op, r, &out, &in, op))
}

func (c *Comm) exscan(op string, r *Request, send, recv *buffer, how Op) error {
	n, err := c.beginReduction(op, r, send, recv, how)
	if err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_exscan(send.ptr, recv.ptr, n, p.typ(recv.kind, recv.derived), C.int(how), c.handle, r.out(), p.native()))
}

// beginReduction checks a scan and enters MPI.
func (c *Comm) beginReduction(op string, r *Request, send, recv *buffer, how Op) (C.int, error) {
	if err := c.exists(op); err != nil {
		return 0, err
	}
	n, err := checkReduction(op, send, recv, how.checked())
	if err != nil {
		return 0, err
	}
	return n, r.begin(c, op)
}

// ReduceScatterBlock combines send of all ranks, as Allreduce does, and leaves block r
// of the result in recv of rank r (MPI 3.1, section 5.10.1). All ranks of c must call it
// with the same len(recv) and op, and len(send) equal to len(recv) times c.Size(). If all
// ranks pass InPlace for send, recv has the numbers of all blocks, and its first block
// becomes the result.
func ReduceScatterBlock[T Number](c *Comm, send, recv []T, op Op) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.reduceScatterBlock("Reduce_scatter_block", nil, &out, &in, op)
}

// IreduceScatterBlock starts a ReduceScatterBlock (MPI 3.1, section 5.12.9).
func IreduceScatterBlock[T Number](c *Comm, send, recv []T, op Op) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Ireduce_scatter_block", out, in)
	return r.started(c.reduceScatterBlock(r.op, r, &out, &in, op))
}

func (c *Comm) reduceScatterBlock(op string, r *Request, send, recv *buffer, how Op) error {
	if err := c.exists(op); err != nil {
		return err
	}
	whole, block := send.len, recv.len
	if send.inPlace() {
		whole, block = recv.len, recv.len/c.size
	}
	if whole != block*c.size {
		return refuse(op, ErrCount, "%d elements are not %d blocks of %d", whole, c.size, block)
	}
	if err := checkScattered(op, send, recv, how); err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_reduce_scatter_block(send.ptr, recv.ptr, C.int(block), p.typ(recv.kind, recv.derived), C.int(how), c.handle, r.out(), p.native()))
}

// ReduceScatter is ReduceScatterBlock with blocks of any length: counts[r] for rank r
// (MPI 3.1, section 5.10.2). All ranks of c must call it with the same counts and op,
// each with len(recv) equal to its count. The counts must add up to len(send), or to
// len(recv) where all ranks pass InPlace for send.
func ReduceScatter[T Number](c *Comm, send, recv []T, counts []int, op Op) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.reduceScatter("Reduce_scatter", nil, &out, &in, counts, op)
}

// IreduceScatter starts a ReduceScatter (MPI 3.1, section 5.12.10). counts may be changed
// at once.
func IreduceScatter[T Number](c *Comm, send, recv []T, counts []int, op Op) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Ireduce_scatter", out, in)
	return r.started(c.reduceScatter(r.op, r, &out, &in, counts, op))
}

func (c *Comm) reduceScatter(op string, r *Request, send, recv *buffer, counts []int, how Op) error {
	if err := c.exists(op); err != nil {
		return err
	}
	whole := send
	if send.inPlace() {
		whole = recv
	}
	if len(counts) == c.size && recv.len != counts[c.rank] && !send.inPlace() {
		return refuse(op, ErrCount, "rank %d has %d elements and count %d", c.rank, recv.len, counts[c.rank])
	}
	if err := checkScattered(op, send, recv, how); err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	cut, err := r.blocks(op, &p.scratch.recv, whole, counts, c.size)
	if err != nil {
		return r.abandon(p, err)
	}
	return r.began(p, op, C.native_reduce_scatter(send.ptr, recv.ptr, cut.counts(), p.typ(recv.kind, recv.derived), C.int(how), c.handle, r.out(), p.native()))
}

// checkScattered checks all but the lengths of a reduction whose result is scattered.
func checkScattered(op string, send, recv *buffer, how Op) error {
	if how.checked() < OpSum {
		return noReduction(op)
	}
	if _, err := send.count(op); err != nil {
		return err
	}
	if _, err := recv.count(op); err != nil {
		return err
	}
	return disjoint(op, send, recv)
}
