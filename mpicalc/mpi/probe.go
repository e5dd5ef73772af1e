package mpi

/*
#include "native_message.h"

#cgo noescape native_probe
#cgo nocallback native_probe
#cgo noescape native_iprobe
#cgo nocallback native_iprobe
#cgo noescape native_improbe
#cgo nocallback native_improbe
#cgo noescape native_mrecv
#cgo nocallback native_mrecv
#cgo noescape native_imrecv
#cgo nocallback native_imrecv
*/
import "C"

import "unsafe"

// sizeOf is the size of one number in bytes.
func sizeOf[T Number]() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}

// Probe waits until a message from source with the tag can be received, and
// describes it without receiving it (MPI 3.1, section 3.8.1). Count is in elements
// of T.
func Probe[T Number](c *Comm, source Rank, tag Tag) (Status, error) {
	return c.probe(sizeOf[T](), source, tag)
}

func (c *Comm) probe(size int, source Rank, tag Tag) (Status, error) {
	const op = "Probe"
	if _, err := c.checkRecv(op, buffer{}, source, tag); err != nil {
		return Status{}, err
	}
	if err := c.enter(op); err != nil {
		return Status{}, err
	}
	var native C.native_status
	code := C.native_probe(C.int(source), C.int(tag), c.handle, &native, c.process.native())
	if err := c.process.done(op, code); err != nil {
		return Status{}, err
	}
	return statusOf(op, native, size)
}

// Iprobe is Probe without waiting (MPI 3.1, section 3.8.1): found is false when no
// such message has arrived yet. A message just sent may be found only by the second
// call.
func Iprobe[T Number](c *Comm, source Rank, tag Tag) (status Status, found bool, err error) {
	return c.iprobe(sizeOf[T](), source, tag)
}

func (c *Comm) iprobe(size int, source Rank, tag Tag) (status Status, found bool, err error) {
	const op = "Iprobe"
	if _, err := c.checkRecv(op, buffer{}, source, tag); err != nil {
		return Status{}, false, err
	}
	if err := c.enter(op); err != nil {
		return Status{}, false, err
	}
	var native C.native_status
	var flag C.int
	code := C.native_iprobe(C.int(source), C.int(tag), c.handle, &flag, &native, c.process.native())
	if err := c.process.done(op, code); err != nil || flag == 0 {
		return Status{}, false, err
	}
	status, err = statusOf(op, native, size)
	return status, err == nil, err
}

// Message is a message that Mprobe has taken, and that Mrecv or Imrecv must receive.
type Message struct {
	process  *Process
	handle   C.native_handle
	bytes    int64
	received bool
}

// Mprobe waits for a message as Probe does and takes it, so that no other receive of
// this rank can match it (MPI 3.1, section 3.8.2). Count is in elements of T.
func Mprobe[T Number](c *Comm, source Rank, tag Tag) (*Message, Status, error) {
	return c.mprobe("Mprobe", sizeOf[T](), true, source, tag)
}

// Improbe is Mprobe without waiting (MPI 3.1, section 3.8.2): the message is nil when
// none has arrived yet.
func Improbe[T Number](c *Comm, source Rank, tag Tag) (*Message, Status, error) {
	return c.mprobe("Improbe", sizeOf[T](), false, source, tag)
}

func (c *Comm) mprobe(op string, size int, wait bool, source Rank, tag Tag) (*Message, Status, error) {
	if _, err := c.checkRecv(op, buffer{}, source, tag); err != nil {
		return nil, Status{}, err
	}
	if err := c.enter(op); err != nil {
		return nil, Status{}, err
	}
	var native C.native_status
	var flag C.int
	m := &Message{process: c.process}
	code := C.native_improbe(boolean(wait), C.int(source), C.int(tag), c.handle, &flag, &m.handle, &native, c.process.native())
	if err := c.process.done(op, code); err != nil || flag == 0 {
		return nil, Status{}, err
	}
	m.bytes = int64(native.bytes)
	status, err := statusOf(op, native, size)
	return m, status, err
}

// Bytes is the length of the message.
func (m *Message) Bytes() int { return int(m.bytes) }

// Mrecv receives the message into the front of buf (MPI 3.1, section 3.8.3), as Recv
// does.
func Mrecv[T Number](m *Message, buf []T) (Status, error) {
	const op = "Mrecv"
	b := bufferOf(buf)
	n, err := m.take(op, b)
	if err != nil {
		return Status{}, err
	}
	p := m.process
	var native C.native_status
	code := C.native_mrecv(b.ptr, n, p.typ(b.kind, b.derived), m.handle, &native, p.native())
	if err := p.done(op, code); err != nil {
		return Status{}, err
	}
	return statusOf(op, native, b.size)
}

// Imrecv starts an Mrecv (MPI 3.1, section 3.8.3), as Irecv does.
func Imrecv[T Number](m *Message, buf []T) (*Request, error) {
	const op = "Imrecv"
	b := bufferOf(buf)
	n, err := m.take(op, b)
	if err != nil {
		return nil, err
	}
	p := m.process
	r := newRequest(op, b)
	r.process, r.receives, r.size = p, true, b.size
	p.requests.add(r)
	return r.started(r.began(p, op, C.native_imrecv(b.ptr, n, p.typ(b.kind, b.derived), m.handle, r.out(), p.native())))
}

// take enters MPI to receive m, which can be done once.
func (m *Message) take(op string, b buffer) (C.int, error) {
	if m == nil || m.process == nil {
		return 0, refuse(op, ErrRequest, "the message is nil")
	}
	n, err := b.count(op)
	if err != nil {
		return 0, err
	}
	if err := m.process.enter(op); err != nil {
		return 0, err
	}
	if m.received {
		m.process.leave()
		return 0, refuse(op, ErrRequest, "the message has been received")
	}
	m.received = true
	return n, nil
}
