package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// patience bounds the time without any message that ends.
const patience = time.Minute

// counter waits for a number of messages. Safe for concurrent use.
type counter struct {
	left atomic.Int64
	done chan struct{}
}

func newCounter(n int) *counter {
	c := &counter{done: make(chan struct{})}
	c.left.Store(int64(n))
	return c
}

func (c *counter) add(n int) {
	if left := c.left.Add(int64(-n)); left <= 0 && left+int64(n) > 0 {
		close(c.done)
	}
}

func (c *counter) wait(ctx context.Context) error {
	tick := time.NewTicker(patience)
	defer tick.Stop()
	before := c.left.Load()
	for {
		select {
		case <-c.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			now := c.left.Load()
			if now == before {
				return fmt.Errorf("nothing ended for %v, and %d messages are left", patience, now)
			}
			before = now
		}
	}
}
