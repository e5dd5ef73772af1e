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
	leaseWait = 10 * time.Second
	// maxWaiting is how many batches of answers may be in the outbox before leasing pauses.
	maxWaiting = 4
	// drainWait is how long a call waits for a job before a worker that drains takes the queue for empty.
	drainWait = time.Second
	// unreachableFor is how long a worker that ends by itself asks a queue that is unreachable.
	unreachableFor = time.Minute
)

// ErrUnreachable says that the message service was unreachable for longer than the worker was to wait for it.
var ErrUnreachable = errors.New("no jobs could be leased")

// lease leases jobs and prepares them until it is time to stop, and returns when the last is prepared. The error says
// that the queue was unreachable for too long.
func (w *worker) lease() error {
	var preparing sync.WaitGroup
	defer preparing.Wait()
	retry := newBackoff(100*time.Millisecond, 5*time.Second)
	lastWork, lastAnswer := time.Now(), time.Now()
	inherit := w.config.Inherit
	for w.stopped.Err() == nil {
		room := w.jobs.room(w.leader.Threads(), w.config.MaxBatch)
		if room <= 0 || w.outbox.behind(maxWaiting*w.config.MaxBatch) {
			w.awaitRoom()
			continue
		}
		var leases []message.Lease
		var err error
		if inherit {
			err = w.inherit()
		}
		if err == nil {
			inherit = false
			leases, err = w.queue.Lease(w.stopped, w.config.Name, room, w.wait(lastWork), w.config.Queues...)
		}
		if err != nil && w.stopped.Err() == nil {
			delay := retry.NextBackOff()
			w.log.Warn("leasing failed", "retry_ms", delay.Milliseconds(), "err", err)
			if limit := w.giveUpAfter(); limit > 0 && time.Since(lastAnswer) > limit && w.jobs.count() == 0 {
				return fmt.Errorf("%w for %v: %w", ErrUnreachable, limit, err)
			}
			pause(w.stopped, delay)
			continue
		}
		retry.Reset()
		lastAnswer = time.Now()
		fresh := w.jobs.add(leases, lastAnswer)
		for _, j := range fresh {
			preparing.Go(func() { w.prepare(j) })
		}
		wait, declined := w.declines.idle(len(fresh), &preparing)
		if w.jobs.count() > 0 && !declined {
			lastWork = lastAnswer
		} else if w.jobs.count() == 0 && w.idleFor(time.Since(lastWork)) {
			return nil
		}
		if declined {
			pause(w.stopped, wait)
		}
	}
	return nil
}

// idleFor reports whether a worker that holds nothing, and has been without work for d, should end.
func (w *worker) idleFor(d time.Duration) bool {
	return w.config.Drain || w.config.IdleTimeout > 0 && d >= w.config.IdleTimeout
}

// awaitRoom waits until a job has ended, or until progress may have made room.
func (w *worker) awaitRoom() {
	again := time.NewTimer(200 * time.Millisecond)
	defer again.Stop()
	select {
	case <-w.jobs.roomFreed:
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

// giveUpAfter is how long to ask a queue that is unreachable; 0 means for ever.
func (w *worker) giveUpAfter() time.Duration {
	if w.config.Drain || w.config.IdleTimeout > 0 {
		return max(unreachableFor, w.config.IdleTimeout)
	}
	return 0
}

// release returns jobs to the queue that are not to be computed here. When the queue cannot be reached, it gets them back
// as their leases expire.
func (w *worker) release(jobs []*leasedJob) {
	if len(jobs) == 0 {
		return
	}
	w.outbox.awaitSaved(jobs, w.config.closing/4)
	ctx, cancel := context.WithTimeout(context.Background(), w.config.closing/4)
	defer cancel()
	keys, names := make([]message.Held, len(jobs)), make([]string, len(jobs))
	for i, j := range jobs {
		keys[i], names[i] = j.key(), j.name()
	}
	if _, err := w.queue.Release(ctx, keys); err != nil {
		w.log.Warn("cannot return jobs: their leases will expire", "leases", len(keys), "job_ids", names, "err", err)
	} else {
		w.log.Info("jobs returned", "leases", len(keys), "job_ids", names)
		for _, j := range jobs {
			w.outbox.spans.ended(j, "given back")
		}
	}
	for _, j := range jobs {
		j.free()
		w.jobs.remove(j)
	}
}
