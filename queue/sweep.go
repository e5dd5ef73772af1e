package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"foliocast/queue/message"
	"foliocast/queue/store"
)

// sweeper ends expired leases, deals messages out again after the queues have changed, sums
// up how many there are, and deletes those that are past their retention, and workers that are silent. Each is a loop of its own, so that much to
// delete does not keep leases alive.
type sweeper struct {
	store *store.Store
	log   *slog.Logger
	clock clock         // of the database
	every time.Duration // between two sweeps
	quiet time.Duration // without sweeps, after the database was unreachable
	limit time.Duration // of one batch; a database that does not answer in it counts as unreachable
}

const (
	// forgetEvery is the time between two deletions of messages past their retention.
	forgetEvery = time.Minute
	// forgetPause is the time between two batches of one deletion.
	forgetPause = 100 * time.Millisecond
	// sweepTime bounds one batch.
	sweepTime = 10 * time.Second
)

func newSweeper(s *store.Store, log *slog.Logger) *sweeper {
	return &sweeper{store: s, log: log, clock: clock{read: s.Now, tolerance: s.Policy().Lease / 10}, every: time.Second, quiet: s.Policy().Lease / 2, limit: sweepTime}
}

// run sweeps until ctx ends.
func (w *sweeper) run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { w.expireLeases(ctx) })
	loops.Go(func() { w.dealMessages(ctx) })
	loops.Go(func() { w.forgetMessages(ctx) })
	loops.Go(func() { w.countMessages(ctx) })
	loops.Wait()
}

// dealMessages takes the steps of a dealing that nobody else takes: there are too many for
// the request that changed the queues, or its instance has died.
func (w *sweeper) dealMessages(ctx context.Context) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := w.deal(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Warn("cannot deal messages out", "err", err)
		}
	}
}

func (w *sweeper) deal(ctx context.Context) error {
	var progress *message.Progress
	err := w.within(ctx, func(ctx context.Context) (err error) {
		progress, err = w.store.Dealing(ctx)
		return err
	})
	if err != nil || progress == nil {
		return err
	}
	begin := time.Now()
	if err := w.store.Deal(ctx); err != nil {
		return err
	}
	w.log.Info("messages dealt out", "messages", progress.Waiting, "duration_ms", time.Since(begin).Milliseconds())
	return nil
}

// expireLeases ends expired leases. At the start, and each time after the database was
// unreachable, it first waits: workers could not renew their leases in the
// meantime, and live ones do so within a third of a lease.
func (w *sweeper) expireLeases(ctx context.Context) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	trusted := time.Now().Add(w.quiet)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		at, err := w.now(ctx)
		if err == nil && !time.Now().Before(trusted) {
			err = w.expire(ctx, at)
		}
		if err != nil && ctx.Err() == nil {
			w.log.Warn("cannot sweep expired leases", "err", err)
			trusted = time.Now().Add(w.quiet)
		}
	}
}

// within calls step with the time of one batch.
func (w *sweeper) within(ctx context.Context, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	return step(ctx)
}

// now returns the time of the database, at which leases may be swept. When its clock was
// set, all leases first get their whole time again: otherwise those of live workers would
// all expire at once, or those of dead ones stay for as long as the clock went back.
func (w *sweeper) now(ctx context.Context) (at time.Time, err error) {
	err = w.within(ctx, func(ctx context.Context) error {
		var jump time.Duration
		if at, jump, err = w.clock.now(ctx); err != nil || jump == 0 {
			return err
		}
		n, err := w.store.Extend(ctx)
		if err != nil {
			w.clock.last = nil
			return err
		}
		w.log.Warn("clock of the database was set, leases extended", "jump_ms", jump.Milliseconds(), "leases", n)
		return nil
	})
	return at, err
}

// expire ends a batch after the other of the leases that had expired at a time.
func (w *sweeper) expire(ctx context.Context, at time.Time) error {
	for {
		var lost []store.Lost
		err := w.within(ctx, func(ctx context.Context) (err error) {
			lost, err = w.store.Expire(ctx, at)
			return err
		})
		for _, l := range lost {
			w.log.Warn("lease expired", "message_id", string(l.ID), "worker", l.Worker, "outcome", string(l.Outcome))
		}
		if err != nil || len(lost) == 0 {
			return err
		}
	}
}

// countMessages folds the changes of the numbers of messages, and counts all at times.
func (w *sweeper) countMessages(ctx context.Context) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	var next time.Time // attempt to count all
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		corrected := 0
		err := w.within(ctx, func(ctx context.Context) error {
			due, err := w.store.Fold(ctx)
			if err == nil && due && time.Now().After(next) {
				next = time.Now().Add(forgetEvery)
				corrected, err = w.store.Count(ctx)
			}
			return err
		})
		if corrected > 0 {
			w.log.Warn("the numbers of messages in some queues were wrong, as beside instances of an earlier version, and are corrected", "queues", corrected)
		}
		if err != nil && ctx.Err() == nil {
			w.log.Warn("cannot count messages", "err", err)
		}
	}
}

// forgetMessages deletes messages past their retention, in batches with pauses between
// them, so that the rest of the service has the database to itself most of the time.
func (w *sweeper) forgetMessages(ctx context.Context) {
	for wait := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = forgetEvery
		err := w.within(ctx, func(ctx context.Context) error {
			n, err := w.store.Forget(ctx)
			if n > 0 {
				w.log.Info("ended messages forgotten", "messages", n)
				wait = forgetPause
			}
			return err
		})
		if err != nil && ctx.Err() == nil {
			w.log.Warn("cannot forget ended messages", "err", err)
		}
		if wait < forgetEvery {
			continue
		}
		if err := w.within(ctx, w.store.ForgetWorkers); err != nil && ctx.Err() == nil {
			w.log.Warn("cannot forget workers that are silent", "err", err)
		}
	}
}
