package mpi

/*
#include "native.h"

#cgo nocallback native_barrier
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
	handle  C.native_comm
	rank    Rank
	size    int
	freed   bool
}

func newComm(op string, p *Process, handle C.native_comm) (*Comm, error) {
	var rank, size C.int
	if err := check(op, C.native_rank_and_size(handle, &rank, &size)); err != nil {
		return nil, err
	}
	return &Comm{process: p, handle: handle, rank: Rank(rank), size: int(size)}, nil
}

// Rank is the caller's own number in c. Any goroutine may call it at any moment.
func (c *Comm) Rank() Rank { return c.rank }

// Size is the number of ranks in c. Any goroutine may call it at any moment.
func (c *Comm) Size() int { return c.size }

// Barrier returns when every rank of c has called it (MPI 3.1, section 5.3). All
// ranks of c must call it.
func (c *Comm) Barrier() error {
	const op = "Barrier"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	return check(op, C.native_barrier(c.handle))
}

// Undefined is the colour of a rank that a Split leaves out.
const Undefined = C.MPI_UNDEFINED

// Split divides c into one communicator for each colour, ordered by key, and by
// the rank in c where keys are equal (MPI 3.1, section 6.4.2). It returns the
// caller's part, or nil when its colour is Undefined; other colours must not be
// negative. All ranks of c must call it.
func (c *Comm) Split(color, key int) (*Comm, error) {
	const op = "Comm_split"
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	if color != Undefined && (color < 0 || color > math.MaxInt32) {
		return nil, refuse(op, ErrArg, "colour %d is not from 0 to %d", color, math.MaxInt32)
	}
	if key < math.MinInt32 || key > math.MaxInt32 {
		return nil, refuse(op, ErrArg, "key %d has more than 32 bits", key)
	}
	var part C.native_comm
	if err := check(op, C.native_split(c.handle, C.int(color), C.int(key), &part)); err != nil {
		return nil, err
	}
	if part == 0 {
		return nil, nil
	}
	return newComm(op, c.process, part)
}

// SplitShared divides c into one communicator for each node, that is, for ranks
// that can share memory (MPI_Comm_split_type; MPI 3.1, section 6.4.2). Its Rank is
// the local rank and its Size the number of ranks on the node. All ranks of c must
// call it.
func (c *Comm) SplitShared() (*Comm, error) {
	const op = "Comm_split_type"
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	var part C.native_comm
	if err := check(op, C.native_split_shared(c.handle, &part)); err != nil {
		return nil, err
	}
	return newComm(op, c.process, part)
}

// Free releases a communicator that Split or SplitShared made (MPI 3.1, section
// 6.4.3). All of its ranks must call it. The world cannot be freed.
func (c *Comm) Free() error {
	const op = "Comm_free"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	if c == c.process.world {
		return refuse(op, ErrComm, "the world cannot be freed")
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

// enter reserves MPI for a call on c, until c.process.leave.
func (c *Comm) enter(op string) error {
	if c == nil || c.process == nil {
		return refuse(op, ErrComm, "the communicator is nil")
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

// checkRoot returns an error when root is not a rank of c.
func (c *Comm) checkRoot(op string, root Rank) error {
	if root < 0 || int(root) >= c.size {
		return refuse(op, ErrRoot, "root %d is not from 0 to %d", root, c.size-1)
	}
	return nil
}
