package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Action is what an intention asks of the queue.
type Action string

// The actions.
const (
	Enqueue Action = "enqueue"
	Cancel  Action = "cancel"
)

// Intention is something that the queue is still to be told of a job.
type Intention struct {
	ID     int64
	Action Action
	Job    Job
	taken  time.Time
}

// Take takes at most limit intentions of together about bytes, the oldest
// first, for the caller to tell the queue. What somebody took longer than
// patience ago and did not settle is taken again: that process may have died,
// and telling the queue twice does no harm. From now on the queue may know the
// jobs.
func (s *Store) Take(ctx context.Context, limit int, bytes int64, patience time.Duration) ([]Intention, error) {
	rows, err := s.pool.Query(ctx, s.sql("take_intentions"), limit, bytes, patience.Seconds())
	if err != nil {
		return nil, fmt.Errorf("take intentions: %w", err)
	}
	var ids []int64
	var id int64
	var taken time.Time // the same for all
	_, err = pgx.ForEachRow(rows, []any{&id, &taken}, func() error {
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take intentions: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err = s.pool.Query(ctx, s.sql("get_intentions"), ids)
	if err != nil {
		return nil, fmt.Errorf("read intentions: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Intention, error) {
		i := Intention{taken: taken}
		j, err := scanJob(prefixed{row, []any{&i.ID, &i.Action}})
		i.Job = j
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("read intentions: %w", err)
	}
	return all, nil
}

// prefixed scans a row's first columns into places of its own.
type prefixed struct {
	row   pgx.Row
	first []any
}

func (p prefixed) Scan(rest ...any) error { return p.row.Scan(append(p.first, rest...)...) }

// Settle forgets intentions that the queue has answered.
func (s *Store) Settle(ctx context.Context, all ...Intention) error {
	if _, err := s.pool.Exec(ctx, s.sql("settle_intentions"), ids(all)); err != nil {
		return fmt.Errorf("settle intentions: %w", err)
	}
	return nil
}

// PutBack gives back intentions of one Take, of which the queue surely knows
// nothing. It leaves alone those that somebody else has taken since.
func (s *Store) PutBack(ctx context.Context, all []Intention) error {
	return s.giveBack(ctx, "put_back_intentions", all)
}

// Doubt lets intentions of one Take be taken again at once, without saying that
// the queue knows nothing of them: it gave no answer.
func (s *Store) Doubt(ctx context.Context, all []Intention) error {
	return s.giveBack(ctx, "doubt_intentions", all)
}

func (s *Store) giveBack(ctx context.Context, statement string, all []Intention) error {
	if len(all) == 0 {
		return nil
	}
	if _, err := s.pool.Exec(ctx, s.sql(statement), ids(all), all[0].taken); err != nil {
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
