package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// hold holds a run back whose entry the transaction has put into the outbox, until its job
// may begin, and returns what it waits for.
func (s *Store) hold(ctx context.Context, tx pgx.Tx, id job.ID, run int, spec job.Spec) (job.WaitingFor, error) {
	if spec.NotBefore.IsZero() {
		return job.WaitsForNothing, nil
	}
	n, err := postgres.Exec(ctx, tx, s.sql.HoldRun, id, run, spec.NotBefore)
	if err != nil || n == 0 {
		return job.WaitsForNothing, err
	}
	return job.WaitsForTime, nil
}

// free puts a run that is held back into the outbox, as an entry that was never sent. The
// transaction has locked the job.
func (s *Store) free(ctx context.Context, tx pgx.Tx, id job.ID, run int) error {
	_, err := postgres.Exec(ctx, tx, s.sql.FreeRun, id, run)
	return err
}

// Release puts at most limit runs into the outbox whose time has come by the clock of the
// database. It returns how many, and how long the next one is still held back, at least 0; a
// negative duration says that none is.
func (s *Store) Release(ctx context.Context, limit int) (released int, next time.Duration, err error) {
	n, err := postgres.Exec(ctx, s.pool, s.sql.ReleaseHeld, limit)
	if err != nil {
		return 0, 0, wrapped("release jobs", err)
	}
	seconds, err := postgres.One(ctx, s.pool, pgx.RowTo[*float64], s.sql.GetNextRelease)
	if err != nil {
		return 0, 0, wrapped("find the next job to release", err)
	}
	if seconds == nil {
		return int(n), -1, nil
	}
	const most = time.Hour // a duration has less than 300 years
	return int(n), time.Duration(min(max(*seconds, 0), most.Seconds()) * float64(time.Second)), nil
}
