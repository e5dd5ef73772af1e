package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// DueSchedules lists at most limit schedules that are to fire by the clock of the database, the
// earliest first, and its time.
func (s *Store) DueSchedules(ctx context.Context, limit int) (all []Schedule, now time.Time, err error) {
	all, err = postgres.Collect(ctx, s.pool, func(row pgx.CollectableRow) (Schedule, error) { return scanSchedule(row, &now) }, s.sql.ListDueSchedules, limit)
	return all, now.UTC(), wrapped("list due schedules", err)
}

// Firing is what a schedule does at once.
type Firing struct {
	Times []time.Time // for which it fires
	Jobs  []NewJob    // one for each of the times, or nil
	Next  *time.Time  // nil for never
	Error *job.ScheduleError
}

// Fire stores the jobs of a firing, and when the schedule fires next, in one transaction. It
// changes nothing and reports false when the schedule is not as it was seen: another process
// was faster, or somebody has changed it. A job whose key was used is not made again. The error
// is ErrNotNewest as for CreateJob.
func (s *Store) Fire(ctx context.Context, seen Schedule, f Firing) (fired bool, err error) {
	err = s.tx(ctx, func(tx postgres.Transaction) error {
		fired = false
		now, found, err := postgres.Find(ctx, tx, oneSchedule, s.sql.LockSchedule, seen.Name)
		if err != nil || !found || now.ID != seen.ID || now.Version != seen.Version || now.NextAt == nil || !now.NextAt.Equal(*seen.NextAt) {
			return err
		}
		var last *job.ID
		for _, n := range f.Jobs {
			if last, err = s.fire(ctx, tx, n); err != nil {
				return err
			}
		}
		var at *time.Time
		if len(f.Times) > 0 {
			at = &f.Times[len(f.Times)-1]
		}
		var fail []byte
		if f.Error != nil {
			if fail, err = json.Marshal(f.Error); err != nil {
				return err
			}
		}
		fired = true
		_, err = postgres.Exec(ctx, tx, s.sql.NoteFiring, now.ID, f.Next, at, last, fail, len(f.Jobs))
		return err
	})
	return fired && err == nil, wrapped("fire a schedule", err)
}

// fire stores one job of a schedule, and returns its id, or that of the job with its key.
func (s *Store) fire(ctx context.Context, tx postgres.Transaction, n NewJob) (*job.ID, error) {
	e, made, err := s.insert(ctx, tx, n, nil, nil, false)
	if err != nil {
		return nil, err
	}
	if made {
		return &e.Job.ID, s.Trail.Add(ctx, tx, audit.Event{Actor: audit.System(), OnBehalfOf: n.Subject, Action: "create-job", Object: jobObject(e.Job.ID), After: audit.Detail(n.Spec.Brief())})
	}
	type repeat struct {
		ID      job.ID
		Request []byte
	}
	first, found, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[repeat], s.sql.FindRepeat, n.Subject, digest([]byte(n.Idempotency)))
	if err == nil && !found {
		err = s.outdated(n)
	}
	return &first.ID, err
}

// PauseSchedule pauses a schedule, as it was seen, for a reason. It reports false when the
// schedule has changed since.
func (s *Store) PauseSchedule(ctx context.Context, seen Schedule, reason string) (paused bool, err error) {
	plan := seen.Plan
	plan.Paused = true
	text, err := json.Marshal(plan)
	if err != nil {
		return false, err
	}
	err = s.tx(ctx, func(tx postgres.Transaction) error {
		paused = false
		now, found, err := postgres.Find(ctx, tx, oneSchedule, s.sql.LockSchedule, seen.Name)
		if err != nil || !found || now.ID != seen.ID || now.Version != seen.Version {
			return err
		}
		paused = true
		if _, err := postgres.Exec(ctx, tx, s.sql.PauseSchedule, now.ID, text, reason); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Actor: audit.System(), OnBehalfOf: seen.Subject, Action: "pause-schedule", Object: scheduleObject(seen.Name), After: audit.Detail(map[string]string{"reason": reason})})
	})
	return paused && err == nil, wrapped("pause a schedule", err)
}
