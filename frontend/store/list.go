package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// Cursor is a position in the list of jobs, after one job. The zero Cursor is the
// beginning, before the newest.
type Cursor struct {
	CreatedAt time.Time
	ID        job.ID
}

// Cursor is the position after j.
func (j Job) Cursor() Cursor { return Cursor{CreatedAt: j.CreatedAt, ID: j.ID} }

// Filter chooses among the jobs. Its zero value chooses all.
type Filter struct {
	States  []job.State // one of these; nil for any
	Dataset string      // name, any version; "" for any
	Owner   string      // name of the user; "" for any
}

// Jobs lists at most limit jobs after a cursor, the newest first. A job's position
// never changes, so pages neither lose nor repeat one while new jobs arrive.
func (s *Store) Jobs(ctx context.Context, after Cursor, f Filter, limit int) ([]Job, error) {
	created := pgtype.Timestamptz{Time: after.CreatedAt, Valid: true}
	if after == (Cursor{}) {
		created.InfinityModifier = pgtype.Infinity
		after.ID = job.ID(uuid.Nil.String())
	}
	all, err := postgres.Collect(ctx, s.pool, scanJob, s.sql.ListJobs, created, after.ID, f.States, orNull(f.Dataset), orNull(f.Owner), limit)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return all, nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
