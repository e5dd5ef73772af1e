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

// Request is a call that goes on while its rank does other things. It must be
// brought to its end by Test, Wait or WaitPolitely; MPI makes progress only
// inside its calls.
type Request struct {
	process *Process
	handle  C.MPI_Request
	memory  runtime.Pinner // keeps the slice in place while MPI writes to it
	done    bool
	err     error
}

// Ibcast begins a Bcast. Until the request is done, buf must not be written at
// root, nor read elsewhere. All ranks of c must call it, in the same order among
// the collective calls on c; it does not match a Bcast of other ranks.
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

// Test reports whether the call is done, without waiting, and helps it along.
// The error is that of the call; once done, Test repeats the answer.
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

// Wait returns when the call is done, with its error. It burns a core meanwhile.
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
	// politeSpin is how long WaitPolitely watches before it first sleeps: the
	// gap between two calls while work flows.
	politeSpin = time.Millisecond
	// politeShare bounds how late a wait ends: by this part of its length.
	politeShare = 16
	// politeTests is how often one look calls Test. MPI receives in one call what
	// the next one finds.
	politeTests = 2
)

// WaitPolitely is Wait for a rank that may be idle for long: it watches for a
// millisecond and then sleeps between two looks, for a sixteenth of the time it
// has waited, at most maxSleep. So the wait ends late by at most that, and an
// idle rank leaves its core to others: with 10 ms it uses one or two percent of it,
// as the program in the folder idle measures. With maxSleep 0 it never sleeps.
// Between two looks other goroutines may call MPI.
func (r *Request) WaitPolitely(maxSleep time.Duration) error {
	begin := time.Now()
	for {
		for range politeTests {
			if done, err := r.Test(); done || err != nil {
				return err
			}
		}
		waited := time.Since(begin)
		if waited < politeSpin {
			runtime.Gosched()
			continue
		}
		time.Sleep(min(waited/politeShare, maxSleep))
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
