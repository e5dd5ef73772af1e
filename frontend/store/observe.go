package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// Sighting is what the queue says of a run while it has its message.
type Sighting struct {
	SentRun
	State     job.State  // queued or running
	StartedAt *time.Time // of one that is running
	Progress  float64
}

// progressStep is how much a job must have come forward for an event that says so.
const progressStep = 0.01

// Observe records sightings: of the current runs of jobs in flight, what is new. Each change of
// a state is an event, and progress by a hundredth or more. What was recorded meanwhile of the same
// run may be newer: then the next sighting sets it right.
func (s *Store) Observe(ctx context.Context, seen []Sighting) error {
	if len(seen) == 0 {
		return nil
	}
	runs := make([]SentRun, len(seen))
	states, started, progress := make([]job.State, len(seen)), make([]*time.Time, len(seen)), make([]float64, len(seen))
	for i, o := range seen {
		runs[i], states[i], started[i], progress[i] = o.SentRun, o.State, o.StartedAt, o.Progress
	}
	jobs, numbers := columnsOf(runs)
	n, err := postgres.Exec(ctx, s.pool, s.sql.ObserveJobs, jobs, numbers, states, started, progress, job.InFlight(), progressStep)
	if n > 0 {
		s.poke()
	}
	return wrapped("observe jobs", err)
}

// Running lists at most limit jobs that are on record as running, and reports whether any is
// queued or running.
func (s *Store) Running(ctx context.Context, limit int) (runs []SentRun, inFlight bool, err error) {
	var flying []bool
	err = postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.FindInFlight, Read: postgres.Into(&flying, pgx.RowTo[bool])},
		postgres.Step{Statement: s.sql.ListRunning, Args: []any{limit}, Read: postgres.Into(&runs, pgx.RowToStructByPos[SentRun])})
	return runs, err == nil && flying[0], wrapped("list running jobs", err)
}
