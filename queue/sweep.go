package main

import (
	"context"
	"log/slog"
	"time"

	"foliocast/queue/store"
)

// sweeper takes expired leases away and forgets what is past its retention.
type sweeper struct {
	store *store.Store
	log   *slog.Logger
	every time.Duration // between two looks for expired leases
	quiet time.Duration // without a look after the service could not be reached
}

// forgetEvery is the time between two looks for what is past its retention.
const forgetEvery = time.Minute

func newSweeper(s *store.Store, log *slog.Logger) *sweeper {
	return &sweeper{store: s, log: log, every: time.Second, quiet: s.Policy().Lease / 2}
}

// run sweeps until ctx ends. At first, and after each time that the database
// was away, it lets some time pass: the workers could not renew their leases
// meanwhile, and those that live do so within a third of a lease.
func (w *sweeper) run(ctx context.Context) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	trusted := time.Now().Add(w.quiet)
	var forgot time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		if time.Now().Before(trusted) {
			err = w.store.Ping(ctx)
		} else if err = w.expire(ctx); err == nil && time.Since(forgot) > forgetEvery {
			forgot = time.Now()
			err = w.forget(ctx)
		}
		if err != nil && ctx.Err() == nil {
			w.log.Warn("leases cannot be swept now", "err", err)
			trusted = time.Now().Add(w.quiet)
		}
	}
}

// expire takes all expired leases away.
func (w *sweeper) expire(ctx context.Context) error {
	for {
		lost, err := w.store.Expire(ctx)
		for _, l := range lost {
			w.log.Warn("lease expired", "message_id", string(l.ID), "worker", l.Worker, "outcome", string(l.Outcome))
		}
		if err != nil || len(lost) == 0 {
			return err
		}
	}
}

// forget drops all that is past its retention.
func (w *sweeper) forget(ctx context.Context) error {
	for {
		n, err := w.store.Forget(ctx)
		if err != nil || n == 0 {
			return err
		}
		w.log.Info("ended messages forgotten", "messages", n)
	}
}
