package mpi

/*
#include "native_message.h"

#cgo noescape native_send
#cgo nocallback native_send
#cgo noescape native_isend
#cgo nocallback native_isend
#cgo noescape native_isend_short
#cgo nocallback native_isend_short
#cgo noescape native_recv
#cgo nocallback native_recv
#cgo noescape native_irecv
#cgo nocallback native_irecv
#cgo noescape native_sendrecv
#cgo nocallback native_sendrecv
*/
import "C"

import "math"

// Tag distinguishes messages between the same two ranks, from 0 to
// Process.TagLimit.
type Tag int

// Wildcards for the receiver (MPI 3.1, section 3.2.4).
const (
	AnySource Rank = C.MPI_ANY_SOURCE
	AnyTag    Tag  = C.MPI_ANY_TAG
)

// ProcNull is the rank of nobody (MPI 3.1, section 3.11): a message to it is dropped,
// and one from it is empty at once, with the source ProcNull and the tag AnyTag. So
// the ranks at the edge of a grid need no case of their own.
const ProcNull Rank = C.MPI_PROC_NULL

// Status describes a message that has arrived.
type Status struct {
	Source    Rank
	Tag       Tag
	Count     int  // elements
	Cancelled bool // by Request.Cancel: there was no message
}

// Send sends buf to rank dest of c, which must receive it (MPI 3.1, section
// 3.2.1). It returns when buf may be used again; for a long message that is when
// dest receives it. buf may be empty.
func Send[T Number](c *Comm, buf []T, dest Rank, tag Tag) error {
	return c.send(bufferOf(buf), dest, tag)
}

func (c *Comm) send(b buffer, dest Rank, tag Tag) error {
	const op = "Send"
	if !c.plain(dest, tag, b.len) {
		if _, err := c.checkSend(op, b, dest, tag); err != nil {
			return err
		}
	}
	if err := c.enter(op); err != nil {
		return err
	}
	p := c.process
	code := C.native_send(b.ptr, C.int(b.len), p.typ(b.kind, b.derived), C.int(dest), C.int(tag), c.handle, p.native())
	if code != C.MPI_SUCCESS {
		return p.failed(op, code)
	}
	return nil
}

// Isend starts a Send (MPI 3.1, section 3.7.2). Until the request is done, buf must
// not be written to.
func Isend[T Number](c *Comm, buf []T, dest Rank, tag Tag) (*Request, error) {
	return c.isend(bufferOf(buf), dest, tag)
}

func (c *Comm) isend(b buffer, dest Rank, tag Tag) (*Request, error) {
	const op = "Isend"
	n, err := c.checkSend(op, b, dest, tag)
	if err != nil {
		return nil, err
	}
	if b.derived == nil && b.len*b.size <= C.native_short {
		return c.isendShort(op, b, n, dest, tag)
	}
	r := newRequest(op, b)
	if err := r.begin(c, op); err != nil {
		return r.started(err)
	}
	p := c.process
	return r.started(r.began(p, op,
		C.native_isend(b.ptr, n, p.typ(b.kind, b.derived), C.int(dest), C.int(tag), c.handle, r.out(), p.native())))
}

// isendShort needs no pinned memory, and most often no place in the list of requests.
func (c *Comm) isendShort(op string, b buffer, n C.int, dest Rank, tag Tag) (*Request, error) {
	if err := c.enter(op); err != nil {
		return nil, err
	}
	p := c.process
	r := p.scratch.request()
	r.process, r.op = p, op
	var done C.int
	code := C.native_isend_short(b.ptr, C.int(b.len*b.size), n, p.typ(b.kind, b.derived), C.int(dest), C.int(tag), c.handle,
		&p.scratch.stage, &r.handle, &done, p.native())
	if err := p.done(op, code); err != nil {
		return nil, err
	}
	if done != 0 {
		r.done = true
		return r, nil
	}
	r.stage, p.scratch.stage = p.scratch.stage, 0
	p.requests.add(r)
	p.leave()
	return r, nil
}

// Recv waits for a message from rank source of c, or from AnySource, with the
// tag, or AnyTag, and writes it to the front of buf (MPI 3.1, section 3.2.4). The
// element type must be the sender's. A message longer than buf is lost, and the
// error has the class ErrTruncate.
func Recv[T Number](c *Comm, buf []T, source Rank, tag Tag) (Status, error) {
	return c.recv(bufferOf(buf), source, tag)
}

func (c *Comm) recv(b buffer, source Rank, tag Tag) (Status, error) {
	const op = "Recv"
	if !c.plain(source, tag, b.len) {
		if _, err := c.checkRecv(op, b, source, tag); err != nil {
			return Status{}, err
		}
	}
	if err := c.enter(op); err != nil {
		return Status{}, err
	}
	p := c.process
	var native C.native_status
	code := C.native_recv(b.ptr, C.int(b.len), p.typ(b.kind, b.derived), C.int(source), C.int(tag), c.handle, &native, p.native())
	if code != C.MPI_SUCCESS {
		return Status{}, p.failed(op, code)
	}
	return statusOf(op, native, b.payload())
}

// Irecv starts a Recv (MPI 3.1, section 3.7.2). Until the request is done, buf must
// not be used; then the request has the status.
func Irecv[T Number](c *Comm, buf []T, source Rank, tag Tag) (*Request, error) {
	return c.irecv(bufferOf(buf), source, tag)
}

func (c *Comm) irecv(b buffer, source Rank, tag Tag) (*Request, error) {
	const op = "Irecv"
	n, err := c.checkRecv(op, b, source, tag)
	if err != nil {
		return nil, err
	}
	r := newRequest(op, b)
	r.receives, r.size = true, b.payload()
	if err := r.begin(c, op); err != nil {
		return r.started(err)
	}
	p := c.process
	return r.started(r.began(p, op,
		C.native_irecv(b.ptr, n, p.typ(b.kind, b.derived), C.int(source), C.int(tag), c.handle, r.out(), p.native())))
}

// Sendrecv sends send to rank dest and receives recv from rank source at once, so that
// ranks that shift values around need not agree who sends first (MPI 3.1, section
// 3.10). The partners may use it too, or any other send and receive. The slices must
// not share memory.
func Sendrecv[S, R Number](c *Comm, send []S, dest Rank, sendTag Tag, recv []R, source Rank, recvTag Tag) (Status, error) {
	return c.sendrecv(bufferOf(send), dest, sendTag, bufferOf(recv), source, recvTag)
}

func (c *Comm) sendrecv(send buffer, dest Rank, sendTag Tag, recv buffer, source Rank, recvTag Tag) (Status, error) {
	const op = "Sendrecv"
	out, err := c.checkSend(op, send, dest, sendTag)
	if err != nil {
		return Status{}, err
	}
	in, err := c.checkRecv(op, recv, source, recvTag)
	if err != nil {
		return Status{}, err
	}
	if err := disjoint(op, &send, &recv); err != nil {
		return Status{}, err
	}
	if err := c.enter(op); err != nil {
		return Status{}, err
	}
	p := c.process
	var native C.native_status
	code := C.native_sendrecv(send.ptr, out, p.typ(send.kind, send.derived), C.int(dest), C.int(sendTag),
		recv.ptr, in, p.typ(recv.kind, recv.derived), C.int(source), C.int(recvTag), c.handle, &native, p.native())
	if err := p.done(op, code); err != nil {
		return Status{}, err
	}
	return statusOf(op, native, recv.payload())
}

// statusOf is a status for elements of size bytes.
func statusOf(op string, native C.native_status, size int) (Status, error) {
	s := Status{Source: Rank(native.source), Tag: Tag(native.tag), Cancelled: native.cancelled != 0}
	if s.Cancelled {
		return s, nil
	}
	if size == 0 {
		return s, nil
	}
	s.Count = int(native.bytes) / size
	if s.Count*size != int(native.bytes) {
		return Status{}, refuse(op, ErrType, "the message of %d bytes from rank %d is not a whole number of elements of %d", native.bytes, s.Source, size)
	}
	return s, nil
}

// plain reports whether a message needs no further check: it is quick, and says no to wildcards
// and to ProcNull, which checkSend and checkRecv judge.
func (c *Comm) plain(peer Rank, tag Tag, n int) bool {
	return c != nil && uint(peer) < uint(c.size) && uint(tag) <= uint(c.process.tagLimit) && n <= math.MaxInt32
}

func (c *Comm) checkSend(op string, b buffer, dest Rank, tag Tag) (C.int, error) {
	if err := c.exists(op); err != nil {
		return 0, err
	}
	if err := c.checkPeer(op, dest, tag); err != nil {
		return 0, err
	}
	return b.count(op)
}

func (c *Comm) checkRecv(op string, b buffer, source Rank, tag Tag) (C.int, error) {
	if err := c.exists(op); err != nil {
		return 0, err
	}
	if err := c.checkSource(op, source, tag); err != nil {
		return 0, err
	}
	return b.count(op)
}

func (c *Comm) checkSource(op string, source Rank, tag Tag) error {
	if source == AnySource {
		source = c.rank
	}
	if tag == AnyTag {
		tag = 0
	}
	return c.checkPeer(op, source, tag)
}

func (c *Comm) checkPeer(op string, peer Rank, tag Tag) error {
	if uint(peer) >= uint(c.size) && peer != ProcNull {
		return refuse(op, ErrRank, "rank %d is not from 0 to %d", peer, c.size-1)
	}
	if uint(tag) > uint(c.process.tagLimit) {
		return refuse(op, ErrTag, "tag %d is not from 0 to %d", tag, c.process.tagLimit)
	}
	return nil
}
