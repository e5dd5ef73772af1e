package mpi

/*
#include "native.h"

#cgo noescape native_send
#cgo nocallback native_send
#cgo noescape native_recv
#cgo nocallback native_recv
#cgo noescape native_probe
#cgo nocallback native_probe
#cgo noescape native_iprobe
#cgo nocallback native_iprobe
*/
import "C"

import "math"

// Tag distinguishes messages between the same two ranks, from 0 to 2147483647.
type Tag int

// Wildcards for the receiver (MPI 3.1, section 3.2.4).
const (
	AnySource Rank = C.MPI_ANY_SOURCE
	AnyTag    Tag  = C.MPI_ANY_TAG
)

// Status describes a message that has arrived.
type Status struct {
	Source Rank
	Tag    Tag
	Count  int // elements
}

// Send sends buf to rank dest of c, which must receive it (MPI 3.1, section
// 3.2.1). It returns when buf may be used again; for a long message that is when
// dest receives it. buf may be empty.
func Send[T Number](c *Comm, buf []T, dest Rank, tag Tag) error {
	return c.send(bufferOf(buf), dest, tag)
}

func (c *Comm) send(b buffer, dest Rank, tag Tag) error {
	const op = "Send"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	if err := c.checkPeer(op, dest, tag); err != nil {
		return err
	}
	n, err := b.count(op)
	if err != nil {
		return err
	}
	return check(op, C.native_send(b.ptr, n, b.kind, C.int(dest), C.int(tag), c.handle))
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
	if err := c.enter(op); err != nil {
		return Status{}, err
	}
	defer c.process.leave()
	if err := c.checkSource(op, source, tag); err != nil {
		return Status{}, err
	}
	n, err := b.count(op)
	if err != nil {
		return Status{}, err
	}
	var native C.native_status
	if err := check(op, C.native_recv(b.ptr, n, b.kind, C.int(source), C.int(tag), c.handle, &native)); err != nil {
		return Status{}, err
	}
	return statusOf(op, native)
}

// Probe waits until a message from source with the tag can be received, and
// describes it without receiving it (MPI 3.1, section 3.8.1). Count is in elements
// of T.
func Probe[T Number](c *Comm, source Rank, tag Tag) (Status, error) {
	const op = "Probe"
	if err := c.enter(op); err != nil {
		return Status{}, err
	}
	defer c.process.leave()
	if err := c.checkSource(op, source, tag); err != nil {
		return Status{}, err
	}
	var native C.native_status
	if err := check(op, C.native_probe(kindOf[T](), C.int(source), C.int(tag), c.handle, &native)); err != nil {
		return Status{}, err
	}
	return statusOf(op, native)
}

// Iprobe is Probe without waiting (MPI 3.1, section 3.8.1): found is false when no
// such message has arrived yet. A message just sent may be found only by the second
// call.
func Iprobe[T Number](c *Comm, source Rank, tag Tag) (status Status, found bool, err error) {
	const op = "Iprobe"
	if err := c.enter(op); err != nil {
		return Status{}, false, err
	}
	defer c.process.leave()
	if err := c.checkSource(op, source, tag); err != nil {
		return Status{}, false, err
	}
	var native C.native_status
	var flag C.int
	err = check(op, C.native_iprobe(kindOf[T](), C.int(source), C.int(tag), c.handle, &flag, &native))
	if err != nil || flag == 0 {
		return Status{}, false, err
	}
	status, err = statusOf(op, native)
	return status, err == nil, err
}

func statusOf(op string, native C.native_status) (Status, error) {
	s := Status{Source: Rank(native.source), Tag: Tag(native.tag), Count: int(native.count)}
	if s.Count == Undefined {
		return Status{}, refuse(op, ErrType, "the message from rank %d is not a whole number of elements", s.Source)
	}
	return s, nil
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
	if peer < 0 || int(peer) >= c.size {
		return refuse(op, ErrRank, "rank %d is not from 0 to %d", peer, c.size-1)
	}
	if tag < 0 || tag > math.MaxInt32 {
		return refuse(op, ErrTag, "tag %d is not from 0 to %d", tag, math.MaxInt32)
	}
	return nil
}
