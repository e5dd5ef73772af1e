package mpi

/*
#include "native_collective.h"

#cgo noescape native_scatterv
#cgo nocallback native_scatterv
#cgo noescape native_gatherv
#cgo nocallback native_gatherv
#cgo noescape native_allgatherv
#cgo nocallback native_allgatherv
#cgo noescape native_alltoall
#cgo nocallback native_alltoall
#cgo noescape native_alltoallv
#cgo nocallback native_alltoallv
*/
import "C"

import (
	"math"
	"unsafe"
)

// Scatterv divides send of rank root into consecutive blocks of counts[0],
// counts[1], … elements and writes block r to recv of rank r (MPI 3.1, section
// 5.6). All ranks of c must call it, each with len(recv) equal to its count. Only
// root reads send and counts; the others pass nil. At root the counts must add up
// to len(send). Root may pass InPlace for recv: its block stays in send.
func Scatterv[T Number](c *Comm, send []T, counts []int, recv []T, root Rank) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.scatterv("Scatterv", nil, &out, counts, &in, root)
}

// Iscatterv starts a Scatterv (MPI 3.1, section 5.12.4). counts may be changed at once.
func Iscatterv[T Number](c *Comm, send []T, counts []int, recv []T, root Rank) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Iscatterv", out, in)
	return r.started(c.scatterv(r.op, r, &out, counts, &in, root))
}

func (c *Comm) scatterv(op string, r *Request, send *buffer, counts []int, recv *buffer, root Rank) error {
	n, err := c.cut(op, send, counts, recv, root)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	var cut blocks
	if c.rank == root {
		if cut, err = r.blocks(op, &p.scratch.recv, send, counts, c.size); err != nil {
			return r.abandon(p, err)
		}
	}
	return r.began(p, op, C.native_scatterv(send.ptr, cut.counts(), cut.displs(),
		recv.ptr, n, p.typ(recv.kind, recv.derived), C.int(root), c.handle, r.out(), p.native()))
}

// Gatherv writes send of every rank of c, in rank order, into recv of rank root
// (MPI 3.1, section 5.5). All ranks of c must call it. Only root reads counts,
// where counts[r] is len(send) of rank r, and writes recv, whose length is their
// sum; the others pass nil. When a rank sends more than its count, root gets an
// error of class ErrTruncate, or ErrInStatus from some MPICH. Root may pass InPlace for send: its block is in recv
// already.
func Gatherv[T Number](c *Comm, send, recv []T, counts []int, root Rank) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.gatherv("Gatherv", nil, &out, &in, counts, root)
}

// Igatherv starts a Gatherv (MPI 3.1, section 5.12.3). counts may be changed at once.
func Igatherv[T Number](c *Comm, send, recv []T, counts []int, root Rank) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Igatherv", out, in)
	return r.started(c.gatherv(r.op, r, &out, &in, counts, root))
}

func (c *Comm) gatherv(op string, r *Request, send, recv *buffer, counts []int, root Rank) error {
	n, err := c.cut(op, recv, counts, send, root)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	var cut blocks
	if c.rank == root {
		if cut, err = r.blocks(op, &p.scratch.recv, recv, counts, c.size); err != nil {
			return r.abandon(p, err)
		}
	}
	return r.began(p, op, C.native_gatherv(send.ptr, n, recv.ptr, cut.counts(), cut.displs(),
		p.typ(send.kind, send.derived), C.int(root), c.handle, r.out(), p.native()))
}

// Allgatherv is Gatherv to every rank (MPI 3.1, section 5.7). All ranks of c must
// call it with the same counts; all or none pass InPlace for send.
func Allgatherv[T Number](c *Comm, send, recv []T, counts []int) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.allgatherv("Allgatherv", nil, &out, &in, counts)
}

// Iallgatherv starts an Allgatherv (MPI 3.1, section 5.12.5). counts may be changed at
// once.
func Iallgatherv[T Number](c *Comm, send, recv []T, counts []int) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Iallgatherv", out, in)
	return r.started(c.allgatherv(r.op, r, &out, &in, counts))
}

func (c *Comm) allgatherv(op string, r *Request, send, recv *buffer, counts []int) error {
	if err := c.exists(op); err != nil {
		return err
	}
	n, err := c.cut(op, recv, counts, send, c.rank)
	if err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	cut, err := r.blocks(op, &p.scratch.recv, recv, counts, c.size)
	if err != nil {
		return r.abandon(p, err)
	}
	return r.began(p, op, C.native_allgatherv(send.ptr, n, recv.ptr, cut.counts(), cut.displs(),
		p.typ(recv.kind, recv.derived), c.handle, r.out(), p.native()))
}

// Alltoall sends block r of send to rank r of c and writes the block from rank r to block
// r of recv (MPI 3.1, section 5.8). All ranks of c must call it with the same lengths,
// a multiple of c.Size(). If all ranks pass InPlace for send, recv is sent and
// overwritten.
func Alltoall[T Number](c *Comm, send, recv []T) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.alltoall("Alltoall", nil, &out, &in)
}

// Ialltoall starts an Alltoall (MPI 3.1, section 5.12.6).
func Ialltoall[T Number](c *Comm, send, recv []T) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Ialltoall", out, in)
	return r.started(c.alltoall(r.op, r, &out, &in))
}

func (c *Comm) alltoall(op string, r *Request, send, recv *buffer) error {
	if err := c.exists(op); err != nil {
		return err
	}
	n, err := recv.count(op)
	if err != nil {
		return err
	}
	if int(n)%c.size != 0 || !send.inPlace() && send.len != recv.len {
		return refuse(op, ErrCount, "%d elements to send and %d to receive are not a block for each of %d ranks", send.len, recv.len, c.size)
	}
	if err := disjoint(op, send, recv); err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	return r.began(p, op, C.native_alltoall(send.ptr, recv.ptr, n/C.int(c.size), p.typ(recv.kind, recv.derived), c.handle, r.out(), p.native()))
}

// Alltoallv is Alltoall with blocks of any length (MPI 3.1, section 5.8): sendCounts[r]
// elements go to rank r, and recvCounts[r] come from it, in consecutive blocks that add
// up to the slices. recvCounts[r] must be what rank r sends to the caller. All ranks of
// c must call it. If all ranks pass InPlace for send, they pass nil for sendCounts, recv is
// sent and overwritten, and any two ranks exchange blocks of equal length.
func Alltoallv[T Number](c *Comm, send []T, sendCounts []int, recv []T, recvCounts []int) error {
	out, in := bufferOf(send), bufferOf(recv)
	return c.alltoallv("Alltoallv", nil, &out, sendCounts, &in, recvCounts)
}

// Ialltoallv starts an Alltoallv (MPI 3.1, section 5.12.6). The counts may be changed at
// once.
func Ialltoallv[T Number](c *Comm, send []T, sendCounts []int, recv []T, recvCounts []int) (*Request, error) {
	out, in := bufferOf(send), bufferOf(recv)
	r := newRequest("Ialltoallv", out, in)
	return r.started(c.alltoallv(r.op, r, &out, sendCounts, &in, recvCounts))
}

func (c *Comm) alltoallv(op string, r *Request, send *buffer, sendCounts []int, recv *buffer, recvCounts []int) error {
	if err := c.exists(op); err != nil {
		return err
	}
	sent := send
	if send.inPlace() { // MPI reads neither the one nor the other
		sent, sendCounts = recv, recvCounts
	}
	if _, err := sent.count(op); err != nil {
		return err
	}
	if _, err := recv.count(op); err != nil {
		return err
	}
	if err := disjoint(op, send, recv); err != nil {
		return err
	}
	if err := r.begin(c, op); err != nil {
		return err
	}
	p := c.process
	out, err := r.blocks(op, &p.scratch.send, sent, sendCounts, c.size)
	if err != nil {
		return r.abandon(p, err)
	}
	in, err := r.blocks(op, &p.scratch.recv, recv, recvCounts, c.size)
	if err != nil {
		return r.abandon(p, err)
	}
	return r.began(p, op, C.native_alltoallv(send.ptr, out.counts(), out.displs(),
		recv.ptr, in.counts(), in.displs(), p.typ(recv.kind, recv.derived), c.handle, r.out(), p.native()))
}

// cut checks the arguments of a call that divides whole into blocks or joins it
// from them: whole and counts at root only, this rank's own block everywhere.
func (c *Comm) cut(op string, whole *buffer, counts []int, own *buffer, root Rank) (C.int, error) {
	if err := c.checkRoot(op, root); err != nil {
		return 0, err
	}
	// Most calls end here, without a call of another function.
	n := C.int(own.len)
	switch {
	case own.len > math.MaxInt32:
	case c.rank != root && !own.inPlace():
		return n, nil
	case c.rank == root && len(counts) == c.size && counts[root] == own.len && whole.len <= math.MaxInt32 && !whole.overlaps(own):
		return n, nil
	}
	return n, c.checkCut(op, whole, counts, own, root)
}

// checkCut finds the fault of arguments that are not plain, if they have one.
func (c *Comm) checkCut(op string, whole *buffer, counts []int, own *buffer, root Rank) error {
	if _, err := own.count(op); err != nil {
		return err
	}
	if c.rank != root {
		return refuse(op, ErrBuffer, "rank %d is not root %d and has no block in place", c.rank, root)
	}
	if _, err := whole.count(op); err != nil {
		return err
	}
	if len(counts) == c.size && own.len != counts[root] && !own.inPlace() {
		return refuse(op, ErrCount, "rank %d has %d elements and count %d", root, own.len, counts[root])
	}
	return disjoint(op, whole, own)
}

// blocks are the counts of one block for each rank, side by side in rank order, and
// then their offsets.
type blocks []C.int

func (b blocks) counts() *C.int { return unsafe.SliceData(b) }
func (b blocks) displs() *C.int { return unsafe.SliceData(b[len(b)/2:]) }

// blocks returns counts as MPI takes them: in memory that the next call uses again, or,
// for a call that goes on, in memory of the request. There must be one count for each of
// size ranks, and they must add up to the length of whole. It is called inside MPI.
func (r *Request) blocks(op string, room *blocks, whole *buffer, counts []int, size int) (blocks, error) {
	if len(counts) != size {
		return nil, refuse(op, ErrCount, "%d counts for %d ranks", len(counts), size)
	}
	if r != nil || cap(*room) < 2*size {
		*room = make(blocks, 2*size)
	}
	b := (*room)[:2*size]
	displs, sum := b[size:], 0
	for rank, n := range counts {
		if uint(n) > uint(whole.len-sum) {
			return nil, refuse(op, ErrCount, "count %d of rank %d is not from 0 to the %d elements left of %d", n, rank, whole.len-sum, whole.len)
		}
		b[rank], displs[rank] = C.int(n), C.int(sum)
		sum += n
	}
	if sum != whole.len {
		return nil, refuse(op, ErrCount, "the counts add up to %d, the slice has %d elements", sum, whole.len)
	}
	if r != nil && size > 0 {
		*room = nil
		r.pin(unsafe.Pointer(b.counts()))
	}
	return b, nil
}

// abandon ends a call that begin announced, before MPI has it.
func (r *Request) abandon(p *Process, err error) error {
	if r != nil {
		p.requests.remove(r)
	}
	p.leave()
	return err
}
