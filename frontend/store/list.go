package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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

// position is the cursor as statements take it.
func (c Cursor) position() (pgtype.Timestamptz, job.ID) {
	if c == (Cursor{}) {
		return pgtype.Timestamptz{Valid: true, InfinityModifier: pgtype.Infinity}, job.ID(uuid.Nil.String())
	}
	return pgtype.Timestamptz{Time: c.CreatedAt, Valid: true}, c.ID
}

// Filter chooses among the jobs. Its zero value chooses all.
type Filter struct {
	States  []job.State // one of these; nil for any
	Dataset string      // name, any version; "" for any
	Owner   string      // name of the user; "" for any
	Batch   job.BatchID // "" for any, and for jobs of none
}

// Summary is a job in a list, with what only this service knows about it.
type Summary struct {
	job.Summary
	Run     int
	Version int
}

// Key is the key of the job's message at the queue.
func (j Summary) Key() string { return Key(j.ID, j.Run) }

// Cursor is the position after j.
func (j Summary) Cursor() Cursor { return Cursor{CreatedAt: j.CreatedAt, ID: j.ID} }

// Jobs lists at most limit jobs after a cursor, the newest first. A job's position
// never changes, so pages neither lose nor repeat one while new jobs arrive.
func (s *Store) Jobs(ctx context.Context, after Cursor, f Filter, limit int) ([]Summary, error) {
	created, id := after.position()
	states := job.States()
	if f.States != nil {
		states = slices.Compact(slices.Sorted(slices.Values(f.States))) // each once
	}
	query, args := s.sql.ListJobs, []any{created, id, states, limit}
	switch {
	case f.Batch != "":
		query, args = s.sql.ListJobsOfBatch, append(args, f.Batch, f.Owner, f.Dataset)
	case f.Owner != "" && f.Dataset != "":
		query, args = s.sql.ListJobsOfOwnerAndDataset, append(args, f.Owner, f.Dataset)
	case f.Owner != "":
		query, args = s.sql.ListJobsOfOwner, append(args, f.Owner)
	case f.Dataset != "":
		query, args = s.sql.ListJobsOfDataset, append(args, f.Dataset)
	}
	ids, err := postgres.Collect(ctx, s.pool, pgx.RowTo[job.ID], query, args...)
	if err != nil || len(ids) == 0 {
		return nil, wrapped("list jobs", err)
	}
	all, err := postgres.Collect(ctx, s.pool, scanSummary, s.sql.ListSummaries, ids)
	return all, wrapped("list jobs", err)
}

// scanSummary reads the columns of list_summaries.
func scanSummary(row pgx.CollectableRow) (Summary, error) {
	var j Summary
	var brief, fail []byte
	var waits *job.WaitingFor
	var batch *job.BatchID
	err := row.Scan(&j.ID, &j.Owner, &j.State, &j.Run, &j.Version, &j.CreatedAt, &j.StartedAt, &j.EndedAt,
		&brief, &j.Attempts, &fail, &j.Cancelling, &j.Dataset.Name, &j.Dataset.Version, &j.Dataset.SHA256, &j.Dataset.Bytes, &j.Dataset.Column, &waits, &batch)
	if err != nil {
		return Summary{}, err
	}
	j.CreatedAt, j.StartedAt, j.EndedAt = j.CreatedAt.UTC(), utc(j.StartedAt), utc(j.EndedAt)
	if j.State == job.Done || j.State == job.Partial {
		j.Progress = 1
	}
	if waits != nil {
		j.WaitingFor = *waits
	}
	if batch != nil {
		j.Batch = *batch
	}
	if err := json.Unmarshal(brief, &j.Spec); err != nil {
		return Summary{}, fmt.Errorf("read job %s in brief: %w", j.ID, err)
	}
	if fail != nil {
		if err := json.Unmarshal(fail, &j.Error); err != nil {
			return Summary{}, fmt.Errorf("read the error of job %s: %w", j.ID, err)
		}
	}
	return j, nil
}

// wrapped says what failed; nil stays nil.
func wrapped(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
