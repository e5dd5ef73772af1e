package mpi

/*
#include "native_window.h"
*/
import "C"

import (
	"math"
	"unsafe"
)

// Window is memory that all ranks of a node read and write as their own: a slice of each
// rank, which the others see too (MPI 3.1, section 11.2.3). It is not Go's memory: it lives
// until Free, and no slice of it may be used afterwards.
//
// The ranks must order their accesses, as threads must. In steps: all ranks call Fence,
// write, call Fence, read. Otherwise: LockAll once at the beginning, sync/atomic on single
// elements, and Sync before and after a message or a Barrier that says that other elements
// are ready.
type Window[T Number] struct {
	comm   *Comm
	handle C.native_handle
	parts  [][]T // of each rank
	freed  bool
}

// AllocateShared makes a window of n elements of the calling rank, all 0, and what the other
// ranks ask for (MPI_Win_allocate_shared; MPI 3.1, section 11.2.3). All ranks of c must call
// it, and run on one node: SplitShared makes such a communicator. n may differ and be 0.
func AllocateShared[T Number](c *Comm, n int) (*Window[T], error) {
	const op = "Win_allocate_shared"
	size := sizeOf[T]()
	if n < 0 || n > math.MaxInt64/size {
		return nil, refuse(op, ErrCount, "%d elements are not from 0 to %d", n, math.MaxInt64/size)
	}
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	w := &Window[T]{comm: c}
	var base *C.char
	code := C.native_win_allocate_shared(C.int64_t(n*size), C.int(size), c.handle, &base, &w.handle)
	if err := check(op, code); err != nil {
		return nil, err
	}
	for r := range c.size {
		var bytes C.int64_t
		if err := check("Win_shared_query", C.native_win_shared_query(w.handle, C.int(r), &bytes, &base)); err != nil {
			return nil, err
		}
		w.parts = append(w.parts, unsafe.Slice((*T)(unsafe.Pointer(base)), int(bytes)/size))
	}
	// Neither library promises zeros.
	clear(w.parts[c.rank])
	return w, check("Barrier", C.native_win_fence(w.handle))
}

// Own is the calling rank's part. Any goroutine may call it at any moment before Free.
func (w *Window[T]) Own() []T { return w.parts[w.comm.rank] }

// Of is the part of a rank of the window's communicator (MPI_Win_shared_query; MPI 3.1,
// section 11.2.3). It panics if there is no such rank. Any goroutine may call it at any
// moment before Free.
func (w *Window[T]) Of(rank Rank) []T { return w.parts[rank] }

// Fence ends a step: what any rank wrote before it, all ranks see after it (MPI_Win_fence;
// MPI 3.1, section 11.5.1). All ranks of the window must call it.
func (w *Window[T]) Fence() error {
	return w.call("Win_fence", func() C.int { return C.native_win_fence(w.handle) })
}

// LockAll begins a time in which Sync may be called (MPI_Win_lock_all; MPI 3.1, section
// 11.5.3). It excludes nobody, and any rank may call it alone.
func (w *Window[T]) LockAll() error {
	return w.call("Win_lock_all", func() C.int { return C.native_win_lock_all(w.handle) })
}

// UnlockAll ends what LockAll began (MPI 3.1, section 11.5.3).
func (w *Window[T]) UnlockAll() error {
	return w.call("Win_unlock_all", func() C.int { return C.native_win_unlock_all(w.handle) })
}

// Sync lets the calling rank's writes be seen, and it see those of others (MPI_Win_sync; MPI
// 3.1, section 11.5.4). Any rank may call it alone, between LockAll and UnlockAll.
func (w *Window[T]) Sync() error {
	return w.call("Win_sync", func() C.int { return C.native_win_sync(w.handle) })
}

// Free gives the memory back (MPI 3.1, section 11.2.5). All ranks of the window must call
// it, outside LockAll and UnlockAll.
func (w *Window[T]) Free() error {
	err := w.call("Win_free", func() C.int { return C.native_win_free(w.handle) })
	if err == nil {
		w.freed, w.parts = true, nil
	}
	return err
}

func (w *Window[T]) call(op string, call func() C.int) error {
	if w == nil || w.comm == nil || w.freed {
		return refuse(op, ErrWin, "the window is nil or was freed")
	}
	if err := w.comm.process.enter(op); err != nil {
		return err
	}
	defer w.comm.process.leave()
	return check(op, call())
}
