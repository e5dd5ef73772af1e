package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Schedule is a schedule with what only this service knows about it.
type Schedule struct {
	job.Schedule
	ID      string
	Subject string // identifier of the user for whom it acts
	Version int    // its ETag
}

func scheduleObject(name string) audit.Object { return audit.Object{Kind: "schedule", ID: name} }

// columns are where the columns of a schedule are scanned to; read completes them.
func (s *Schedule) columns(plan, fail *[]byte, last **job.ID) []any {
	return []any{&s.ID, &s.Name, &s.Owner, &s.Subject, &s.CreatedAt, &s.Version, plan, &s.NextAt, &s.PausedReason, &s.LastAt, last, fail, &s.Fired}
}

// scanSchedule reads the columns of list_schedules, and then those into more.
func scanSchedule(row pgx.CollectableRow, more ...any) (s Schedule, err error) {
	var plan, fail []byte
	var last *job.ID
	if err = row.Scan(append(s.columns(&plan, &fail, &last), more...)...); err != nil {
		return s, err
	}
	s.CreatedAt, s.NextAt, s.LastAt = s.CreatedAt.UTC(), utc(s.NextAt), utc(s.LastAt)
	if last != nil {
		s.LastJob = *last
	}
	if err = json.Unmarshal(plan, &s.Plan); err != nil {
		return s, fmt.Errorf("read the plan of schedule %s: %w", s.Name, err)
	}
	if fail != nil {
		if err = json.Unmarshal(fail, &s.LastError); err != nil {
			return s, fmt.Errorf("read the error of schedule %s: %w", s.Name, err)
		}
	}
	return s, nil
}

func oneSchedule(row pgx.CollectableRow) (Schedule, error) { return scanSchedule(row) }

// Now is the time of the database, by whose clock schedules fire.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	now, err := postgres.One(ctx, s.pool, pgx.RowTo[time.Time], s.sql.GetTime)
	return now.UTC(), wrapped("read the time", err)
}

// CreateSchedule stores a schedule with its plan, owner, subject and next firing. The error is a
// problem of kind Conflict when its name is taken, and TooMany when the subject has most
// schedules, unless most is 0.
func (s *Store) CreateSchedule(ctx context.Context, n Schedule, most int) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("generate an identifier: %w", err)
	}
	plan, err := json.Marshal(n.Plan)
	if err != nil {
		return fmt.Errorf("encode a plan: %w", err)
	}
	return wrapped("create a schedule", s.tx(ctx, func(tx postgres.Transaction) error {
		has, err := postgres.One(ctx, tx, pgx.RowTo[int], s.sql.CountSchedules, n.Subject)
		if err != nil {
			return err
		}
		if most > 0 && has >= most {
			return problem.Newf(problem.TooMany, "you have %d schedules, and may have %d: remove one", has, most)
		}
		_, made, err := postgres.Find(ctx, tx, pgx.RowTo[time.Time], s.sql.InsertSchedule, id.String(), n.Name, n.Owner, n.Subject, plan, n.NextAt)
		if err != nil {
			return err
		}
		if !made {
			return problem.Newf(problem.Conflict, "there already is a schedule %s", n.Name)
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "create-schedule", Object: scheduleObject(n.Name), After: audit.Detail(n.Plan)})
	}))
}

// Schedule finds a schedule. Without one, the error is a problem of kind NotFound.
func (s *Store) Schedule(ctx context.Context, name string) (Schedule, error) {
	found, ok, err := postgres.Find(ctx, s.pool, oneSchedule, s.sql.ListSchedules, "", 1, name)
	if err == nil && !ok {
		err = noSchedule(name)
	}
	return found, wrapped("get a schedule", err)
}

func noSchedule(name string) error {
	return problem.Newf(problem.NotFound, "there is no schedule %s", name)
}

// Schedules lists at most limit schedules whose names come after a name.
func (s *Store) Schedules(ctx context.Context, after string, limit int) ([]Schedule, error) {
	all, err := postgres.Collect(ctx, s.pool, oneSchedule, s.sql.ListSchedules, after, limit, "")
	return all, wrapped("list schedules", err)
}

// lockSchedule locks a schedule until the transaction ends.
func (s *Store) lockSchedule(ctx context.Context, tx postgres.Transaction, name string) (Schedule, error) {
	found, ok, err := postgres.Find(ctx, tx, oneSchedule, s.sql.LockSchedule, name)
	if err == nil && !ok {
		err = noSchedule(name)
	}
	return found, err
}

// ReplaceSchedule replaces the plan, owner, subject and next firing of a schedule. The error is a problem of
// kind Stale when it has another version than n.
func (s *Store) ReplaceSchedule(ctx context.Context, n Schedule) error {
	plan, err := json.Marshal(n.Plan)
	if err != nil {
		return fmt.Errorf("encode a plan: %w", err)
	}
	return wrapped("replace a schedule", s.tx(ctx, func(tx postgres.Transaction) error {
		old, err := s.lockSchedule(ctx, tx, n.Name)
		if err != nil {
			return err
		}
		if old.Version != n.Version {
			return StaleSchedule(n.Name, old.Version)
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.ReplaceSchedule, old.ID, n.Owner, n.Subject, plan, n.NextAt); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "update-schedule", Object: scheduleObject(n.Name), Before: audit.Detail(old.Plan), After: audit.Detail(n.Plan)})
	}))
}

// StaleSchedule returns the problem of a request that names an older version of a schedule.
func StaleSchedule(name string, version int) error {
	return problem.Newf(problem.Stale, "schedule %s has changed: read it again; its ETag is now \"%d\"", name, version)
}

// RemoveSchedule removes a schedule. Its jobs stay.
func (s *Store) RemoveSchedule(ctx context.Context, name string) error {
	return wrapped("remove a schedule", s.tx(ctx, func(tx postgres.Transaction) error {
		old, err := s.lockSchedule(ctx, tx, name)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.DeleteSchedule, old.ID); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "remove-schedule", Object: scheduleObject(name), Before: audit.Detail(old.Plan)})
	}))
}
