package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// standing is where a job stands while a transaction holds it.
type standing struct {
	state   job.State
	run     int
	version int
}

func (s *Store) lock(ctx context.Context, tx pgx.Tx, id job.ID) (standing, error) {
	at, found, err := postgres.Find(ctx, tx, scanStanding, s.sql.LockJob, id)
	if err == nil && !found {
		err = notFound(id)
	}
	return at, err
}

func scanStanding(row pgx.CollectableRow) (at standing, err error) {
	err = row.Scan(&at.state, &at.run, &at.version)
	return at, err
}

// ReplaceUnsent replaces what the job asks for, if the queue cannot know it
// yet: it reports false when it may. The error is a problem of kind Stale when
// version is not the job's, and Conflict when the job has ended.
func (s *Store) ReplaceUnsent(ctx context.Context, id job.ID, version int, spec job.Spec, dataset job.Dataset) (bool, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return false, fmt.Errorf("encode the specification: %w", err)
	}
	replaced := false
	err = postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		at, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if at.state.Final() {
			return problem.Newf(problem.Conflict, "job %s has ended as %s: it cannot be changed", id, at.state)
		}
		if at.version != version {
			return Stale(id, at.version)
		}
		n, err := postgres.Exec(ctx, tx, s.sql.RenewIntention, id, len(text)+messageOverhead)
		if err != nil || n == 0 {
			return err
		}
		replaced = true
		_, err = postgres.Exec(ctx, tx, s.sql.ReplaceUnsent, id, text, dataset.Name, dataset.Version)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("replace a job: %w", err)
	}
	return replaced, nil
}

// Stale returns the problem of a request that names an older version of a job.
func Stale(id job.ID, version int) error {
	return problem.Newf(problem.Stale, "job %s has changed since: read it again, its ETag is now \"%d\"", id, version)
}

// Cancel cancels a job: at once when the queue cannot know it yet; otherwise it
// stores the intention, and the job ends when the queue says so. Cancelling
// again changes nothing. The error is a problem of kind Conflict when the job
// ended in another way.
func (s *Store) Cancel(ctx context.Context, id job.ID) error {
	err := postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		at, err := s.lock(ctx, tx, id)
		if err != nil || at.state == job.Cancelled {
			return err
		}
		if at.state.Final() {
			return problem.Newf(problem.Conflict, "job %s has ended as %s: it cannot be cancelled", id, at.state)
		}
		n, err := postgres.Exec(ctx, tx, s.sql.DropIntention, id)
		if err != nil {
			return err
		}
		if n == 0 {
			_, err = postgres.Exec(ctx, tx, s.sql.RequestCancel, id)
			return err
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.CancelUnsent, id); err != nil {
			return err
		}
		return s.notify(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("cancel a job: %w", err)
	}
	return nil
}

// Retry queues a job again that ended without an answer. The error is a problem
// of kind Conflict when its state does not allow that.
func (s *Store) Retry(ctx context.Context, j Job) error {
	text, err := json.Marshal(j.Spec)
	if err != nil {
		return fmt.Errorf("encode the specification: %w", err)
	}
	err = postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		at, err := s.lock(ctx, tx, j.ID)
		if err != nil {
			return err
		}
		if !at.state.Retryable() {
			return problem.Newf(problem.Conflict, "job %s is %s: only a failed, dead or cancelled job can be retried", j.ID, at.state)
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.ClearIntentions, j.ID); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, s.sql.RetryJob, j.ID, len(text)+messageOverhead)
		return err
	})
	if err != nil {
		return fmt.Errorf("retry a job: %w", err)
	}
	return nil
}

// notify wakes those that wait for jobs to end, in every process, at commit.
func (s *Store) notify(ctx context.Context, tx pgx.Tx) error {
	_, err := postgres.Exec(ctx, tx, s.sql.Notify)
	return err
}
