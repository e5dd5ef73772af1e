package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// redrive queues the jobs again whose messages had ended and wait again, and cancels the
// messages of runs that are not current any more.
func (s *Store) redrive(ctx context.Context, tx postgres.Transaction, runs []SentRun) error {
	if len(runs) == 0 {
		return nil
	}
	jobs, numbers := columnsOf(runs)
	type row struct {
		Job   job.ID
		Run   int
		State job.State
	}
	retryable := slices.DeleteFunc(job.States(), func(s job.State) bool { return !s.Retryable() })
	queued, err := postgres.Collect(ctx, tx, pgx.RowToStructByPos[row], s.sql.RedriveJobs, jobs, numbers, retryable, job.InFlight())
	if err != nil || len(queued) == 0 {
		return err
	}
	steps := make([]postgres.Step, len(queued))
	for i, q := range queued {
		steps[i] = s.Trail.Step(ctx, audit.Event{Actor: audit.System(), Action: "redrive-job", Object: jobObject(q.Job),
			Before: audit.Detail(map[string]any{"state": q.State, "run": q.Run})})
	}
	return postgres.Batch(ctx, tx, steps...)
}

// columnsOf returns runs as columns of a statement.
func columnsOf(runs []SentRun) ([]job.ID, []int) {
	jobs, numbers := make([]job.ID, len(runs)), make([]int, len(runs))
	for i, r := range runs {
		jobs[i], numbers[i] = r.Job, r.Run
	}
	return jobs, numbers
}
