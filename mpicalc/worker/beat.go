package worker

import (
	"context"
	"time"

	"foliocast/queue/message"
)

const (
	// maxBeats is how many leases one call renews.
	maxBeats = 1000
	// A job that costs so much, or has so many assets, is long: its progress is told between the beats that its lease
	// needs.
	longCost   = time.Second
	longAssets = 5000
	// shownFirst is how soon the progress of a long job is told, and shownEvery how often at least.
	shownFirst = 100 * time.Millisecond
	shownEvery = 2 * time.Second
	// soon is how early a beat may go along with others.
	soon = 500 * time.Millisecond
)

// beat renews what is held, three times in the life of each lease, until ctx ends. It waits for nothing but the clock
// and the queue, and for the queue no longer than until the next beat would be due.
func (w *worker) beat(ctx context.Context) {
	retry := newBackOff(200*time.Millisecond, 2*time.Second)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, any := w.held.nextBeat()
		if any {
			timer.Reset(time.Until(next))
		} else {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			return
		case <-w.held.sooner:
			continue
		case <-timer.C:
		}
		beats, patience := w.held.due(time.Now())
		for len(beats) > 0 {
			n := min(len(beats), maxBeats)
			w.beatOnce(ctx, beats[:n], patience, retry)
			beats = beats[n:]
		}
		w.held.expire(time.Now())
	}
}

func (w *worker) beatOnce(ctx context.Context, beats []message.Beat, patience time.Duration, retry *backOff) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begin := time.Now()
	verdicts, err := w.queue.Heartbeat(ctx, beats)
	if err != nil {
		pause := retry.next()
		w.log.Warn("heartbeat failed", "leases", len(beats), "retry_ms", pause.Milliseconds(), "err", err)
		w.held.beatAgain(beats, time.Now().Add(pause))
		return
	}
	retry.reset()
	// What the answer does not mention is asked again soon.
	w.held.beatAgain(beats, time.Now().Add(time.Second))
	for _, v := range verdicts {
		w.held.judge(v, begin)
	}
}

// nextBeat is when the first lease is due.
func (r *registry) nextBeat() (at time.Time, any bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.byID {
		if h.gone() == here && (!any || h.beatAt.Before(at)) {
			at, any = h.beatAt, true
		}
	}
	return at, any
}

// due are the beats of the leases that are due now or soon, and how long the service may take for them.
func (r *registry) due(now time.Time) (beats []message.Beat, patience time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	patience = maxLife
	for _, h := range r.byID {
		if h.gone() == here && h.beatAt.Before(now.Add(min(soon, h.life/6))) {
			beats = append(beats, message.Beat{Held: h.key(), Progress: h.progress()})
			patience = min(patience, h.life/3)
		}
	}
	return beats, patience
}

// showProgress makes a beat due earlier for the sake of a long job's progress: the more rarely the longer the job has
// been with the ranks. It reports whether it did. The registry's lock is held.
func (h *held) showProgress(now time.Time) bool {
	if h.stage != computing || h.cost < longCost && h.plan.Assets() < longAssets {
		return false
	}
	at := now.Add(min(max(now.Sub(h.begun)/8, shownFirst), shownEvery))
	sooner := at.Before(h.beatAt)
	if sooner {
		h.beatAt = at
	}
	return sooner
}

// beatAgain sets when the next beat of leases is due.
func (r *registry) beatAgain(beats []message.Beat, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range beats {
		if h, ok := r.byID[b.ID]; ok && h.lease.Token == b.Token {
			h.beatAt = at
		}
	}
}

// judge takes a verdict on a lease into account; begin is when it was asked for, from which on an extended lease
// counts. A verdict on something that is not held, or that is none, changes nothing.
func (r *registry) judge(v message.HeldVerdict, begin time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h, ok := r.byID[v.ID]
	if !ok || h.lease.Token != v.Token {
		return
	}
	switch v.Verdict {
	case message.Extended:
		h.renew(begin)
		h.showProgress(begin)
	case message.Stop:
		h.away.CompareAndSwap(int32(here), int32(cancelled))
	case message.Stale:
		h.away.CompareAndSwap(int32(here), int32(stale))
	}
}

// expire gives up the leases that were not renewed in time. An answer that is ready is still sent: the service
// knows whether it comes too late.
func (r *registry) expire(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.byID {
		if h.stage != answered && now.After(h.expires) {
			h.away.CompareAndSwap(int32(here), int32(expired))
		}
	}
}
