package mpi

/*
#include "native_process.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"
)

// The exit codes with which Main ends the world.
const (
	exitError = 1
	exitPanic = 2 // Go's own code for a panic
)

// Main runs one rank of an MPI program: it calls Init, calls run with the world,
// and calls Finalize when run returns nil. All ranks must call it, once.
//
// When run returns an error, panics or ends its goroutine, Main logs that with the
// rank and ends the world with Abort, since the other ranks may be waiting for
// this one; it does not return then. When all ranks agree on a failure, the world
// need not be aborted: store the failure in a variable and return nil.
//
// Main returns the error of Init or Finalize.
func Main(run func(world *Comm) error) error {
	process, err := Init(ThreadSerialized)
	if err != nil {
		return err
	}
	world := process.World()
	returned := false
	defer func() {
		if !returned { // and did not panic either
			world.Fail(errors.New("its goroutine ended before its function"))
		}
	}()
	defer world.AbortOnPanic()
	err = run(world)
	returned = true
	if err != nil {
		world.Fail(err)
	}
	return process.Finalize()
}

// Fail logs an error of this rank and ends all ranks of the world. It does not return. Any
// rank may call it alone, from any goroutine, as it may call Abort.
func (c *Comm) Fail(err error) {
	slog.Error("rank failed", "rank", c.rank, "err", err)
	c.Abort(exitError)
}

// AbortOnPanic logs a panic with its stack and the rank, and ends the world. Defer
// it first in each goroutine that a rank starts:
//
//	go func() {
//		defer world.AbortOnPanic()
//		…
//	}()
func (c *Comm) AbortOnPanic() {
	if cause := recover(); cause != nil {
		slog.Error("rank panicked", "rank", c.rank, "err", fmt.Sprint(cause), "stack", string(debug.Stack()))
		c.Abort(exitPanic)
	}
}

// Abort ends all ranks of the world and does not return (MPI 3.1,
// section 8.7), at once or when its launcher has had the time to read what was logged. The code, from 1 to 255, becomes the exit code of mpirun; any
// other code counts as 1. Any rank may call it alone, from any goroutine at any
// moment, even while another goroutine waits in MPI.
func (c *Comm) Abort(code int) {
	if code < 1 || code > 255 {
		code = exitError
	}
	if Initialized() && !Finalized() {
		time.Sleep(logTime)
		C.native_abort(C.int(code))
	}
	os.Exit(code)
}
