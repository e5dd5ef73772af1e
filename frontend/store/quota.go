package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// InFlight counts the jobs of a subject that are queued or running.
func (s *Store) InFlight(ctx context.Context, subject string) (int, error) {
	n, err := postgres.One(ctx, s.pool, pgx.RowTo[int], s.sql.CountInFlight, subject)
	return n, wrapped("count the jobs of a user", err)
}

// Bytes sums the sizes of the datasets that an owner has stored, in bytes. Versions with
// equal content count each.
func (s *Store) Bytes(ctx context.Context, owner string) (int64, error) {
	n, err := postgres.One(ctx, s.pool, pgx.RowTo[int64], s.sql.SumBytes, owner)
	return n, wrapped("sum the datasets of a user", err)
}
