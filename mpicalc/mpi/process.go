package mpi

/*
#cgo pkg-config: ompi-c
#include "native.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
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
	world    *Comm
	provided ThreadLevel

	// busy is true while a goroutine is inside MPI, and always after Finalize.
	// It guards the fields below, and its owner's writes happen before the next
	// owner's reads.
	busy     atomic.Bool
	calls    uint
	inFlight map[*Request]struct{} // reachable, so that their memory stays pinned

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
// Go's signal handlers stay as they are: Open MPI does not replace handlers that
// are installed before it starts.
func Init(required ThreadLevel) (*Process, error) {
	const op = "Init_thread"
	if required < ThreadSerialized || required > ThreadMultiple {
		return nil, refuse(op, ErrArg, "thread level %d is neither ThreadSerialized nor ThreadMultiple", required)
	}
	if Initialized() {
		return nil, refuse(op, ErrOther, "this process has called it before")
	}
	// Without mpirun, Open MPI starts a daemon in case processes are spawned, which
	// Foliocast never does.
	const isolated = "OMPI_MCA_ess_singleton_isolated"
	if _, set := os.LookupEnv(isolated); !set {
		if err := os.Setenv(isolated, "1"); err != nil {
			return nil, fmt.Errorf("mpi: %s: %w", op, err)
		}
	}
	keepProcessor()
	p := &Process{
		inFlight: make(map[*Request]struct{}),
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
	p.result <- check("Finalize", C.MPI_Finalize())
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
		return errors.Join(refused, check("Finalize", C.MPI_Finalize()))
	}
	world, err := newComm(op, p, C.native_world())
	p.world = world
	return err
}

// World is the communicator of all ranks.
func (p *Process) World() *Comm { return p.world }

// ThreadLevel is the level that MPI provides, at least the required one.
func (p *Process) ThreadLevel() ThreadLevel { return p.provided }

// Finalize leaves the world (MPI 3.1, section 8.7). All ranks must call it, and wait
// in it for each other. Afterwards every call returns an error of class ErrOther.
// It is refused while a request is in flight.
func (p *Process) Finalize() error {
	const op = "Finalize"
	if err := p.enter(op); err != nil {
		return err
	}
	if n := len(p.inFlight); n > 0 {
		p.leave()
		return refuse(op, ErrRequest, "%d requests are in flight", n)
	}
	// busy stays true, so no goroutine enters MPI again.
	p.finalized.Store(true)
	p.finalize <- struct{}{}
	return <-p.result
}

// enter reserves MPI for the calling goroutine, until leave.
func (p *Process) enter(op string) error {
	if p.busy.CompareAndSwap(false, true) {
		return nil
	}
	if p.finalized.Load() {
		return refuse(op, ErrOther, "called after Finalize")
	}
	return refuse(op, ErrOther, "another goroutine of this process is in MPI")
}

// leave ends what enter began. Every callsPerYield calls it yields: when a goroutine
// makes native calls for 10 ms without yielding, Go's scheduler takes its processor
// away in each further call, which doubles the time of a short one.
func (p *Process) leave() {
	p.calls++
	yield := p.calls%callsPerYield == 0
	p.busy.Store(false)
	if yield {
		runtime.Gosched()
	}
}

const callsPerYield = 64

// Initialized reports whether this process has called Init, and stays true after Finalize (MPI 3.1, section 8.7). Any
// goroutine may call it at any moment.
func Initialized() bool { return C.native_initialized() != 0 }

// Finalized reports whether this process has called Finalize (MPI 3.1, section
// 8.7). Any goroutine may call it at any moment.
func Finalized() bool { return C.native_finalized() != 0 }

// Wtime is the time in seconds since a moment in the past that is fixed while the
// process lives (MPI 3.1, section 8.6). Any goroutine may call it after Init.
func Wtime() float64 { return float64(C.MPI_Wtime()) }
