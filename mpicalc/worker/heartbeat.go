package worker

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"

	"foliocast/queue/message"
)

const (
	// maxBeats is how many leases one call renews.
	maxBeats = 1000
	// A job of this cost, or with this many assets, is long: its progress is reported between the heartbeats that its
	// lease needs.
	longCost   = time.Second
	longAssets = 5000
	// firstProgress is how soon the progress of a long job is reported, and progressEvery how often at least.
	firstProgress = 100 * time.Millisecond
	progressEvery = 2 * time.Second
	// soon is how early a heartbeat may be sent together with others.
	soon = 500 * time.Millisecond
)

// beat renews the leases, three times in the lifetime of each, until ctx ends. It waits only for the clock and the queue,
// and for the queue no longer than until the next heartbeat would be due.
func (w *worker) beat(ctx context.Context) {
	retry := newBackoff(200*time.Millisecond, 2*time.Second)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, any := w.jobs.nextBeat()
		if any {
			timer.Reset(time.Until(next))
		} else {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			return
		case <-w.jobs.beatEarlier:
			continue
		case <-timer.C:
		}
		beats, limit := w.jobs.due(time.Now())
		for len(beats) > 0 {
			n := min(len(beats), maxBeats)
			w.beatOnce(ctx, beats[:n], limit, retry)
			beats = beats[n:]
		}
		w.jobs.expire(time.Now())
	}
}

func (w *worker) beatOnce(ctx context.Context, beats []message.Beat, limit time.Duration, retry *backoff.ExponentialBackOff) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sent := time.Now()
	verdicts, err := w.queue.Heartbeat(ctx, beats)
	if err != nil {
		delay := retry.NextBackOff()
		w.log.Warn("heartbeat failed", "leases", len(beats), "retry_ms", delay.Milliseconds(), "err", err)
		w.jobs.beatAgain(beats, time.Now().Add(delay))
		return
	}
	retry.Reset()
	// Leases that the answer does not mention are tried again soon.
	w.jobs.beatAgain(beats, time.Now().Add(time.Second))
	for _, v := range verdicts {
		w.jobs.apply(v, sent)
	}
}

// nextBeat is when the next lease is due for a heartbeat.
func (r *registry) nextBeat() (at time.Time, any bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range r.byID {
		if j.valid() && (!any || j.beatAt.Before(at)) {
			at, any = j.beatAt, true
		}
	}
	return at, any
}

// due lists the heartbeats of the leases that are due now or soon, and how long the queue may take for them.
func (r *registry) due(now time.Time) (beats []message.Beat, limit time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	limit = maxLifetime
	for _, j := range r.byID {
		if j.valid() && j.beatAt.Before(now.Add(min(soon, j.lifetime/6))) {
			beats = append(beats, message.Beat{Held: j.key(), Progress: j.progress()})
			limit = min(limit, j.lifetime/3)
		}
	}
	return beats, limit
}

// scheduleProgress makes the next heartbeat of a long job due earlier, to report its progress: the less often the longer
// the job has been with the ranks. It reports whether it did. The registry's lock is held.
func (j *leasedJob) scheduleProgress(now time.Time) bool {
	if j.stage != computing || j.cost < longCost && j.plan.Assets() < longAssets {
		return false
	}
	at := now.Add(min(max(now.Sub(j.startedAt)/8, firstProgress), progressEvery))
	earlier := at.Before(j.beatAt)
	if earlier {
		j.beatAt = at
	}
	return earlier
}

// beatAgain sets when the next heartbeats of leases are due.
func (r *registry) beatAgain(beats []message.Beat, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range beats {
		if j, ok := r.byID[b.ID]; ok && j.lease.Token == b.Token {
			j.beatAt = at
		}
	}
}

// apply records the queue's verdict on a lease. An extended lease lives from when the heartbeat was sent. An unknown
// verdict, or one on a lease that is not held, changes nothing.
func (r *registry) apply(v message.HeldVerdict, sent time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, ok := r.byID[v.ID]
	if !ok || j.lease.Token != v.Token {
		return
	}
	switch v.Verdict {
	case message.Extended:
		j.renew(sent)
		j.scheduleProgress(sent)
	case message.Stop:
		j.lose(cancelled)
	case message.Stale:
		j.lose(stale)
	}
}

// expire gives up the leases that were not renewed in time. An answer that is in the outbox is still sent: the queue
// knows whether it comes too late.
func (r *registry) expire(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range r.byID {
		if j.stage != answered && now.After(j.expires) {
			j.lose(expired)
		}
	}
}
