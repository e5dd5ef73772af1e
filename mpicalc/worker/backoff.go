package worker

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// newBackoff makes waits that double from first up to limit. Each has a random length between half of that and the
// whole, so that workers which failed together do not come back together.
func newBackoff(first, limit time.Duration) *backoff.ExponentialBackOff {
	// A third more or less than three quarters.
	return &backoff.ExponentialBackOff{
		InitialInterval:     first * 3 / 4,
		MaxInterval:         limit * 3 / 4,
		Multiplier:          2,
		RandomizationFactor: 1.0 / 3,
	}
}

// pause waits for d, or returns false when ctx ends first.
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
