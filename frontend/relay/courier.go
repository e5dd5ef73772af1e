// Package relay carries jobs to the message service and their endings back.
// What it does can be done again without harm, by this process after a crash
// or by another one at the same time: the store decides what counts.
package relay

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"foliocast/frontend/store"
	"foliocast/internal/problem"
	"foliocast/queue/client"
)

// Relay stands between the store and the queue. Safe for concurrent use.
type Relay struct {
	store *store.Store
	queue *client.Client
	log   *slog.Logger
	wake  chan struct{}
	batch int // messages in the next upload
	jobs  *prometheus.CounterVec
}

// New returns a courier. It counts what it carries in metrics.
func New(s *store.Store, q *client.Client, log *slog.Logger, metrics prometheus.Registerer) *Relay {
	c := &Relay{store: s, queue: q, log: log, wake: make(chan struct{}, 1), batch: maxBatch,
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontend_jobs_total", Help: "Jobs by what became of them here: sent, refused, or the state in which they ended.",
		}, []string{"event"})}
	metrics.MustRegister(c.jobs)
	return c
}

// Run carries until ctx ends.
func (c *Relay) Run(ctx context.Context) {
	var group errgroup.Group
	group.Go(func() error { c.repeat(ctx, "tell the queue", c.forward); return nil })
	group.Go(func() error { c.repeat(ctx, "follow the results", c.collect); return nil })
	_ = group.Wait() // neither returns an error
}

// Wake says that there is something to tell the queue.
func (c *Relay) Wake() {
	select {
	case c.wake <- struct{}{}:
	default: // somebody said so already
	}
}

const (
	firstPause = 50 * time.Millisecond
	lastPause  = 5 * time.Second
)

// repeat calls step until ctx ends. After a failure it waits, longer each time
// and not to the same beat as other processes.
func (c *Relay) repeat(ctx context.Context, what string, step func(context.Context) error) {
	pause := firstPause
	for ctx.Err() == nil {
		err := step(ctx)
		if err == nil {
			pause = firstPause
			continue
		}
		if ctx.Err() != nil {
			return
		}
		level := slog.LevelWarn
		if problem.Is(err, problem.Conflict) {
			level = slog.LevelError // the queue has another database than it had: no trying again mends that
		}
		c.log.Log(ctx, level, "the courier tries again", "task", what, "err", err, "duration_ms", pause.Milliseconds())
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, lastPause)
	}
}

// surely reports whether the queue, whose answer was err, surely did nothing.
func surely(err error) bool {
	p, ok := errors.AsType[*problem.Problem](err)
	return ok && p.Status < 500
}

// refused reports whether the queue will never take what it was asked: because
// of the request itself, not of who asks, when or where.
func refused(err error) bool {
	p, ok := errors.AsType[*problem.Problem](err)
	return ok && slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, p.Status)
}
