package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// EventLog says which events are on record.
type EventLog struct {
	Last      int64 // the position of the last one; 0 before the first
	Forgotten int64 // up to which they were deleted
}

// EventFilter chooses among the events. Its zero value chooses all.
type EventFilter struct {
	Types   []job.EventType // one of these; nil for any
	Owner   string          // name of the user
	Batch   job.BatchID
	Dataset string // name
	Job     job.ID // alone: Events looks at no other field then
}

// Match reports whether the filter chooses an event.
func (f EventFilter) Match(e *job.LogEvent) bool {
	if f.Job != "" {
		return e.Job == f.Job
	}
	return (f.Types == nil || slices.Contains(f.Types, e.Type)) && (f.Owner == "" || e.Owner == f.Owner) &&
		(f.Batch == "" || e.Batch == f.Batch) && (f.Dataset == "" || e.Dataset == f.Dataset)
}

// EventPage is some of the events after a position.
type EventPage struct {
	Events []job.LogEvent // in order
	Next   int64          // the position up to which they were looked for
	EventLog
}

// eventSpan is how many events of all a page looks at, so that a filter that chooses few of
// them takes no long statement.
const eventSpan = 10_000

// Events lists at most limit events after a position that the filter chooses, in order.
func (s *Store) Events(ctx context.Context, after int64, f EventFilter, limit int) (EventPage, error) {
	var page EventPage
	var before, behind []EventLog // read around the list: what the first says is listed, and what was deleted meanwhile the second says
	statement, args := s.sql.ListEvents, []any{after, limit, eventSpan, f.Types, orAny(f.Owner), orAny(f.Batch), orAny(f.Dataset)}
	if f.Job != "" {
		statement, args = s.sql.ListEventsOfJob, []any{after, limit, f.Job}
	}
	scanLog := pgx.RowToStructByPos[EventLog]
	err := postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.GetEventLog, Read: postgres.Into(&before, scanLog)},
		postgres.Step{Statement: statement, Args: args, Read: postgres.Into(&page.Events, scanEvent)},
		postgres.Step{Statement: s.sql.GetEventLog, Read: postgres.Into(&behind, scanLog)})
	if err != nil {
		return EventPage{}, fmt.Errorf("list events: %w", err)
	}
	page.EventLog = EventLog{Last: before[0].Last, Forgotten: behind[0].Forgotten}
	page.Next = max(after, page.Last)
	if f.Job == "" {
		page.Next = max(after, min(after+eventSpan, page.Last))
	}
	if n := len(page.Events); n > 0 && (n == limit || page.Events[n-1].ID > page.Next) {
		page.Next = page.Events[n-1].ID
	}
	return page, nil
}

// orAny returns null, which means any, for an empty text.
func orAny[T ~string](text T) *T {
	if text == "" {
		return nil
	}
	return &text
}

// scanEvent reads the columns of list_events.
func scanEvent(row pgx.CollectableRow) (e job.LogEvent, err error) {
	var (
		of                *job.ID
		batch             *job.BatchID
		dataset, schedule *string
		run, version      *int
		progress          *float64
		fault             []byte
	)
	if err = row.Scan(&e.ID, &e.At, &e.Type, &e.Owner, &of, &run, &batch, &dataset, &version, &schedule, &progress, &fault); err != nil {
		return e, err
	}
	e.At = e.At.UTC()
	e.Job, e.Run, e.Batch, e.Dataset, e.Version, e.Schedule, e.Progress = given(of), given(run), given(batch), given(dataset), given(version), given(schedule), given(progress)
	if fault != nil {
		if err := json.Unmarshal(fault, &e.Error); err != nil {
			return e, fmt.Errorf("read the error of event %d: %w", e.ID, err)
		}
	}
	return e, nil
}

// given is the value of a column, the zero value for null.
func given[T any](v *T) (zero T) {
	if v == nil {
		return zero
	}
	return *v
}

// NumberEvents gives at most limit events their positions whose transactions have committed
// since the last time, tells the readers in other processes, and returns how many. Several processes may call it
// at the same time.
func (s *Store) NumberEvents(ctx context.Context, limit int) (n int, err error) {
	err = postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.LockEvents},
		postgres.Step{Statement: s.sql.NumberEvents, Args: []any{limit, eventTopic + s.name}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			return row.Scan(&n, nil)
		})})
	return n, wrapped("number events", err)
}

// ForgetEvents deletes at most limit events that are older than keep, the oldest first, and
// returns how many.
func (s *Store) ForgetEvents(ctx context.Context, keep time.Duration, limit int) (int, error) {
	n, err := postgres.One(ctx, s.pool, pgx.RowTo[int], s.sql.ForgetEvents, keep.Seconds(), limit)
	return n, wrapped("forget events", err)
}

// Changed receives after transactions that may have left events. One value may stand for many.
func (s *Store) Changed() <-chan struct{} { return s.changed }

// tx is postgres.Tx for what may leave events.
func (s *Store) tx(ctx context.Context, f func(tx postgres.Transaction) error) error {
	// Also after an error: the commit may have succeeded, and only its answer was lost.
	defer s.poke()
	return postgres.Tx(ctx, s.pool, f)
}

func (s *Store) poke() {
	select {
	case s.changed <- struct{}{}:
	default: // it is to be noticed already
	}
}
