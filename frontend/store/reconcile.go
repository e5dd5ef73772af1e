package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// SentRun is the current run of a job in flight, which the queue should know.
type SentRun struct {
	Job job.ID
	Run int
}

// Key is the key of the run's message.
func (r SentRun) Key() string { return Key(r.Job, r.Run) }

// SentRuns returns at most limit jobs in flight that were sent to the queue, after a job
// in the order of their ids; "" is the beginning.
func (s *Store) SentRuns(ctx context.Context, after job.ID, limit int) ([]SentRun, error) {
	if after == "" {
		after = job.ID(uuid.Nil.String())
	}
	runs, err := postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[SentRun], s.sql.ListSent, after, limit, job.InFlight())
	if err != nil {
		return nil, fmt.Errorf("list the jobs at the queue: %w", err)
	}
	return runs, nil
}

// SendAgain adds runs to the outbox that the queue has lost, as unknown says of each, and
// the cancellations of all that are being cancelled. A run that is not current any more
// or has ended is left out.
func (s *Store) SendAgain(ctx context.Context, runs []SentRun, unknown []bool) error {
	jobs, numbers := columnsOf(runs)
	_, err := postgres.Exec(ctx, s.pool, s.sql.SendAgain, jobs, numbers, unknown, envelopeBytes, job.InFlight())
	if err != nil {
		return fmt.Errorf("send jobs again: %w", err)
	}
	return nil
}
