package main

import (
	"runtime"
	"syscall"
	"time"

	"foliocast/mpicalc/mpi"
	"foliocast/mpicalc/mpi/wake"
	"foliocast/mpicalc/spmd"
)

const (
	// spin is how long a rank with a core of its own looks for messages without sleeping: longer than the gap between two of a
	// busy world.
	spin = time.Millisecond
	// shortSleep is the first sleep between two looks, sleepShare what part of the time waited so far later ones take, and
	// longSleep the longest.
	shortSleep = 50 * time.Microsecond
	sleepShare = 16
	longSleep  = 5 * time.Millisecond
	// crowdSleep is the first sleep, and the longest if longSleep is shorter, for each of the ranks that share a CPU: together they
	// leave most of it to those that have work, and to rank 0.
	crowdSleep = 400 * time.Microsecond
	// fitSleep is the first sleep of a rank that fits: its core has better things to do.
	fitSleep = time.Millisecond
)

// comm is the world as spmd wants it.
type comm struct {
	world *mpi.Comm
	bell  *wake.Bell
	crowd int // threads of this node for each CPU, rounded up
}

// tag is that of all messages.
const tag = 0

func (c comm) Rank() int { return int(c.world.Rank()) }
func (c comm) Size() int { return c.world.Size() }

func (c comm) Wake() error { return c.bell.Bcast(nil) }

func (c comm) Isend(buf []byte, to int) (spmd.Request, error) {
	return mpi.Isend(c.world, buf, mpi.Rank(to), tag)
}

func (c comm) Irecv(buf []byte, from int) (spmd.Request, error) {
	return mpi.Irecv(c.world, buf, mpi.Rank(from), tag)
}

// looks is how often Iprobe looks: MPI receives a message in one call, and only the next one finds it.
const looks = 2

func (c comm) Iprobe() (from, size int, found bool, err error) {
	source := mpi.AnySource
	if c.Rank() > 0 {
		source = 0 // finding out that nobody has sent anything takes a time for each rank
	}
	for range looks {
		status, found, err := mpi.Iprobe[byte](c.world, source, tag)
		if found || err != nil {
			return int(status.Source), status.Count, found, err
		}
	}
	return 0, 0, false, nil
}

func (c comm) Await(wake <-chan struct{}, most time.Duration) error {
	begin := time.Now()
	first := shortSleep
	if c.crowd > 1 && c.Rank() > 0 {
		first = crowdSleep * time.Duration(c.crowd)
	}
	longest := max(longSleep, first)
	for {
		if _, _, found, err := c.Iprobe(); found || err != nil {
			return err
		}
		waited := time.Since(begin)
		switch {
		case waited >= most:
			return nil
		case wake != nil:
			if awakened(wake, min(max(waited/2, fitSleep, first), longest, most-waited)) {
				return nil
			}
		case waited < spin && c.crowd == 1:
			runtime.Gosched()
		default:
			sleep(min(max(waited/sleepShare, first), longest, most-waited))
		}
	}
}

// awakened waits for a signal, and reports whether it came in time.
func awakened(wake <-chan struct{}, most time.Duration) bool {
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-wake:
		return true
	case <-late.C:
		return false
	}
}

// sleep is time.Sleep with a finer grain: the runtime rounds a sleep of an idle process up to a millisecond.
func sleep(d time.Duration) {
	request := syscall.NsecToTimespec(d.Nanoseconds())
	_ = syscall.Nanosleep(&request, nil) // one that a signal breaks off is shorter
}
