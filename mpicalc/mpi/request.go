package mpi

/*
#include "native.h"

#cgo noescape native_ibcast
#cgo nocallback native_ibcast
#cgo noescape native_test
#cgo nocallback native_test
#cgo noescape native_wait
#cgo nocallback native_wait
*/
import "C"

import (
	"runtime"
	"time"
)

// Request is a call that is still in progress while its rank does other things
// (MPI 3.1, section 3.7). Test, Wait or WaitSleeping must complete it, by the
// same rank; MPI makes progress only inside its calls.
type Request struct {
	process *Process
	handle  C.MPI_Request
	memory  runtime.Pinner // keeps the slice in place while MPI writes to it
	done    bool
	err     error
}

// Ibcast starts a Bcast (MPI 3.1, section 5.12.2). Until the request is done, root
// must not write to buf and the others must not read it. All ranks of c must call
// it, in the same order among the collective calls on c; it does not match a Bcast
// of other ranks.
func Ibcast[T Number](c *Comm, buf []T, root Rank) (*Request, error) {
	return c.ibcast(bufferOf(buf), root)
}

func (c *Comm) ibcast(b buffer, root Rank) (*Request, error) {
	const op = "Ibcast"
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	if err := c.checkRoot(op, root); err != nil {
		return nil, err
	}
	n, err := b.count(op)
	if err != nil {
		return nil, err
	}
	r := &Request{process: c.process}
	if n > 0 {
		r.memory.Pin(b.ptr)
	}
	if err := check(op, C.native_ibcast(b.ptr, n, b.kind, C.int(root), c.handle, &r.handle)); err != nil {
		r.memory.Unpin()
		return nil, err
	}
	c.process.inFlight[r] = struct{}{}
	return r, nil
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
		return true, r.err
	}
	var flag C.int
	err = check(op, C.native_test(&r.handle, &flag))
	if err == nil && flag == 0 {
		return false, nil
	}
	r.finish(err)
	return true, err
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
		r.finish(check(op, C.native_wait(&r.handle)))
	}
	return r.err
}

const (
	// spinTime is how long WaitSleeping tests without sleeping: longer than the gap
	// between two calls of a busy world.
	spinTime = time.Millisecond
	// sleepShare bounds each sleep to this fraction of the time waited so far.
	sleepShare = 16
	// testsPerLook is how often WaitSleeping calls Test between two sleeps: MPI
	// receives a message in one call, and only the next one finds it.
	testsPerLook = 2
)

// WaitSleeping is Wait for a rank that may be idle for long. It tests for a
// millisecond without sleeping; then it sleeps between two tests, for a sixteenth
// of the time it has waited, at most maxSleep. So it returns late by at most
// maxSleep, and an idle rank leaves its core to others: with 10 ms it uses one or
// two percent, as the program in the folder idle measures. With maxSleep 0 it never
// sleeps.
// While it sleeps, other goroutines may call MPI.
func (r *Request) WaitSleeping(maxSleep time.Duration) error {
	begin := time.Now()
	for {
		for range testsPerLook {
			if done, err := r.Test(); done || err != nil {
				return err
			}
		}
		waited := time.Since(begin)
		if waited < spinTime {
			runtime.Gosched()
			continue
		}
		time.Sleep(min(waited/sleepShare, maxSleep))
	}
}

func (r *Request) enter(op string) error {
	if r == nil || r.process == nil {
		return refuse(op, ErrRequest, "the request is nil")
	}
	return r.process.enter(op)
}

func (r *Request) finish(err error) {
	r.done, r.err = true, err
	r.memory.Unpin()
	delete(r.process.inFlight, r)
}
