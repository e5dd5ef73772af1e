package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// Action is what an intention asks of the queue.
type Action string

// The actions.
const (
	Enqueue Action = "enqueue"
	Cancel  Action = "cancel"
)

// Intention is a request about a job that the queue has not answered yet.
type Intention struct {
	ID     int64
	Action Action
	Job    Job
	taken  time.Time
}

// Take takes the oldest intentions, at most limit and about bytes together, for
// the caller to tell the queue. An intention that somebody took longer than
// patience ago and did not settle is taken again: that process may have died,
// and telling the queue twice does no harm. From now on the queue may know the
// jobs.
func (s *Store) Take(ctx context.Context, limit int, bytes int64, patience time.Duration) ([]Intention, error) {
	var taken time.Time // the same for all
	takeID := func(row pgx.CollectableRow) (id int64, err error) {
		err = row.Scan(&id, &taken)
		return id, err
	}
	ids, err := postgres.Collect(ctx, s.pool, takeID, s.sql.TakeIntentions, limit, bytes, patience.Seconds())
	if err != nil {
		return nil, fmt.Errorf("take intentions: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	scan := func(row pgx.CollectableRow) (Intention, error) {
		i := Intention{taken: taken}
		j, err := scanJob(prefixed{row, []any{&i.ID, &i.Action}})
		i.Job = j
		return i, err
	}
	all, err := postgres.Collect(ctx, s.pool, scan, s.sql.GetIntentions, ids)
	if err != nil {
		return nil, fmt.Errorf("read intentions: %w", err)
	}
	return all, nil
}

// prefixed scans a row's first columns into places of its own.
type prefixed struct {
	pgx.CollectableRow
	first []any
}

func (p prefixed) Scan(rest ...any) error { return p.CollectableRow.Scan(append(p.first, rest...)...) }

// Settle forgets intentions that the queue has answered.
func (s *Store) Settle(ctx context.Context, all ...Intention) error {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.SettleIntentions, ids(all)); err != nil {
		return fmt.Errorf("settle intentions: %w", err)
	}
	return nil
}

// PutBack gives back intentions of one Take that the queue does not know. It
// leaves alone those that somebody else has taken since.
func (s *Store) PutBack(ctx context.Context, all []Intention) error {
	return s.giveBack(ctx, s.sql.PutBackIntentions, all)
}

// Doubt lets intentions of one Take be taken again at once. The queue may know
// them: it gave no answer.
func (s *Store) Doubt(ctx context.Context, all []Intention) error {
	return s.giveBack(ctx, s.sql.DoubtIntentions, all)
}

func (s *Store) giveBack(ctx context.Context, statement postgres.Statement, all []Intention) error {
	if len(all) == 0 {
		return nil
	}
	if _, err := postgres.Exec(ctx, s.pool, statement, ids(all), all[0].taken); err != nil {
		return fmt.Errorf("give intentions back: %w", err)
	}
	return nil
}

func ids(all []Intention) []int64 {
	ids := make([]int64, len(all))
	for i, in := range all {
		ids[i] = in.ID
	}
	return ids
}
