package relay

import (
	"context"
	"time"
)

const (
	// inlineParts is the most parts of an answer, of about 1 MiB each, that are fetched
	// while the results behind it wait. A larger one is put aside.
	inlineParts = 16
	// latePatience is after how long another process that fetches an answer counts as
	// dead. If it is alive, both fetch it, which is harmless.
	latePatience = 30 * time.Minute
	// lateEvery is how often the relay looks for answers that nobody fetches.
	lateEvery = 10 * time.Second
)

// fetchLate fetches the smallest answer that was put aside, and ends its job. Without one
// it waits.
func (r *Relay) fetchLate(ctx context.Context) error {
	l, found, err := r.store.TakeLate(ctx, latePatience)
	if err != nil {
		return err
	}
	if !found {
		select {
		case <-ctx.Done():
		case <-r.late:
		case <-time.After(lateEvery):
		}
		return nil
	}
	o, err := r.outcome(ctx, arrival{Result: l.Result, job: l.Job, run: l.Run})
	ended := false
	if err == nil {
		ended, err = r.store.EndLate(ctx, l, o)
	}
	if ended {
		poke(r.due)
		r.jobs.WithLabelValues(string(o.State)).Inc()
	}
	if err == nil {
		return nil
	}
	// It is given back also when this process stops.
	back, stop := context.WithTimeout(context.WithoutCancel(ctx), changeTime)
	defer stop()
	if returned := r.store.ReturnLate(back, l); returned != nil {
		r.log.Warn("cannot give back an answer that was not fetched", "job_id", l.Job, "err", returned)
	}
	return err
}
