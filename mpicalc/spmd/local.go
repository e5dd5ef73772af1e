package spmd

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Local runs body on n ranks, one goroutine each, with a communicator in this process's memory, and returns when all have
// ended. A rank that returns an error ends the world: the other ranks' calls fail from then on. The errors of all ranks
// are joined.
func Local(n int, body func(Comm) error) error {
	world := &localWorld{ranks: make([]mailbox, n)}
	world.woken.L = &world.mu
	for r := range world.ranks {
		world.ranks[r].arrived = make(chan struct{}, 1)
	}
	errs := make([]error, n)
	var all sync.WaitGroup
	for r := range n {
		all.Go(func() {
			if err := body(&localComm{world: world, rank: r}); err != nil {
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

// localWorld is the memory that the ranks share.
type localWorld struct {
	mu    sync.Mutex
	ended bool
	ranks []mailbox
	woken sync.Cond
	wakes int // calls of Wake by rank 0
}

// mailbox holds the messages to a rank that it has not received, the oldest first.
type mailbox struct {
	messages []localMessage
	arrived  chan struct{} // holds a token when a message may have come, or the world has ended
}

type localMessage struct {
	from int
	text []byte
}

func (b *mailbox) ring() {
	select {
	case b.arrived <- struct{}{}:
	default:
	}
}

func (w *localWorld) fail() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.woken.Broadcast()
	for r := range w.ranks {
		w.ranks[r].ring()
	}
}

type localComm struct {
	world *localWorld
	rank  int
	wakes int // calls of Wake
}

func (c *localComm) Rank() int { return c.rank }
func (c *localComm) Size() int { return len(c.world.ranks) }

// enter locks the world, unless it has ended.
func (c *localComm) enter() (own *mailbox, err error) {
	c.world.mu.Lock()
	if c.world.ended {
		c.world.mu.Unlock()
		return nil, ErrWorldEnded
	}
	return &c.world.ranks[c.rank], nil
}

func (c *localComm) Wake() error {
	if _, err := c.enter(); err != nil {
		return err
	}
	defer c.world.mu.Unlock()
	c.wakes++
	if c.rank == 0 {
		c.world.wakes++
		c.world.woken.Broadcast()
	}
	for c.world.wakes < c.wakes && !c.world.ended {
		c.world.woken.Wait()
	}
	if c.world.wakes < c.wakes {
		return ErrWorldEnded
	}
	return nil
}

func (c *localComm) Isend(buf []byte, to int) (Request, error) {
	if _, err := c.enter(); err != nil {
		return nil, err
	}
	defer c.world.mu.Unlock()
	if to < 0 || to >= c.Size() || to == c.rank {
		return nil, fmt.Errorf("rank %d cannot send to rank %d", c.rank, to)
	}
	box := &c.world.ranks[to]
	box.messages = append(box.messages, localMessage{c.rank, bytes.Clone(buf)})
	box.ring()
	return localRequest{}, nil
}

func (c *localComm) Iprobe() (from, size int, found bool, err error) {
	own, err := c.enter()
	if err != nil {
		return 0, 0, false, err
	}
	defer c.world.mu.Unlock()
	if len(own.messages) == 0 {
		return 0, 0, false, nil
	}
	return own.messages[0].from, len(own.messages[0].text), true, nil
}

func (c *localComm) Irecv(buf []byte, from int) (Request, error) {
	own, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.world.mu.Unlock()
	if len(own.messages) == 0 || own.messages[0].from != from || len(own.messages[0].text) != len(buf) {
		return nil, fmt.Errorf("rank %d has no message of %d bytes from rank %d", c.rank, len(buf), from)
	}
	copy(buf, own.messages[0].text)
	own.messages[0] = localMessage{}
	own.messages = own.messages[1:]
	return localRequest{}, nil
}

func (c *localComm) Await(wake <-chan struct{}, most time.Duration) error {
	own, err := c.enter()
	if err != nil {
		return err
	}
	waiting := len(own.messages)
	c.world.mu.Unlock()
	if waiting > 0 {
		return nil
	}
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-own.arrived:
	case <-wake:
	case <-late.C:
	}
	return nil
}

// localRequest is done at once.
type localRequest struct{}

func (localRequest) Test() (bool, error) { return true, nil }
