package mpi

/*
#include "native.h"

#cgo noescape native_bcast
#cgo nocallback native_bcast
#cgo noescape native_scatterv
#cgo nocallback native_scatterv
#cgo noescape native_gatherv
#cgo nocallback native_gatherv
#cgo noescape native_allgather
#cgo nocallback native_allgather
#cgo noescape native_allgatherv
#cgo nocallback native_allgatherv
*/
import "C"

import "unsafe"

// Bcast copies buf of rank root into buf of every rank of c (MPI 3.1, section
// 5.4). All ranks of c must call it with the same length, which may be 0; MPI may
// not notice when lengths differ.
func Bcast[T Number](c *Comm, buf []T, root Rank) error {
	return c.bcast(bufferOf(buf), root)
}

func (c *Comm) bcast(b buffer, root Rank) error {
	const op = "Bcast"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	if err := c.checkRoot(op, root); err != nil {
		return err
	}
	n, err := b.count(op)
	if err != nil {
		return err
	}
	return check(op, C.native_bcast(b.ptr, n, b.kind, C.int(root), c.handle))
}

// Scatterv divides send of rank root into consecutive blocks of counts[0],
// counts[1], … elements and writes block r to recv of rank r (MPI 3.1, section
// 5.6). All ranks of c must call it, each with len(recv) equal to its count. Only
// root reads send and counts; the others pass nil. At root the counts must add up
// to len(send).
func Scatterv[T Number](c *Comm, send []T, counts []int, recv []T, root Rank) error {
	return c.scatterv(bufferOf(send), counts, bufferOf(recv), root)
}

func (c *Comm) scatterv(send buffer, counts []int, recv buffer, root Rank) error {
	const op = "Scatterv"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	n, cut, err := c.cut(op, send, counts, recv, root)
	if err != nil {
		return err
	}
	return check(op, C.native_scatterv(send.ptr, unsafe.SliceData(cut.counts), unsafe.SliceData(cut.displs),
		recv.ptr, n, recv.kind, C.int(root), c.handle))
}

// Gatherv writes send of every rank of c, in rank order, into recv of rank root
// (MPI 3.1, section 5.5). All ranks of c must call it. Only root reads counts,
// where counts[r] is len(send) of rank r, and writes recv, whose length is their
// sum; the others pass nil. When a rank sends more than its count, root gets an
// error of class ErrTruncate.
func Gatherv[T Number](c *Comm, send, recv []T, counts []int, root Rank) error {
	return c.gatherv(bufferOf(send), bufferOf(recv), counts, root)
}

func (c *Comm) gatherv(send, recv buffer, counts []int, root Rank) error {
	const op = "Gatherv"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	n, cut, err := c.cut(op, recv, counts, send, root)
	if err != nil {
		return err
	}
	return check(op, C.native_gatherv(send.ptr, n, recv.ptr,
		unsafe.SliceData(cut.counts), unsafe.SliceData(cut.displs), recv.kind, C.int(root), c.handle))
}

// Allgather writes send of every rank of c, in rank order, into recv of every
// rank (MPI 3.1, section 5.7). All ranks of c must call it with the same
// len(send), and len(recv) equal to len(send) times c.Size().
func Allgather[T Number](c *Comm, send, recv []T) error {
	return c.allgather(bufferOf(send), bufferOf(recv))
}

func (c *Comm) allgather(send, recv buffer) error {
	const op = "Allgather"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	n, err := send.count(op)
	if err != nil {
		return err
	}
	if recv.len != send.len*c.size {
		return refuse(op, ErrCount, "%d elements from each of %d ranks do not fill %d", send.len, c.size, recv.len)
	}
	if err := disjoint(op, send, recv); err != nil {
		return err
	}
	return check(op, C.native_allgather(send.ptr, n, recv.ptr, recv.kind, c.handle))
}

// Allgatherv is Gatherv to every rank (MPI 3.1, section 5.7). All ranks of c must
// call it with the same counts.
func Allgatherv[T Number](c *Comm, send, recv []T, counts []int) error {
	return c.allgatherv(bufferOf(send), bufferOf(recv), counts)
}

func (c *Comm) allgatherv(send, recv buffer, counts []int) error {
	const op = "Allgatherv"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	n, cut, err := c.cut(op, recv, counts, send, c.rank)
	if err != nil {
		return err
	}
	return check(op, C.native_allgatherv(send.ptr, n, recv.ptr,
		unsafe.SliceData(cut.counts), unsafe.SliceData(cut.displs), recv.kind, c.handle))
}

// cut checks the arguments of a call that divides whole into blocks or joins it
// from them: whole and counts at root only, this rank's own block everywhere.
func (c *Comm) cut(op string, whole buffer, counts []int, own buffer, root Rank) (n C.int, b blocks, err error) {
	if err := c.checkRoot(op, root); err != nil {
		return 0, blocks{}, err
	}
	if n, err = own.count(op); err != nil || c.rank != root {
		return n, blocks{}, err
	}
	if b, err = blocksOf(op, whole, counts, c.size); err != nil {
		return 0, blocks{}, err
	}
	if own.len != counts[root] {
		return 0, blocks{}, refuse(op, ErrCount, "rank %d has %d elements and count %d", root, own.len, counts[root])
	}
	return n, b, disjoint(op, whole, own)
}

func disjoint(op string, a, b buffer) error {
	if a.overlaps(b) {
		return refuse(op, ErrBuffer, "the send and the receive slice share memory")
	}
	return nil
}
