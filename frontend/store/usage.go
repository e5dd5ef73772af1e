package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// Usage is what the runs of an owner's jobs took.
type Usage struct {
	Subject     string // identifier of the user
	Owner       string // the latest name
	Runs        int64
	CoreSeconds float64
}

// Usage lists what the runs took that ended from one day on and before another, by their owners' subjects, for at most limit owners after
// one. Of the times only the dates count, which are in UTC.
func (s *Store) Usage(ctx context.Context, from, before time.Time, after string, limit int) ([]Usage, error) {
	all, err := postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[Usage], s.sql.ListUsage, from.Format(time.DateOnly), before.Format(time.DateOnly), after, limit)
	return all, wrapped("list usage", err)
}
