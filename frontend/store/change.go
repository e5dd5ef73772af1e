package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// standing is where a job stands while a transaction holds it.
type standing struct {
	state   job.State
	run     int
	version int
}

func (s *Store) lock(ctx context.Context, tx pgx.Tx, id job.ID) (standing, error) {
	var at standing
	err := tx.QueryRow(ctx, s.sql("lock_job"), id).Scan(&at.state, &at.run, &at.version)
	if none(err) {
		return standing{}, notFound(id)
	}
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
	err = s.in(ctx, func(tx pgx.Tx) error {
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
		tag, err := tx.Exec(ctx, s.sql("renew_intention"), id, len(text)+messageOverhead)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		replaced = true
		_, err = tx.Exec(ctx, s.sql("replace_unsent"), id, text, dataset.Name, dataset.Version)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("replace a job: %w", err)
	}
	return replaced, nil
}

// Stale is the problem of a request that names an older version of a job.
func Stale(id job.ID, version int) error {
	return problem.Newf(problem.Stale, "job %s was changed since: read it again, its ETag is now \"%d\"", id, version)
}

// Cancel takes a job back. It is cancelled at once when the queue cannot know
// it yet; otherwise the intention is stored and the job ends when the queue
// says so. Again changes nothing. The error is a problem of kind Conflict when
// the job ended in another way.
func (s *Store) Cancel(ctx context.Context, id job.ID) error {
	err := s.in(ctx, func(tx pgx.Tx) error {
		at, err := s.lock(ctx, tx, id)
		if err != nil || at.state == job.Cancelled {
			return err
		}
		if at.state.Final() {
			return problem.Newf(problem.Conflict, "job %s has ended as %s: there is nothing to cancel", id, at.state)
		}
		tag, err := tx.Exec(ctx, s.sql("drop_intention"), id)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			_, err = tx.Exec(ctx, s.sql("ask_cancel"), id)
			return err
		}
		if _, err = tx.Exec(ctx, s.sql("cancel_unsent"), id); err != nil {
			return err
		}
		return s.notify(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("cancel a job: %w", err)
	}
	return nil
}

// Retry sends a job that ended without an answer round again. The error is a
// problem of kind Conflict when its state does not allow that.
func (s *Store) Retry(ctx context.Context, j Job) error {
	text, err := json.Marshal(j.Spec)
	if err != nil {
		return fmt.Errorf("encode the specification: %w", err)
	}
	err = s.in(ctx, func(tx pgx.Tx) error {
		at, err := s.lock(ctx, tx, j.ID)
		if err != nil {
			return err
		}
		if !at.state.Retryable() {
			return problem.Newf(problem.Conflict, "job %s is %s: only a failed, dead or cancelled job can be retried", j.ID, at.state)
		}
		if _, err = tx.Exec(ctx, s.sql("clear_intentions"), j.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, s.sql("retry_job"), j.ID, len(text)+messageOverhead)
		return err
	})
	if err != nil {
		return fmt.Errorf("retry a job: %w", err)
	}
	return nil
}

// notify wakes who waits for the end of jobs, in every process, at commit.
func (s *Store) notify(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, s.sql("notify"), s.channel)
	return err
}
