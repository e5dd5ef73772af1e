package api

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

// flights are the requests in the flat form that are being answered, by what they ask. A client repeats a request whose answer did
// not come: the repetition joins the job that the first one has begun. Safe for concurrent use.
type flights struct {
	wait  time.Duration // that a request waits for its job
	grace time.Duration // that a job goes on for which no request waits

	mu     sync.Mutex
	flying map[flatKey]*flight
}

// flatKey stands for who asks, for what, with which body.
type flatKey [sha256.Size]byte

// flight is one job and the requests that wait for it.
type flight struct {
	flatCall
	err error // of the start

	key     flatKey
	once    sync.Once
	waiters int
	alone   *time.Timer // ends a job that nobody waits for
}

// flatGrace is longer than the 10 s after which clients repeat a request.
const flatGrace = 30 * time.Second

// cleanTime bounds what is done for a request that has ended.
const cleanTime = 30 * time.Second

func newFlights() *flights {
	return &flights{wait: flatWait, grace: flatGrace, flying: map[flatKey]*flight{}}
}

// join returns the flight of a request, which may be new. Each join needs a leave.
func (f *flights) join(key flatKey) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.flying[key]
	if c == nil {
		c = &flight{key: key}
		f.flying[key] = c
	}
	c.waiters++
	if c.alone != nil {
		c.alone.Stop()
		c.alone = nil
	}
	return c
}

// start lets the first of the requests begin the job, and the others wait for that.
func (c *flight) start(begin func()) { c.once.Do(begin) }

// leave says that a request waits no longer. When the job is done, no further request joins it, and the last to leave cleans up. When it
// is not done, the last one does so after the grace, unless another request has joined by then.
func (f *flights) leave(ctx context.Context, c *flight, done bool, clean func(ctx context.Context, done bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.waiters--
	if done && f.flying[c.key] == c {
		delete(f.flying, c.key)
	}
	if c.waiters > 0 {
		return
	}
	now := func() {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer stop()
		clean(ctx, done)
	}
	if f.flying[c.key] != c {
		go now()
		return
	}
	c.alone = time.AfterFunc(f.grace, func() {
		f.mu.Lock()
		over := c.waiters == 0 && f.flying[c.key] == c
		if over {
			delete(f.flying, c.key)
		}
		f.mu.Unlock()
		if over {
			now()
		}
	})
}
