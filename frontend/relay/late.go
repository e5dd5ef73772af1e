package relay

import (
	"context"
	"errors"
	"time"

	"foliocast/frontend/store"
)

const (
	// smallParts is the most parts, of about 1 MiB each, of an answer that need not wait for
	// larger ones: a loop of its own fetches such answers.
	smallParts = 16
	// latePatience is after how long without a sign of it another process that fetches an
	// answer counts as dead. If it is alive, both fetch it, which is harmless.
	latePatience = 10 * time.Second
	// keepEvery is how often a process that fetches an answer says so.
	keepEvery = 2 * time.Second
	// lateEvery is how often the relay looks for answers that nobody fetches.
	lateEvery = 10 * time.Second
)

// fetchSmall and fetchLarge fetch the smallest answer that was put aside, and end its job.
// Without one they wait.
func (r *Relay) fetchSmall(ctx context.Context) error { return r.fetchLate(ctx, smallParts, r.small) }
func (r *Relay) fetchLarge(ctx context.Context) error { return r.fetchLate(ctx, maxParts, r.large) }

func (r *Relay) fetchLate(ctx context.Context, parts int, aside <-chan struct{}) error {
	l, found, err := r.store.TakeLate(ctx, latePatience, parts)
	if err != nil {
		return err
	}
	if !found {
		select {
		case <-ctx.Done():
		case <-aside:
		case <-time.After(lateEvery):
		}
		return nil
	}
	var o store.Outcome
	l, err = r.keeping(ctx, l, func(ctx context.Context) (err error) {
		o, err = r.outcome(ctx, arrival{Result: l.Result, job: l.Job, run: l.Run})
		return err
	})
	ended := false
	if err == nil {
		ended, err = r.store.EndLate(ctx, l, o)
	}
	if ended {
		r.tell(o)
		poke(r.due)
		r.traceEnded(ctx, []store.Outcome{o})
	}
	if err == nil || errors.Is(err, errTaken) {
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

// errTaken ends the fetching of an answer that another process has taken.
var errTaken = errors.New("another process has taken the answer")

// keeping calls fetch, and meanwhile says that l is being fetched. When another process has
// taken l all the same, it cancels the context of fetch, and the error is errTaken.
func (r *Relay) keeping(ctx context.Context, l store.Late, fetch func(context.Context) error) (store.Late, error) {
	fetching, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		for tick := time.NewTicker(keepEvery); ; {
			select {
			case <-fetching.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			held, err := r.store.KeepLate(fetching, &l)
			if err == nil && !held {
				cancel(errTaken)
			}
		}
	}()
	err := fetch(fetching)
	cancel(nil)
	<-kept
	if taken := context.Cause(fetching); taken == errTaken {
		err = taken
	}
	return l, err
}
