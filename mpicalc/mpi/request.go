package mpi

/*
#include "native_message.h"

#cgo noescape native_test
#cgo nocallback native_test
#cgo noescape native_wait
#cgo nocallback native_wait
#cgo noescape native_wait_sleeping
#cgo nocallback native_wait_sleeping
*/
import "C"

import (
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// Request is a call that is still in progress while its rank does other things
// (MPI 3.1, section 3.7). MPI makes progress only inside its calls. The rank that
// began it must complete it, by Test, Wait, WaitSleeping, WaitWithoutSpinning or one of the
// functions for several requests. Until then the slices of the call stay where they are, and so
// does the request itself: one that is dropped is never collected, Process.InFlight
// counts it, and Finalize refuses to end the world without it.
type Request struct {
	process *Process
	op      string
	handle  C.native_request
	memory  *runtime.Pinner // keeps the slices in place while MPI uses them
	stage   C.native_handle // C's copy of a short message, or 0

	receives bool
	file     bool // receives from a file, or writes to it
	size     int  // bytes of a received element

	named  bool // in a call for several requests
	done   bool
	told   bool // the caller knows that it is done
	status Status
	err    error

	next, prev *Request // in Process.requests
}

// newRequest is a request for a call that is about to begin, with its slices.
func newRequest(op string, memory ...buffer) *Request {
	r := &Request{op: op}
	for _, b := range memory {
		if b.len > 0 {
			r.pin(unsafe.Pointer(b.ptr))
		}
	}
	return r
}

// pinners are empty ones. A pinner that is used again costs a tenth of a new one, which has a
// finalizer.
var pinners = sync.Pool{New: func() any { return new(runtime.Pinner) }}

func (r *Request) pin(memory unsafe.Pointer) {
	if r.memory == nil {
		r.memory = pinners.Get().(*runtime.Pinner)
	}
	r.memory.Pin(memory)
}

// unpin releases the slices, when MPI no longer uses them.
func (r *Request) unpin() {
	if r.memory != nil {
		r.memory.Unpin()
		pinners.Put(r.memory)
		r.memory = nil
	}
}

// begin is Comm.enter for a call with or without a request; r is nil for a call that
// waits.
func (r *Request) begin(c *Comm, op string) error {
	if err := c.enter(op); err != nil || r == nil {
		return err
	}
	r.process = c.process
	c.process.requests.add(r)
	return nil
}

// began is Process.done for the call that begin announced.
func (r *Request) began(p *Process, op string, code C.int) error {
	if code == C.MPI_SUCCESS {
		return nil
	}
	return r.failed(p, op, code)
}

// failed is separate so that began is inlined.
func (r *Request) failed(p *Process, op string, code C.int) error {
	if r != nil {
		p.requests.remove(r)
	}
	return p.failed(op, code)
}

// started is the result of a function that returns a request.
func (r *Request) started(err error) (*Request, error) {
	if err != nil {
		r.unpin()
		return nil, err
	}
	return r, nil
}

// out is where the native call writes its handle; nil makes it wait.
func (r *Request) out() *C.native_request {
	if r == nil {
		return nil
	}
	return &r.handle
}

// Test lets the call make progress and reports, without waiting, whether it is
// done (MPI 3.1, section 3.7.3). err is the error of the call. Once done, Test
// returns the same result again.
func (r *Request) Test() (done bool, err error) {
	const op = "Test"
	if err := r.enter(op); err != nil {
		return false, err
	}
	defer r.process.leave()
	if r.done {
		r.told = true
		return true, r.err
	}
	var flag C.int
	var native C.native_status
	err = check(op, C.native_test(&r.handle, &flag, &native))
	if err == nil && flag == 0 {
		return false, nil
	}
	r.finish(native, err)
	return true, r.err
}

// Wait returns when the call is done, with its error (MPI 3.1, section 3.7.3). It
// keeps a core busy meanwhile.
func (r *Request) Wait() error {
	const op = "Wait"
	if err := r.enter(op); err != nil {
		return err
	}
	defer r.process.leave()
	if !r.done {
		var native C.native_status
		err := check(op, C.native_wait(&r.handle, &native))
		r.finish(native, err)
	}
	r.told = true
	return r.err
}

// Status describes the message that the call has received, once it is done without
// an error, or counts the elements that were read from a file. It is zero for other calls.
func (r *Request) Status() Status { return r.status }

// Cancel withdraws a receive that no message has matched yet (MPI 3.1, section 3.8.4).
// The request must still be completed; its Status then says whether it was cancelled
// or has received after all. A call that is not a receive cannot be cancelled.
func (r *Request) Cancel() error {
	const op = "Cancel"
	if err := r.enter(op); err != nil {
		return err
	}
	defer r.process.leave()
	switch {
	case !r.receives || r.file:
		return refuse(op, ErrRequest, "an %s cannot be cancelled", r.op)
	case r.done:
		return nil
	}
	return check(op, C.native_cancel(&r.handle))
}

// spinTime is how long WaitSleeping tests without sleeping: longer than the gap between two
// calls of a busy world.
const spinTime = time.Millisecond

// WaitSleeping is Wait for a rank that may be idle for long. It tests for a
// millisecond without sleeping; then it sleeps between two tests, for a sixteenth
// of the time it has waited, at most maxSleep. So it returns late by at most
// maxSleep, and an idle rank leaves its core to others, as the program in the folder idle
// measures. With maxSleep 0 it never sleeps.
// While it sleeps, other goroutines may call MPI.
func (r *Request) WaitSleeping(maxSleep time.Duration) error {
	return r.waitSleeping(spinTime, maxSleep)
}

// WaitWithoutSpinning is WaitSleeping that sleeps from its second test on, for a rank that
// shares its core with others: each of their milliseconds of tests would come before the work
// that all of them wait for.
func (r *Request) WaitWithoutSpinning(maxSleep time.Duration) error {
	return r.waitSleeping(0, maxSleep)
}

func (r *Request) waitSleeping(spin, maxSleep time.Duration) error {
	const op = "Wait"
	if err := r.enter(op); err != nil {
		return err
	}
	if !r.done {
		var native C.native_status
		code := C.native_wait_sleeping(&r.handle, C.int64_t(spin), C.int64_t(maxSleep), &native, r.process.native())
		if code == C.native_no_turn {
			return r.process.noTurn(op)
		}
		if !r.done { // another goroutine may have completed it meanwhile
			r.finish(native, check(op, code))
		}
	}
	defer r.process.leave()
	r.told = true
	return r.err
}

// InFlight is the number of requests that are not completed.
func (p *Process) InFlight() (int, error) {
	if err := p.enter("Request"); err != nil {
		return 0, err
	}
	defer p.leave()
	return p.requests.len, nil
}

func (r *Request) enter(op string) error {
	if r == nil || r.process == nil {
		return refuse(op, ErrRequest, "the request is nil")
	}
	return r.process.enter(op)
}

// finish completes r, with the error of the native call that did.
func (r *Request) finish(native C.native_status, err error) {
	if err == nil && r.receives {
		if r.file {
			native.source, native.tag, native.cancelled = 0, 0, 0 // MPI leaves them open
		}
		r.status, err = statusOf(r.op, native, r.size)
	}
	r.done, r.told, r.err = true, true, err
	r.unpin()
	if r.stage != 0 {
		C.native_free_stage(r.stage)
		r.stage = 0
	}
	r.process.requests.remove(r)
}

// requests is a list of the requests in flight, the oldest first. They stay reachable
// in it, and their memory pinned.
type requests struct {
	root Request // the list is a ring through it, or it points to nil
	len  int
}

func (l *requests) add(r *Request) {
	if l.root.next == nil {
		l.root.next, l.root.prev = &l.root, &l.root
	}
	last := l.root.prev
	r.prev, r.next = last, &l.root
	last.next, l.root.prev = r, r
	l.len++
}

func (l *requests) remove(r *Request) {
	r.prev.next, r.next.prev = r.next, r.prev
	r.prev, r.next = nil, nil
	l.len--
}

func (l *requests) oldest() *Request {
	if l.len == 0 {
		return nil
	}
	return l.root.next
}
