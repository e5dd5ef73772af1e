package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// locked is a job that the transaction has locked.
type locked struct {
	State      job.State
	Run        int
	Version    int
	Cancelling bool
	SpecBytes  int
	Brief      []byte // the specification in brief, as JSON
}

func (s *Store) lock(ctx context.Context, tx postgres.Transaction, id job.ID) (locked, error) {
	l, found, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[locked], s.sql.LockJob, id)
	if err == nil && !found {
		err = notFound(id)
	}
	return l, err
}

// Replacement is a new specification for a job.
type Replacement struct {
	Job     job.ID
	Version int // that the client saw
	Spec    job.Spec
	Dataset job.Dataset
	Rates   *job.Dataset // with exchange rates, or nil
}

// ReplaceUnsent replaces the specification of a job if its message was never sent,
// and reports whether it did. The error is a problem of kind Stale when the
// job has another version, and Conflict when it has ended or is being cancelled, or when
// a dataset of the replacement was removed.
func (s *Store) ReplaceUnsent(ctx context.Context, r Replacement) (bool, error) {
	return s.replace(ctx, r, false)
}

// Supersede replaces the specification of a job even if its message was sent: it
// then cancels the current run and begins the next one, and a result of the cancelled
// run changes nothing. The errors are those of ReplaceUnsent.
func (s *Store) Supersede(ctx context.Context, r Replacement) error {
	_, err := s.replace(ctx, r, true)
	return err
}

func (s *Store) replace(ctx context.Context, r Replacement, supersede bool) (replaced bool, err error) {
	text, err := json.Marshal(r.Spec)
	if err != nil {
		return false, fmt.Errorf("encode the specification: %w", err)
	}
	brief, err := json.Marshal(r.Spec.Brief())
	if err != nil {
		return false, fmt.Errorf("encode the specification in brief: %w", err)
	}
	bytes, by := len(text)+envelopeBytes, audit.Of(ctx)
	err = s.tx(ctx, func(tx postgres.Transaction) error {
		replaced = false
		l, err := s.lockReplaceable(ctx, tx, r)
		if err != nil {
			return err
		}
		if err := s.keepVersions(ctx, tx, r); err != nil {
			return err
		}
		if err := s.free(ctx, tx, r.Job, l.Run); err != nil {
			return err
		}
		n, err := postgres.Exec(ctx, tx, s.sql.RenewUnsent, r.Job, l.Run, bytes)
		unsent := n > 0
		if err != nil || !unsent && !supersede {
			return err
		}
		replaced = true
		if err := s.Trail.Add(ctx, tx, audit.Event{Action: "update-job", Object: jobObject(r.Job), Before: l.Brief, After: brief}); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.ReplaceSpec, r.Job, l.Version+1, text, r.Dataset.Name, r.Dataset.Version,
			nameOf(r.Rates), versionOf(r.Rates), r.Dataset.Column, brief, by.ID, by.Actor.Subject); err != nil {
			return err
		}
		if unsent {
			_, err = s.hold(ctx, tx, r.Job, l.Run, r.Spec)
			return unmet(r.Job, err)
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.RequestCancel, r.Job, by.ID, by.Actor.Subject); err != nil {
			return err
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.BeginRun, r.Job, l.Run+1, l.Version+1, job.InFlight(), bytes, by.ID, by.Actor.Subject); err != nil {
			return err
		}
		_, err = s.hold(ctx, tx, r.Job, l.Run+1, r.Spec)
		return unmet(r.Job, err)
	})
	if err != nil {
		return false, fmt.Errorf("replace a job: %w", err)
	}
	return replaced, nil
}

// lockReplaceable locks the job of r, and fails unless r may change it.
func (s *Store) lockReplaceable(ctx context.Context, tx postgres.Transaction, r Replacement) (locked, error) {
	l, err := s.lock(ctx, tx, r.Job)
	switch {
	case err != nil:
		return l, err
	case l.State.Final():
		return l, problem.Newf(problem.Conflict, "job %s has ended as %s: it cannot be changed", r.Job, l.State)
	case l.Version != r.Version:
		return l, Stale(r.Job, l.Version)
	case l.Cancelling:
		return l, problem.Newf(problem.Conflict, "job %s is being cancelled: it cannot be changed", r.Job)
	}
	return l, nil
}

// keepVersions keeps the versions of datasets that r names from being removed until the
// transaction ends, and fails when one was removed.
func (s *Store) keepVersions(ctx context.Context, tx postgres.Transaction, r Replacement) error {
	for _, d := range []*job.Dataset{&r.Dataset, r.Rates} {
		if d == nil {
			continue
		}
		_, found, err := postgres.Find(ctx, tx, pgx.RowTo[int], s.sql.KeepVersion, d.Name, d.Version)
		if err != nil {
			return err
		}
		if !found {
			s.recent.forget(recentKey(d.Name, d.Version))
			s.ForgetNewest(d.Name)
			return problem.Newf(problem.Conflict, "version %d of dataset %s was removed a moment ago: the job stays as it was", d.Version, d.Name)
		}
	}
	return nil
}

// Stale returns the problem of a request that names an older version of a job.
func Stale(id job.ID, version int) error {
	return problem.Newf(problem.Stale, "job %s has changed: read it again; its ETag is now \"%d\"", id, version)
}

// Cancel cancels a job: at once when its message was never sent; otherwise
// the outbox asks the queue to cancel it, and the job ends when the queue says so.
// Cancelling again changes nothing. The error is a problem of kind Conflict when
// the job ended in another way.
func (s *Store) Cancel(ctx context.Context, id job.ID) error {
	by := audit.Of(ctx)
	err := s.tx(ctx, func(tx postgres.Transaction) error {
		l, err := s.lock(ctx, tx, id)
		if err != nil || l.State == job.Cancelled {
			return err
		}
		if l.State.Final() {
			return problem.Newf(problem.Conflict, "job %s has ended as %s: it cannot be cancelled", id, l.State)
		}
		if err := s.free(ctx, tx, id, l.Run); err != nil {
			return err
		}
		n, err := postgres.Exec(ctx, tx, s.sql.DropUnsent, id, l.Run)
		if err != nil {
			return err
		}
		if !l.Cancelling {
			err := s.Trail.Add(ctx, tx, audit.Event{Action: "cancel-job", Object: jobObject(id), Before: stateDetail(l)})
			if err != nil {
				return err
			}
		}
		if n == 0 {
			_, err = postgres.Exec(ctx, tx, s.sql.RequestCancel, id, by.ID, by.Actor.Subject)
			return err
		}
		_, err = postgres.Exec(ctx, tx, s.sql.CancelUnsent, id, job.Before(job.Cancelled))
		return err
	})
	if err != nil {
		return fmt.Errorf("cancel a job: %w", err)
	}
	return nil
}

// Retry begins the next run of a failed, dead or cancelled job. The error is a
// problem of kind Conflict when the job is in another state.
func (s *Store) Retry(ctx context.Context, id job.ID) error {
	by := audit.Of(ctx)
	retryable := slices.DeleteFunc(job.States(), func(s job.State) bool { return !s.Retryable() })
	err := s.tx(ctx, func(tx postgres.Transaction) error {
		l, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if !l.State.Retryable() {
			return problem.Newf(problem.Conflict, "job %s is %s: only a failed, dead or cancelled job can be retried", id, l.State)
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.BeginRun, id, l.Run+1, l.Version+1, retryable, l.SpecBytes+envelopeBytes, by.ID, by.Actor.Subject); err != nil {
			return err
		}
		j, err := postgres.One(ctx, tx, scanJob, s.sql.GetJob, id)
		if err != nil {
			return err
		}
		if _, err := s.hold(ctx, tx, id, j.Run, j.Spec); err != nil {
			return unmet(id, err)
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "retry-job", Object: jobObject(id), Before: stateDetail(l)})
	})
	if err != nil {
		return fmt.Errorf("retry a job: %w", err)
	}
	return nil
}

// unmet turns a *PredecessorError into a problem of kind Conflict.
func unmet(id job.ID, err error) error {
	if p, ok := errors.AsType[*PredecessorError](err); ok {
		return problem.Newf(problem.Conflict, "job %s cannot begin: %s", id, p)
	}
	return err
}

// stateDetail is what the audit trail says of a job that changes its state.
func stateDetail(l locked) json.RawMessage {
	return audit.Detail(map[string]any{"state": l.State, "run": l.Run})
}
