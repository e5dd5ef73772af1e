package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// Cursor is a position in a list of jobs, after one job. The zero Cursor is the beginning.
type Cursor struct {
	CreatedAt time.Time
	EndedAt   time.Time     // in an order by end
	Took      time.Duration // in an order by duration
	Dataset   string        // in an order by dataset
	ID        job.ID
}

// position is the id of the cursor and what goes before it in an order, as statements take it.
func (c Cursor) position(o job.Order) (key any, id job.ID) {
	if c == (Cursor{}) {
		id = job.ID(uuid.Nil.String())
		switch {
		case o.Key() == job.ByDuration && o.Descending():
			return time.Duration(math.MaxInt64), id
		case o.Key() == job.ByDuration:
			return time.Duration(math.MinInt64), id
		case o.Descending():
			return pgtype.Timestamptz{Valid: true, InfinityModifier: pgtype.Infinity}, id
		}
		return pgtype.Timestamptz{Valid: true, InfinityModifier: pgtype.NegativeInfinity}, id
	}
	switch o.Key() {
	case job.ByEnd:
		return c.EndedAt, c.ID
	case job.ByDuration:
		return c.Took, c.ID
	}
	return c.CreatedAt, c.ID
}

// Filter chooses among the jobs. Its zero value chooses all.
type Filter struct {
	States  []job.State // one of these; nil for any
	Dataset string      // name, any version; "" for any
	Owner   string      // name of the user; "" for any
	Batch   job.BatchID // "" for any, and for jobs of none
	Order   job.Order   // "" for the newest first; of a batch, no other, and by duration, neither with a dataset nor with an owner
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
func (j Summary) Cursor() Cursor {
	c := Cursor{CreatedAt: j.CreatedAt, Dataset: j.Dataset.Name, ID: j.ID}
	if j.EndedAt != nil {
		c.EndedAt = *j.EndedAt
		if j.StartedAt != nil {
			c.Took = j.EndedAt.Sub(*j.StartedAt)
		}
	}
	return c
}

// Jobs lists at most limit jobs after a cursor, in the order of the filter. The position of a job by its submission or its dataset
// never changes, so pages neither lose nor repeat one while new jobs arrive.
func (s *Store) Jobs(ctx context.Context, after Cursor, f Filter, limit int) ([]Summary, error) {
	if f.Order == "" {
		f.Order = job.ByNewest
	}
	query, args := s.listing(after, f, limit)
	ids, err := postgres.Collect(ctx, s.pool, pgx.RowTo[job.ID], query, args...)
	if err != nil || len(ids) == 0 {
		return nil, wrapped("list jobs", err)
	}
	all, err := postgres.Collect(ctx, s.pool, scanSummary, s.sql.ListSummaries, ids)
	return all, wrapped("list jobs", err)
}

// listing is the statement that lists the ids of jobs, and what it takes.
func (s *Store) listing(after Cursor, f Filter, limit int) (postgres.Statement, []any) {
	states := job.States()
	if f.States != nil {
		states = slices.Compact(slices.Sorted(slices.Values(f.States))) // each once
	}
	if f.Order.Ended() {
		states = slices.DeleteFunc(states, func(s job.State) bool { return !s.Final() })
	}
	key, id := after.position(f.Order)
	args := []any{key, id, states, limit}
	down := f.Order.Descending()
	switch order := f.Order.Key(); {
	case f.Batch != "":
		return s.sql.ListJobsOfBatch, append(args, f.Batch, f.Owner, f.Dataset)
	case order == job.ByEnd:
		return s.sql.ListJobsByEnd, append(args, f.Owner, f.Dataset, down)
	case order == job.ByDuration:
		return s.sql.ListJobsByDuration, append(args, down)
	case order == job.ByDataset && f.Dataset == "":
		return s.sql.ListJobsByDataset, append(args, f.Owner, pgtype.Text{String: after.Dataset, Valid: after.Dataset != ""}, down)
	case !down:
		return s.sql.ListJobsOldest, append(args, f.Owner, f.Dataset)
	case f.Owner != "" && f.Dataset != "":
		return s.sql.ListJobsOfOwnerAndDataset, append(args, f.Owner, f.Dataset)
	case f.Owner != "":
		return s.sql.ListJobsOfOwner, append(args, f.Owner)
	case f.Dataset != "":
		return s.sql.ListJobsOfDataset, append(args, f.Dataset)
	}
	return s.sql.ListJobs, args
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
