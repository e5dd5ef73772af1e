package spmd

import (
	"errors"
	"fmt"
	"sync"
)

// Local runs body on n ranks, one goroutine each, with a communicator in this process's memory, and returns when all have
// ended. A rank that returns an error ends the world: the other ranks' calls fail from then on. The errors of all ranks
// are joined.
func Local(n int, body func(Comm) error) error {
	world := &localWorld{size: n, ranks: make([]slot, n)}
	world.arrived.L = &world.mu
	errs := make([]error, n)
	var all sync.WaitGroup
	for r := range n {
		all.Go(func() {
			if err := body(&localComm{world, r}); err != nil {
				errs[r] = fmt.Errorf("rank %d: %w", r, err)
				world.fail()
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// ErrWorldEnded is the error of calls on a Local communicator after another rank has failed.
var ErrWorldEnded = errors.New("another rank has ended the world")

// slot holds what one rank contributes to a collective call.
type slot struct {
	bytes  []byte
	values []float64
	number int64
}

// localWorld is the memory that the ranks share. Every collective call has two barriers: after the first all slots are
// filled, after the second all have been read.
type localWorld struct {
	size    int
	mu      sync.Mutex
	arrived sync.Cond
	waiting int
	round   int
	ended   bool
	ranks   []slot
	counts  []int // of rank 0
}

func (w *localWorld) fail() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.arrived.Broadcast()
}

// barrier returns when every rank has called it.
func (w *localWorld) barrier() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	round := w.round
	w.waiting++
	if w.waiting == w.size {
		w.waiting = 0
		w.round++
		w.arrived.Broadcast()
	}
	for round == w.round && !w.ended {
		w.arrived.Wait()
	}
	if round == w.round {
		return ErrWorldEnded
	}
	return nil
}

type localComm struct {
	world *localWorld
	rank  int
}

func (c *localComm) Rank() int { return c.rank }
func (c *localComm) Size() int { return c.world.size }

// call fills the caller's slot, and reads the slots once all ranks have filled theirs.
func (c *localComm) call(own slot, read func() error) error {
	c.world.ranks[c.rank] = own
	if err := c.world.barrier(); err != nil {
		return err
	}
	failed := read()
	return errors.Join(failed, c.world.barrier())
}

func (c *localComm) AwaitBcast(buf []byte) error { return c.Bcast(buf) }

func (c *localComm) Bcast(buf []byte) error {
	return c.call(slot{bytes: buf}, func() error {
		if c.rank == 0 {
			return nil
		}
		return fill(buf, c.world.ranks[0].bytes)
	})
}

func (c *localComm) Scatterv(send []byte, counts []int, recv []byte) error {
	if c.rank == 0 {
		c.world.counts = counts
	}
	return c.call(slot{bytes: send}, func() error { return fill(recv, block(c, c.world.ranks[0].bytes)) })
}

func (c *localComm) ScattervValues(send []float64, counts []int, recv []float64) error {
	if c.rank == 0 {
		c.world.counts = counts
	}
	return c.call(slot{values: send}, func() error { return fill(recv, block(c, c.world.ranks[0].values)) })
}

func (c *localComm) Gatherv(send, recv []byte, counts []int) error {
	return c.call(slot{bytes: send}, func() error {
		if c.rank != 0 {
			return nil
		}
		for r, n := range counts {
			if err := fill(recv[:n], c.world.ranks[r].bytes); err != nil {
				return err
			}
			recv = recv[n:]
		}
		return nil
	})
}

func (c *localComm) Allmin(number int64) (least int64, err error) {
	least = number
	err = c.call(slot{number: number}, func() error {
		for _, s := range c.world.ranks {
			least = min(least, s.number)
		}
		return nil
	})
	return least, err
}

// block is the caller's part of what rank 0 scatters.
func block[T any](c *localComm, whole []T) []T {
	from := 0
	for _, n := range c.world.counts[:c.rank] {
		from += n
	}
	return whole[from : from+c.world.counts[c.rank]]
}

// fill copies, and refuses lengths that differ, which MPI does not always notice.
func fill[T any](to, from []T) error {
	if len(to) != len(from) {
		return fmt.Errorf("%d elements sent, %d expected", len(from), len(to))
	}
	copy(to, from)
	return nil
}
