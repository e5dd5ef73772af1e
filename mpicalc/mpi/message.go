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

// Tag tells messages between the same two ranks apart, from 0 to 2147483647.
type Tag int

// Wildcards for the receiver.
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

// Send sends buf to rank dest of c. It returns when buf may be used again,
// which for a long message is not before dest receives it. buf may be empty.
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
// tag, or AnyTag, and writes it to the front of buf. The element type must be the
// sender's. A message longer than buf is an error of class ErrTruncate and lost.
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
// describes it without receiving it. Count is in elements of T.
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

// Iprobe is Probe without waiting: found is false when there is no such message
// yet. A message just sent may need a second call to be found.
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
		return Status{}, refuse(op, ErrType, "the message from rank %d is no whole number of elements", s.Source)
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
