package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// Listen calls wake after any process has recorded the end of jobs, with those jobs, and each
// time it has connected, with none: any may have ended. It reconnects when the connection
// breaks, and returns when ctx ends.
func (s *Store) Listen(ctx context.Context, log *slog.Logger, wake func([]job.ID)) {
	postgres.Listener{Pool: s.pool, Log: log, Notify: func(payload string) {
		var ids []job.ID
		for _, id := range strings.Fields(payload) {
			ids = append(ids, job.ID(id))
		}
		wake(ids)
	}}.Run(ctx)
}

// Ended returns which of the jobs have ended or do not exist.
func (s *Store) Ended(ctx context.Context, ids []job.ID) ([]job.ID, error) {
	ended, err := postgres.Collect(ctx, s.pool, pgx.RowTo[job.ID], s.sql.FindEnded, ids, job.InFlight())
	if err != nil {
		return nil, fmt.Errorf("look up ended jobs: %w", err)
	}
	return ended, nil
}
