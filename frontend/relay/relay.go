// Package relay sends the store's outbox to the message service and applies the
// results that come back. Every step may be repeated without harm, by this process
// after a crash or by another one at the same time: the store decides what counts.
package relay

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/tracing"
	"foliocast/queue/client"
)

// Relay moves jobs and results between the store and the queue. Safe for concurrent use.
type Relay struct {
	// Ended hears at once of jobs whose end the relay has recorded, and of some whose end it has not: others have
	// to look. It may be nil, and must not change once the relay runs.
	Ended func(ids ...job.ID)

	store  *store.Store
	queue  *client.Client
	log    *slog.Logger
	wake   chan struct{}
	due    chan struct{} // a job has ended, which others may follow
	flying chan struct{} // jobs were sent to the queue
	small  chan struct{} // an answer was put aside
	large  chan struct{} // the same, for the other loop
	batch  int           // messages in the next upload
	handed handoff
	// patience is after how long another process that took entries counts as dead; if it
	// is alive, both send them.
	patience time.Duration
	gap      store.Position // up to which deleted results are made up for; of the collecting goroutine
	feedWait time.Duration  // how long the queue may wait for the next result
	jobs     *prometheus.CounterVec
	took     *prometheus.HistogramVec

	Tracer *tracing.Tracer // makes the spans of jobs that are part of a trace; nil means none
}

// New returns a relay, which counts jobs in metrics.
func New(s *store.Store, q *client.Client, log *slog.Logger, metrics prometheus.Registerer) *Relay {
	r := &Relay{store: s, queue: q, log: log, wake: make(chan struct{}, 1), due: make(chan struct{}, 1), flying: make(chan struct{}, 1), small: make(chan struct{}, 1), large: make(chan struct{}, 1), batch: maxBatch, handed: newHandoff(), patience: patience, feedWait: feedWait,
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "foliocast_jobs_total", Help: "Jobs by event: sent, refused, or the state in which they ended.",
		}, []string{"event"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "foliocast_job_run_seconds", Help: "Time from the last lease of a job to its end, by the state in which it ended.",
			Buckets: prometheus.ExponentialBuckets(0.05, 4, 9),
		}, []string{"state"})}
	metrics.MustRegister(r.jobs, r.took)
	for _, event := range []string{"sent", "refused", "redriven", string(job.Done), string(job.Partial), string(job.Failed), string(job.Cancelled), string(job.Dead)} {
		r.jobs.WithLabelValues(event) // so that an increase from 0 is seen
	}
	return r
}

// Run works until ctx ends.
func (r *Relay) Run(ctx context.Context) {
	var group errgroup.Group
	group.Go(func() error { r.repeat(ctx, "send the outbox", r.send); r.returnHanded(ctx); return nil })
	group.Go(func() error { r.repeat(ctx, "release jobs whose time has come", r.release); return nil })
	group.Go(func() error { r.repeat(ctx, "apply the results", r.collect); return nil })
	group.Go(func() error { r.repeat(ctx, "observe the jobs that are running", r.observe); return nil })
	group.Go(func() error { r.repeat(ctx, "fetch an answer in parts", r.fetchSmall); return nil })
	group.Go(func() error { r.repeat(ctx, "fetch a large answer", r.fetchLarge); return nil })
	_ = group.Wait() // none returns an error
}

// tell tells of outcomes that were recorded.
func (r *Relay) tell(outcomes ...store.Outcome) {
	ended := make([]job.ID, len(outcomes))
	for i, o := range outcomes {
		ended[i] = o.Job
		r.jobs.WithLabelValues(string(o.State)).Inc()
		if o.StartedAt != nil && o.EndedAt != nil {
			r.took.WithLabelValues(string(o.State)).Observe(max(0, o.EndedAt.Sub(*o.StartedAt).Seconds()))
		}
	}
	if r.Ended != nil {
		r.Ended(ended...)
	}
}

// Wake tells the relay that the outbox has a new entry, or that a job has ended.
func (r *Relay) Wake() {
	poke(r.wake)
	poke(r.due)
}

// poke wakes the goroutine that waits on a channel.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is to wake already
	}
}

// repeat calls step until ctx ends. After a failure it waits, longer each time and
// with jitter.
func (r *Relay) repeat(ctx context.Context, what string, step func(context.Context) error) {
	waits := backoff.ExponentialBackOff{InitialInterval: 50 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 5 * time.Second}
	for ctx.Err() == nil {
		err := step(ctx)
		if err == nil {
			waits.Reset()
			continue
		}
		if ctx.Err() != nil {
			return
		}
		level := slog.LevelWarn
		if problem.Is(err, problem.Conflict) {
			level = slog.LevelError // the queue has another database than before, and only an operator can repair that
		}
		wait := waits.NextBackOff()
		r.log.Log(ctx, level, "a step failed and will be repeated", "task", what, "err", err, "duration_ms", wait.Milliseconds())
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// declined reports whether the queue did nothing, and will do nothing later: it said
// so itself, or the request was never sent.
func declined(err error) bool {
	if _, unsent := errors.AsType[*problem.Unsent](err); unsent {
		return true
	}
	p := problem.Answered(err)
	return p != nil && p.Status < http.StatusInternalServerError
}

// invalid reports whether the queue says that it will never accept the request, because
// of its content and not because of its sender or the moment. That it is too large, a
// proxy may say as well. A field that it does not know, it will know once it is of this
// version.
func invalid(err error) bool {
	p := problem.Answered(err)
	if p == nil {
		return problem.Is(err, problem.TooLarge) && !declined(err)
	}
	if slices.ContainsFunc(p.Faults, func(f problem.Fault) bool { return f.Detail == problem.UnknownField }) {
		return false
	}
	return slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, p.Status)
}

// unknown reports whether the queue says that it has no message of this key.
func unknown(err error) bool {
	p := problem.Answered(err)
	return p != nil && p.Kind() == problem.NotFound
}
