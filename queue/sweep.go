package main

import (
	"context"
	"log/slog"
	"time"

	"foliocast/queue/store"
)

// sweeper ends expired leases and deletes messages that are past their retention.
type sweeper struct {
	store *store.Store
	log   *slog.Logger
	every time.Duration // between two sweeps
	quiet time.Duration // without sweeps, after the database was unreachable
}

// forgetEvery is the time between two deletions of messages past their retention.
const forgetEvery = time.Minute

func newSweeper(s *store.Store, log *slog.Logger) *sweeper {
	return &sweeper{store: s, log: log, every: time.Second, quiet: s.Policy().Lease / 2}
}

// run sweeps until ctx ends. At the start, and each time after the database was
// unreachable, it first waits: workers could not renew their leases in the
// meantime, and live ones do so within a third of a lease.
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
			w.log.Warn("cannot sweep expired leases", "err", err)
			trusted = time.Now().Add(w.quiet)
		}
	}
}

// expire ends all expired leases.
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

// forget deletes all messages that are past their retention.
func (w *sweeper) forget(ctx context.Context) error {
	for {
		n, err := w.store.Forget(ctx)
		if err != nil || n == 0 {
			return err
		}
		w.log.Info("ended messages forgotten", "messages", n)
	}
}
