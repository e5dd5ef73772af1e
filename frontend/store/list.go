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

// Place is a place in the list of jobs: right behind one job. The zero Place
// is the beginning, before the newest.
type Place struct {
	CreatedAt time.Time
	ID        job.ID
}

// Place is the place behind j.
func (j Job) Place() Place { return Place{CreatedAt: j.CreatedAt, ID: j.ID} }

// Filter chooses among the jobs. Its zero value chooses all.
type Filter struct {
	States  []job.State // one of these; nil for any
	Dataset string      // name, any version; "" for any
	Owner   string      // name of the user; "" for any
}

// Jobs lists at most limit jobs behind a place, the newest first. A job's
// place never changes, so that pages neither lose nor repeat one while new
// jobs arrive.
func (s *Store) Jobs(ctx context.Context, after Place, f Filter, limit int) ([]Job, error) {
	created := pgtype.Timestamptz{Time: after.CreatedAt, Valid: true}
	if after == (Place{}) {
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
