package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"foliocast/frontend/schedule"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

const (
	// fireEvery is how often schedules are looked at.
	fireEvery = 500 * time.Millisecond
	// fireAgain is the same after a failure, of the database or of the identity service.
	fireAgain = 5 * time.Second
	// maxDue is how many schedules fire before the next look.
	maxDue = 50
)

// Fire fires schedules until ctx ends.
func (a *API) Fire(ctx context.Context) {
	for ctx.Err() == nil {
		wait := fireEvery
		limited, stop := context.WithTimeout(ctx, time.Minute)
		if err := a.fireDue(limited, a.backend.Load()); err != nil && ctx.Err() == nil {
			a.log.Warn("schedules did not fire and will be tried again", "err", err)
			wait = fireAgain
		}
		stop()
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// fireDue fires the schedules whose time has come. One that fails does not keep the others.
func (a *API) fireDue(ctx context.Context, b *Backend) error {
	if b == nil {
		return nil
	}
	all, now, err := b.Store.DueSchedules(ctx, maxDue)
	for _, s := range all {
		if one := a.fire(ctx, b, s, now); one != nil && !errors.Is(one, store.ErrNotNewest) { // a new version came: next time
			err = errors.Join(err, fmt.Errorf("schedule %s: %w", s.Name, one))
		}
	}
	return err
}

// fire fires one schedule: it pauses it when its owner may not submit jobs any more, and otherwise
// submits what is due, or notes why not.
func (a *API) fire(ctx context.Context, b *Backend, s store.Schedule, now time.Time) error {
	scopes, err := b.Rights(ctx, s.Subject)
	switch {
	case err != nil:
		return err
	case !slices.Contains(scopes, auth.JobsWrite):
		return a.pause(ctx, b, s, "user "+s.Owner+" was removed, or may not submit jobs any more")
	}
	rule, err := schedule.Of(s.Plan)
	if err != nil {
		return a.pause(ctx, b, s, "its plan cannot be read: "+err.Error())
	}
	due, skipped := rule.Due(*s.NextAt, now, s.CatchUp)
	f := store.Firing{Times: due, Next: orNil(rule.Next(now))}
	if !skipped.IsZero() {
		f.Error = &job.ScheduleError{Error: job.Error{Code: "missed", Detail: "it could not fire in time, and catch_up is " + string(s.CatchUp)}, At: skipped}
	}
	if len(due) > 0 {
		fault, err := a.jobsOf(ctx, b, s, &f)
		if err != nil {
			return err
		}
		if fault != nil {
			f.Jobs, f.Error = nil, &job.ScheduleError{Error: *fault, At: due[len(due)-1]}
		}
	}
	span := b.Relay.Tracer.Begin("", "schedule", false)
	fired, err := b.Store.Fire(problem.WithTraceparent(ctx, span.Traceparent()), s, f)
	span.End("", map[string]any{"foliocast.schedule": s.Name, "foliocast.jobs": len(f.Jobs)})
	if fired {
		b.Relay.Wake()
		a.log.Info("schedule fired", "schedule", s.Name, "jobs", len(f.Jobs), "err", f.Error)
	}
	return err
}

// jobsOf makes the jobs of a firing, or returns why there can be none.
func (a *API) jobsOf(ctx context.Context, b *Backend, s store.Schedule, f *store.Firing) (*job.Error, error) {
	who := auth.Principal{Subject: s.Subject, Name: s.Owner}
	if err := a.jobsLeft(ctx, b, who, len(f.Times)); err != nil {
		if p, ok := errors.AsType[*problem.Problem](err); ok && p.Kind() == problem.TooMany {
			return &job.Error{Code: "quota", Detail: p.Detail}, nil
		}
		return nil, err
	}
	checked := Checked{Body: s.Job}
	checked.examine(ctx, b)
	if checked.failed != nil {
		return nil, checked.failed
	}
	if len(checked.faults) > 0 {
		return &job.Error{Code: "invalid", Detail: problem.New(problem.Invalid, "the job has faults", checked.faults...).Error()}, nil
	}
	for _, at := range f.Times {
		n := checked.job(who)
		n.Idempotency = keyOf(s, at)
		f.Jobs = append(f.Jobs, n)
	}
	return nil, nil
}

// pause pauses a schedule that may not go on.
func (a *API) pause(ctx context.Context, b *Backend, s store.Schedule, reason string) error {
	paused, err := b.Store.PauseSchedule(ctx, s, reason)
	if paused {
		a.log.Warn("schedule paused", "schedule", s.Name, "reason", reason)
	}
	return err
}
