package relay

import (
	"context"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

const (
	// observeEvery is how often the queue is asked which jobs are running, while any may be.
	observeEvery = time.Second
	// observeIdle is the same while no job is known to be at the queue.
	observeIdle = 10 * time.Second
	// observeAfter is how long a worker has a job before that is recorded: most jobs end sooner,
	// and their end is all that there is to say of them.
	observeAfter = time.Second
	// maxObserved is how many jobs that are running no more are looked up at once.
	maxObserved = 1000
)

// observe records which jobs are running, and how far they are, so that it is an event, and waits until
// it is to be called again.
func (r *Relay) observe(ctx context.Context) error {
	before, flying, err := r.store.Running(ctx, maxObserved)
	if err != nil {
		return err
	}
	if flying {
		seen, err := r.sightings(ctx, before)
		if err != nil {
			return err
		}
		if err := r.store.Observe(ctx, seen); err != nil {
			return err
		}
	} else {
		select {
		case <-ctx.Done():
		case <-r.flying:
		case <-time.After(observeIdle):
		}
	}
	select { // what has just been sent has not been running for observeAfter
	case <-ctx.Done():
	case <-time.After(observeEvery):
	}
	return nil
}

// sightings asks the queue for the jobs that are running, and for those that were.
func (r *Relay) sightings(ctx context.Context, before []store.SentRun) ([]store.Sighting, error) {
	leased, err := r.queue.Status(ctx, message.Lookup{LeasedFor: observeAfter.Seconds()})
	if err != nil {
		return nil, err
	}
	var seen []store.Sighting
	known := map[string]bool{}
	for _, m := range leased {
		known[m.Key] = true
		if run, ok := sentRun(m.Key); ok { // others are another producer's
			seen = append(seen, sighted(run, m))
		}
	}
	var gone []string
	of := map[string]store.SentRun{}
	for _, run := range before {
		if key := run.Key(); !known[key] {
			gone, of[key] = append(gone, key), run
		}
	}
	if len(gone) == 0 {
		return seen, nil
	}
	all, err := r.queue.Status(ctx, message.Lookup{Keys: gone})
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		switch m.State {
		case message.Waiting: // its worker was lost, or gave it back
			seen = append(seen, store.Sighting{SentRun: of[m.Key], State: job.Queued})
		case message.Leased:
			seen = append(seen, sighted(of[m.Key], m))
		}
	}
	return seen, nil
}

// sighted is the sighting of a run whose message a worker has.
func sighted(run store.SentRun, m message.Status) store.Sighting {
	return store.Sighting{SentRun: run, State: job.Running, StartedAt: m.LeasedAt, Progress: min(max(m.Progress, 0), 1)}
}
