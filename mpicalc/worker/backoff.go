package worker

import (
	"context"
	"math/rand/v2"
	"time"
)

// backOff counts failures in a row and says how long to wait after each: twice as long as before, up to most, and of
// random length between a half and the whole of it, so that workers which failed together do not come back together.
type backOff struct {
	first, most time.Duration
	failures    int
}

func newBackOff(first, most time.Duration) *backOff { return &backOff{first: first, most: most} }

// next counts a failure and returns the wait.
func (b *backOff) next() time.Duration {
	whole := b.first << min(b.failures, 20)
	if whole > b.most {
		whole = b.most
	}
	b.failures++
	return whole/2 + rand.N(whole/2+1)
}

func (b *backOff) reset() { b.failures = 0 }

// pause waits, or returns false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
