package relay

import (
	"context"
	"time"
)

const (
	// releaseEvery is how often the relay looks for jobs whose time has come: a job that was
	// held back a moment ago is released at most so much too late.
	releaseEvery = 500 * time.Millisecond
	// releaseAgain is how soon it looks again for jobs that another process had locked.
	releaseAgain = 20 * time.Millisecond
)

// release puts the jobs into the outbox whose time has come, and waits until it is to be
// called again.
func (r *Relay) release(ctx context.Context) error {
	n, next, err := r.store.Release(ctx, maxBatch)
	if err != nil {
		return err
	}
	if n > 0 {
		r.Wake()
	}
	if n == maxBatch {
		return nil
	}
	wait := releaseEvery
	if next >= 0 {
		wait = min(max(next, releaseAgain), releaseEvery)
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
	return nil
}
