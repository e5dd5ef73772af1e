package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
)

// Listen calls wake once it listens, and again after jobs ended, by whichever
// process; several endings may give one call. It returns when ctx ends or the
// connection is lost.
func (s *Store) Listen(ctx context.Context, wake func()) error {
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	// A connection that listens must not go back to the pool.
	conn := pooled.Hijack()
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{s.channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		wake()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
}

// Ended tells which of the jobs have ended, or are not there.
func (s *Store) Ended(ctx context.Context, ids []job.ID) ([]job.ID, error) {
	rows, err := s.pool.Query(ctx, s.sql("select_ended"), ids, inFlight())
	if err != nil {
		return nil, fmt.Errorf("look up ended jobs: %w", err)
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[job.ID])
	if err != nil {
		return nil, fmt.Errorf("look up ended jobs: %w", err)
	}
	return ended, nil
}
