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

// maxSuccessors is how many jobs that follow an ended one are settled in one transaction.
const maxSuccessors = 500

// release settles the jobs that follow ended ones, puts those into the outbox that nothing
// holds back any more, and waits until it is to be called again.
func (r *Relay) release(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = r.store.SettleSuccessors(ctx, maxSuccessors); err != nil {
			return err
		}
	}
	n, next, err := r.store.Release(ctx, maxBatch)
	if err != nil {
		return err
	}
	if n > 0 {
		poke(r.wake)
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
	case <-r.due:
	case <-time.After(wait):
	}
	return nil
}
