package spmd

import "time"

// Comm is what this package needs of a communicator: messages of bytes between any two ranks. Messages from one rank to another
// arrive in the order in which they were sent. A rank makes one call at a time. After an error a rank leaves its loop, and its
// caller must end the other ranks.
type Comm interface {
	// Rank is the caller's number, 0 to Size-1.
	Rank() int
	// Size is the number of ranks.
	Size() int
	// Wake is called by all ranks, equally often. Rank 0 wakes the others in it, which may wait there for hours and must leave
	// their cores to others meanwhile.
	Wake() error
	// Isend starts to send buf to another rank. Until the request is done, buf must not change.
	Isend(buf []byte, to int) (Request, error)
	// Iprobe looks, without waiting, for a message from any rank that Irecv has not taken: who sent it, and its length.
	Iprobe() (from, size int, found bool, err error)
	// Irecv starts to receive the oldest message from a rank, which Iprobe has found, into buf of its length.
	Irecv(buf []byte, from int) (Request, error)
	// Await returns when Iprobe may find a message, when wake can be received from, or after most, whichever is first. It may take
	// the signal from wake, which may be nil.
	Await(wake <-chan struct{}, most time.Duration) error
}

// Request is a message on its way.
type Request interface {
	// Test lets messages make progress and reports whether this one is done. Once it has, it must not be called again.
	Test() (done bool, err error)
}
