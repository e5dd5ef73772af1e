package mpi

/*
#include "native_comm.h"
*/
import "C"

import "math"

// Rank numbers the members of a communicator, from 0 to Size-1.
type Rank int

// Comm is a communicator: an ordered group of ranks and their private message
// space (MPI 3.1, section 6.1). Only Free changes it. The package comment says who
// may call what, and when.
type Comm struct {
	process *Process
	handle  C.native_handle
	rank    Rank
	size    int
	freed   bool
}

func newComm(op string, p *Process, handle C.native_handle) (*Comm, error) {
	var rank, size C.int
	if err := check(op, C.native_rank_and_size(handle, &rank, &size)); err != nil {
		return nil, err
	}
	return &Comm{process: p, handle: handle, rank: Rank(rank), size: int(size)}, nil
}

// Process is this process, the same for all of its communicators. Any goroutine may
// call it at any moment.
func (c *Comm) Process() *Process { return c.process }

// Rank is the caller's own number in c. Any goroutine may call it at any moment.
func (c *Comm) Rank() Rank { return c.rank }

// Size is the number of ranks in c. Any goroutine may call it at any moment.
func (c *Comm) Size() int { return c.size }

// Undefined is the colour of a rank that a Split leaves out.
const Undefined = C.MPI_UNDEFINED

// Dup makes a communicator of the same ranks with a message space of its own
// (MPI_Comm_dup; MPI 3.1, section 6.4.2), so that the messages of a library and of
// its caller never meet. All ranks of c must call it.
func (c *Comm) Dup() (*Comm, error) {
	const op = "Comm_dup"
	return c.make(op, func(made *C.native_handle) C.int { return C.native_dup(c.handle, made) })
}

// Split divides c into one communicator for each colour, ordered by key, and by
// the rank in c where keys are equal (MPI 3.1, section 6.4.2). It returns the
// caller's part, or nil when its colour is Undefined; other colours must not be
// negative. All ranks of c must call it.
func (c *Comm) Split(color, key int) (*Comm, error) {
	const op = "Comm_split"
	if color != Undefined && (color < 0 || color > math.MaxInt32) {
		return nil, refuse(op, ErrArg, "colour %d is not from 0 to %d", color, math.MaxInt32)
	}
	if key < math.MinInt32 || key > math.MaxInt32 {
		return nil, refuse(op, ErrArg, "key %d has more than 32 bits", key)
	}
	return c.make(op, func(made *C.native_handle) C.int {
		return C.native_split(c.handle, C.int(color), C.int(key), made)
	})
}

// SplitShared divides c into one communicator for each node, that is, for ranks
// that can share memory (MPI_Comm_split_type; MPI 3.1, section 6.4.2). Its Rank is
// the local rank and its Size the number of ranks on the node. All ranks of c must
// call it.
func (c *Comm) SplitShared() (*Comm, error) {
	const op = "Comm_split_type"
	return c.make(op, func(made *C.native_handle) C.int { return C.native_split_shared(c.handle, made) })
}

// make runs a call that makes a communicator from c. It returns nil where the calling
// rank is in none.
func (c *Comm) make(op string, call func(made *C.native_handle) C.int) (*Comm, error) {
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	var made C.native_handle
	if err := check(op, call(&made)); err != nil || made == 0 {
		return nil, err
	}
	return newComm(op, c.process, made)
}

// Free releases a communicator that a call made (MPI 3.1, section 6.4.3). All of its
// ranks must call it. Neither the world nor Self can be freed.
func (c *Comm) Free() error {
	const op = "Comm_free"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	if c == c.process.world || c == c.process.self {
		return refuse(op, ErrComm, "neither the world nor Self can be freed")
	}
	if err := check(op, C.native_free(c.handle)); err != nil {
		return err
	}
	c.freed = true
	return nil
}

// ProcessorName is the name of the machine that the calling rank runs on (MPI
// 3.1, section 8.1.2). Any rank may call it alone.
func (c *Comm) ProcessorName() (string, error) {
	const op = "Get_processor_name"
	if err := c.enter(op); err != nil {
		return "", err
	}
	defer c.process.leave()
	var name [C.MPI_MAX_PROCESSOR_NAME]C.char
	var length C.int
	if err := check(op, C.MPI_Get_processor_name(&name[0], &length)); err != nil {
		return "", err
	}
	return C.GoStringN(&name[0], length), nil
}

// exists returns an error when c is nil. Calls ask first, since all else looks into c.
func (c *Comm) exists(op string) error {
	if c == nil || c.process == nil {
		return refuse(op, ErrComm, "the communicator is nil")
	}
	return nil
}

// enter reserves MPI for a call on c. See Process.enter, which it does not call where it can
// do without.
func (c *Comm) enter(op string) error {
	if c != nil && c.process != nil && c.process.turn.CompareAndSwap(0, 1) {
		p := c.process
		if p.calls++; p.calls%callsPerYield != 0 && !c.freed {
			return nil
		}
		p.leave()
	}
	return c.enterSlowly(op)
}

func (c *Comm) enterSlowly(op string) error {
	if err := c.exists(op); err != nil {
		return err
	}
	if err := c.process.enter(op); err != nil {
		return err
	}
	if c.freed {
		c.process.leave()
		return refuse(op, ErrComm, "the communicator was freed")
	}
	return nil
}

// checkRoot returns an error when c is nil or root is not a rank of it.
func (c *Comm) checkRoot(op string, root Rank) error {
	if c != nil && uint(root) < uint(c.size) {
		return nil
	}
	return c.wrongRoot(op, root)
}

// wrongRoot is separate so that checkRoot is inlined.
func (c *Comm) wrongRoot(op string, root Rank) error {
	if err := c.exists(op); err != nil {
		return err
	}
	return refuse(op, ErrRoot, "root %d is not from 0 to %d", root, c.size-1)
}
