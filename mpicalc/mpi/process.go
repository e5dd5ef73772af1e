package mpi

/*
#include "native_process.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// ThreadLevel says how the threads of one process may use MPI (MPI 3.1,
// section 12.4.3).
type ThreadLevel int

// The levels, from least to most. Goroutines move between threads, so Go needs
// at least ThreadSerialized.
const (
	ThreadSingle     ThreadLevel = C.MPI_THREAD_SINGLE
	ThreadFunneled   ThreadLevel = C.MPI_THREAD_FUNNELED
	ThreadSerialized ThreadLevel = C.MPI_THREAD_SERIALIZED
	ThreadMultiple   ThreadLevel = C.MPI_THREAD_MULTIPLE
)

// Process is this process as a member of the MPI world, from Init to Finalize.
type Process struct {
	world, self *Comm
	provided    ThreadLevel
	tagLimit    Tag
	types       [C.native_kinds + C.native_loc_kinds]C.native_handle

	// turn is 1 while a goroutine is inside MPI, and always after Finalize. It
	// guards the fields below, and its owner's writes happen before the next
	// owner's reads. See native_turn in native.h.
	turn     atomic.Uint32
	calls    uint
	requests requests // those in flight
	scratch  scratch

	finalized atomic.Bool
	finalize  chan struct{} // asks the thread that called MPI_Init to finalize
	result    chan error    // what that thread answers
}

// Init joins the MPI world (MPI 3.1, section 12.4.3). All ranks must call it, once
// in the life of the process and before any other call. It refuses a world that
// provides less than required, and a required level below ThreadSerialized, which
// Go could not keep.
//
// A process that was not started by mpirun or srun becomes a world of one rank.
// Go's signal handlers stay as they are: Init puts back those that the library replaces.
func Init(required ThreadLevel) (*Process, error) {
	const op = "Init_thread"
	if required < ThreadSerialized || required > ThreadMultiple {
		return nil, refuse(op, ErrArg, "thread level %d is neither ThreadSerialized nor ThreadMultiple", required)
	}
	if Initialized() {
		return nil, refuse(op, ErrOther, "this process has called it before")
	}
	if err := prepare(); err != nil {
		return nil, fmt.Errorf("mpi: %s: %w", op, err)
	}
	keepProcessor()
	p := &Process{
		finalize: make(chan struct{}),
		result:   make(chan error),
	}
	go p.hold(required)
	if err := <-p.result; err != nil {
		return nil, err
	}
	return p, nil
}

// keepProcessor makes Go run with at least two processors, even where mpirun bound this rank to one core. With a single one,
// Go's scheduler takes the processor from a goroutine in a native call to run other goroutines on it, and handing it back
// costs more than a short message. While a second one is idle, it does not.
func keepProcessor() {
	if runtime.GOMAXPROCS(0) < 2 {
		runtime.GOMAXPROCS(2)
	}
}

// hold calls MPI_Init_thread and, when asked, MPI_Finalize: MPI wants both from
// one thread, so this goroutine keeps its thread and sleeps in between.
func (p *Process) hold(required ThreadLevel) {
	runtime.LockOSThread()
	err := p.join(required)
	p.result <- err
	if err != nil {
		return
	}
	<-p.finalize
	p.result <- check("Finalize", C.native_finalize())
}

func (p *Process) join(required ThreadLevel) error {
	const op = "Init_thread"
	var provided C.int
	if err := check(op, C.native_init(C.int(required), &provided)); err != nil {
		return err
	}
	p.provided = ThreadLevel(provided)
	if p.provided < required {
		refused := refuse(op, ErrOther, "thread level %d was required, MPI provides %d", required, provided)
		return errors.Join(refused, check("Finalize", C.native_finalize()))
	}
	var limit C.int
	if err := check(op, C.native_tag_limit(&limit)); err != nil {
		return err
	}
	p.tagLimit = Tag(limit)
	C.native_types(&p.types[0])
	var err error
	if p.world, err = newComm(op, p, C.native_world()); err != nil {
		return err
	}
	p.self, err = newComm(op, p, C.native_self())
	return err
}

// World is the communicator of all ranks.
func (p *Process) World() *Comm { return p.world }

// Self is a communicator of this rank alone (MPI_COMM_SELF; MPI 3.1, section 6.2.4).
func (p *Process) Self() *Comm { return p.self }

// ThreadLevel is the level that MPI provides, at least the required one.
func (p *Process) ThreadLevel() ThreadLevel { return p.provided }

// TagLimit is the largest tag of a message (MPI_TAG_UB; MPI 3.1, section 8.1.2),
// at least 32767 and the same on all ranks.
func (p *Process) TagLimit() Tag { return p.tagLimit }

// Finalize leaves the world (MPI 3.1, section 8.7). All ranks must call it, and wait
// in it for each other. Afterwards every call returns an error of class ErrOther.
// It is refused, with ErrRequest, while a request is in flight: the error names the oldest.
func (p *Process) Finalize() error {
	const op = "Finalize"
	if err := p.enter(op); err != nil {
		return err
	}
	if oldest := p.requests.oldest(); oldest != nil {
		n := p.requests.len
		p.leave()
		return refuse(op, ErrRequest, "%d requests are in flight, and nothing waited for them; the oldest is an %s", n, oldest.op)
	}
	// turn stays 1, so no goroutine enters MPI again.
	p.finalized.Store(true)
	p.finalize <- struct{}{}
	return <-p.result
}

// enter reserves MPI for the calling goroutine. A native call that succeeds ends
// that; otherwise leave does, or done.
//
// Every callsPerYield calls it yields: when a goroutine makes native calls for 10 ms
// without yielding, Go's scheduler takes its processor away in each further call, which
// doubles the time of a short one.
func (p *Process) enter(op string) error {
	for p.turn.CompareAndSwap(0, 1) {
		if p.calls++; p.calls%callsPerYield != 1 {
			return nil
		}
		p.leave()
		runtime.Gosched()
	}
	return p.noTurn(op)
}

const callsPerYield = 64

// noTurn is separate so that enter is short.
func (p *Process) noTurn(op string) error {
	if p.finalized.Load() {
		return refuse(op, ErrOther, "called after Finalize")
	}
	return refuse(op, ErrOther, "another goroutine of this process is in MPI")
}

// leave ends what enter began.
func (p *Process) leave() { p.turn.Store(0) }

// done is the error of a native call that has given the turn back itself if it
// succeeded.
func (p *Process) done(op string, code C.int) error {
	if code == C.MPI_SUCCESS {
		return nil
	}
	return p.failed(op, code)
}

// failed is the error of such a call that did not succeed.
func (p *Process) failed(op string, code C.int) error {
	err := nativeError(op, code)
	p.leave()
	return err
}

// native is the turn as C writes it.
func (p *Process) native() *C.native_turn { return (*C.native_turn)(unsafe.Pointer(&p.turn)) }

// Initialized reports whether this process has called Init, and stays true after Finalize (MPI 3.1, section 8.7). Any
// goroutine may call it at any moment.
func Initialized() bool { return C.native_initialized() != 0 }

// Finalized reports whether this process has called Finalize (MPI 3.1, section
// 8.7.2). Any goroutine may call it at any moment.
func Finalized() bool { return C.native_finalized() != 0 }

// Wtime is the time in seconds since a moment in the past that is fixed while the
// process lives (MPI 3.1, section 8.6). Any goroutine may call it after Init.
func Wtime() float64 { return float64(C.MPI_Wtime()) }
