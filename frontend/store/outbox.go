package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// Action is what an entry of the outbox asks of the queue.
type Action string

// The actions.
const (
	Enqueue Action = "enqueue"
	Cancel  Action = "cancel"
)

// OutboxEntry is a request to the queue that has not been answered yet.
type OutboxEntry struct {
	ID     int64
	Action Action
	Run    int // of the job, which may be in a later one by now
	Job    Job
	// RequestID is the last request that changed what is to become of the job, and
	// RequestedBy is the subject who sent it.
	RequestID, RequestedBy string
	// Traceparent is the span of the request that submitted the job, or "".
	Traceparent string
	taken       time.Time
}

// Taken is when the entry was taken.
func (e OutboxEntry) Taken() time.Time { return e.taken }

// Key is the key of the message that the entry is about.
func (e OutboxEntry) Key() string { return Key(e.Job.ID, e.Run) }

// Take takes the oldest entries of the outbox for the caller to send, at most limit
// of them and about bytes in total. An entry that was taken more than patience ago
// and is still there is taken again: the process that took it may have died, and
// sending it twice is harmless. A taken entry counts as sent until Return says that
// it was not.
func (s *Store) Take(ctx context.Context, limit int, bytes int64, patience time.Duration) ([]OutboxEntry, error) {
	var taken time.Time // the same for all
	takeID := func(row pgx.CollectableRow) (id int64, err error) {
		err = row.Scan(&id, &taken)
		return id, err
	}
	ids, err := postgres.Collect(ctx, s.pool, takeID, s.sql.TakeEntries, limit, bytes, patience.Seconds())
	if err != nil {
		return nil, fmt.Errorf("take from the outbox: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	scan := func(row pgx.CollectableRow) (OutboxEntry, error) {
		e := OutboxEntry{taken: taken}
		j, err := scanJob(prefixed{row, []any{&e.ID, &e.Action, &e.Run, &e.RequestID, &e.RequestedBy, &e.Traceparent}})
		e.Job = j
		return e, err
	}
	entries, err := postgres.Collect(ctx, s.pool, scan, s.sql.GetEntries, ids)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return entries, nil
}

// prefixed scans the first columns of a row into its own destinations.
type prefixed struct {
	pgx.CollectableRow
	first []any
}

func (p prefixed) Scan(rest ...any) error { return p.CollectableRow.Scan(append(p.first, rest...)...) }

// Settle deletes entries that the queue has answered.
func (s *Store) Settle(ctx context.Context, entries ...OutboxEntry) error {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.DeleteEntries, ids(entries)); err != nil {
		return fmt.Errorf("settle entries of the outbox: %w", err)
	}
	return nil
}

// Return lets the entries of one Take be taken again at once, except those that
// another process has taken since. With maybeSent, the queue may have received them.
// An entry that may have been sent never counts as unsent again.
func (s *Store) Return(ctx context.Context, entries []OutboxEntry, maybeSent bool) error {
	if len(entries) == 0 {
		return nil
	}
	if _, err := postgres.Exec(ctx, s.pool, s.sql.ReturnEntries, ids(entries), entries[0].taken, maybeSent); err != nil {
		return fmt.Errorf("return entries to the outbox: %w", err)
	}
	return nil
}

func ids(entries []OutboxEntry) []int64 {
	ids := make([]int64, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}

// maxMeasured is up to which number the entries of the outbox are counted.
const maxMeasured = 100_000

// MeasureOutbox returns how many entries the outbox has, counted up to 100,000, and the first of them; 0 when it is empty.
func (s *Store) MeasureOutbox(ctx context.Context) (entries, first int64, err error) {
	type row struct{ Entries, First int64 }
	r, err := postgres.One(ctx, s.pool, pgx.RowToStructByPos[row], s.sql.MeasureOutbox, maxMeasured)
	if err != nil {
		return 0, 0, fmt.Errorf("measure the outbox: %w", err)
	}
	return r.Entries, r.First, nil
}
