package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"foliocast/queue/message"
)

const (
	// leaseWait is how long one call waits for a job.
	leaseWait = 20 * time.Second
	// waitingBatches is how many batches of answers may wait for a service that does not take them.
	waitingBatches = 4
	// drainWait is how long a worker that drains waits until it believes that nothing is left.
	drainWait = time.Second
	// awayFor is how long a worker that is to end by itself asks a service that is away.
	awayFor = time.Minute
)

// ErrAway says that the message service was away for as long as the worker was to wait for it.
var ErrAway = errors.New("no jobs could be leased")

// lease leases jobs and prepares them until it is time to stop, and returns when the last is prepared. The error is
// that the service was away for too long.
func (w *worker) lease() error {
	var preparing sync.WaitGroup
	defer preparing.Wait()
	retry := newBackOff(100*time.Millisecond, 5*time.Second)
	lastWork, lastAnswer := time.Now(), time.Now()
	heir := w.config.Heir
	for w.stopped.Err() == nil {
		room := w.held.room(w.leader.Threads(), w.config.MaxBatch)
		if room <= 0 || w.post.behind(waitingBatches*w.config.MaxBatch) {
			w.awaitRoom()
			continue
		}
		var leases []message.Lease
		var err error
		if heir {
			err = w.inherit()
		}
		if err == nil {
			heir = false
			leases, err = w.queue.Lease(w.stopped, w.config.Name, room, w.wait(lastWork), w.config.Queues...)
		}
		if err != nil && w.stopped.Err() == nil {
			delay := retry.next()
			w.log.Warn("leasing failed", "retry_ms", delay.Milliseconds(), "err", err)
			if patience := w.patience(); patience > 0 && time.Since(lastAnswer) > patience && w.held.count() == 0 {
				return fmt.Errorf("%w for %v: %w", ErrAway, patience, err)
			}
			pause(w.stopped, delay)
			continue
		}
		retry.reset()
		lastAnswer = time.Now()
		fresh := w.held.add(leases, lastAnswer)
		for _, h := range fresh {
			preparing.Go(func() { w.prepare(h) })
		}
		wait, declined := w.declines.idle(len(fresh), &preparing)
		if w.held.count() > 0 && !declined {
			lastWork = lastAnswer
		} else if w.held.count() == 0 && w.idleFor(time.Since(lastWork)) {
			return nil
		}
		if declined {
			pause(w.stopped, wait)
		}
	}
	return nil
}

// idleFor reports whether a worker that holds nothing, and had no work for so long, is to end.
func (w *worker) idleFor(d time.Duration) bool {
	return w.config.Drain || w.config.IdleTimeout > 0 && d >= w.config.IdleTimeout
}

// awaitRoom waits until a job has ended, or its progress may have made room.
func (w *worker) awaitRoom() {
	again := time.NewTimer(200 * time.Millisecond)
	defer again.Stop()
	select {
	case <-w.held.freed:
	case <-again.C:
	case <-w.stopped.Done():
	}
}

// wait is how long the next call may wait for a job.
func (w *worker) wait(lastWork time.Time) time.Duration {
	if w.config.Drain {
		return drainWait
	}
	if w.config.IdleTimeout > 0 {
		return min(leaseWait, max(w.config.IdleTimeout-time.Since(lastWork), 10*time.Millisecond))
	}
	return leaseWait
}

// patience is how long to ask a service that is away; 0 for ever.
func (w *worker) patience() time.Duration {
	if w.config.Drain || w.config.IdleTimeout > 0 {
		return max(awayFor, w.config.IdleTimeout)
	}
	return 0
}

// giveBack releases jobs that are not to be done here. When the service cannot be reached they come back to it by
// themselves as their leases expire.
func (w *worker) giveBack(jobs []*held) {
	if len(jobs) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.config.closing/4)
	defer cancel()
	keys := make([]message.Held, len(jobs))
	for i, h := range jobs {
		keys[i] = h.key()
	}
	if _, err := w.queue.Release(ctx, keys); err != nil {
		w.log.Warn("release failed: the leases will expire", "leases", len(keys), "err", err)
	} else {
		w.log.Info("given back", "leases", len(keys))
	}
	for _, h := range jobs {
		h.free()
		w.held.remove(h)
	}
}
