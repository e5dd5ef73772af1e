package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// A dealing spreads the waiting messages over the queues again after these have changed. It
// does so in short steps, each a transaction, that any instance may take, also after a
// crash. The rule: a cursor passes the waiting messages in upload order, up to their end,
// and the i-th that it passes goes to queue i mod n of those dealt to.
//
// When no message is leased, ended or brought back meanwhile, that is message i of the
// upload order to queue i mod n, however many are uploaded: uploads get their seq under the
// lock of the deal, so that none appears behind the cursor, and the last step holds that
// lock. It has passed every message, and the next upload goes to the queue whose turn it is.
// A message that is leased when the cursor passes it stays in its queue, and so does what is
// brought back behind the cursor. When the queues dealt to change, the next step notices it
// and begins anew.
//
// A step and a claim keep each other out, so that no claim takes a message out of turn
// because those before it are locked.

// pace is how many messages a step passes: as many as take about stepTime.
type pace int

const (
	stepTime  = 30 * time.Millisecond
	firstPace = 500
	minPace   = 250
	maxPace   = 5000
	// atOnce is how many messages the call that changes the queues deals itself.
	atOnce = 5000
	// stepRest is the time between two steps, as a share of a step, that others have the
	// database to themselves, and stepRetry that after a step that others kept waiting.
	stepRest  = 4
	stepRetry = 20 * time.Millisecond
)

// after returns the pace after a step that took a time.
func (p pace) after(took time.Duration) pace {
	switch {
	case took > 3*stepTime/2:
		return max(p/2, minPace)
	case took < 3*stepTime/4:
		return min(p*3/2, maxPace)
	}
	return p
}

// Deal takes the steps of the dealing that is under way until none is left, beside other
// instances that do so, too. It returns at once when there is no dealing.
func (s *Store) Deal(ctx context.Context) error {
	rows := cmp.Or(pace(s.policy.DealStep), firstPace)
	for {
		begin := time.Now()
		next, err := s.step(ctx, rows)
		rest := time.Since(begin) / stepRest
		switch {
		case postgres.Code(err) == postgres.LockNotAvailable:
			rest = stepRetry
		case err != nil:
			return fmt.Errorf("deal messages: %w", err)
		case next == dealingDone:
			return s.sweepQueues(ctx)
		case next == dealingElsewhere:
			rest = stepRetry
		case s.policy.DealStep == 0:
			rows = rows.after(time.Since(begin))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rest):
		}
	}
}

// stepped is what a step finds or leaves behind.
type stepped int

const (
	dealingGoesOn stepped = iota
	dealingElsewhere
	dealingDone
)

// dealing is the row of that name.
type dealing struct {
	UnderWay bool
	Queues   []int64
	Passed   int64
	Dealt    int64
	Last     bool
}

// step passes the next messages, and keeps uploads out when it may be the last.
func (s *Store) step(ctx context.Context, rows pace) (next stepped, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		next = dealingElsewhere
		var taken []dealing
		to, keep := []int64{}, []int64{} // nil would be NULL
		err := postgres.Batch(ctx, tx,
			postgres.Step{Statement: s.sql.LimitLocks},
			postgres.Step{Statement: s.sql.TakeDealing, Read: postgres.Into(&taken, pgx.RowToStructByPos[dealing])},
			postgres.Step{Statement: s.sql.ListActive, Read: postgres.Each(func(row pgx.CollectableRow) error {
				var id int64
				var active bool
				err := row.Scan(&id, &active)
				if active {
					to = append(to, id)
				} else {
					keep = append(keep, id)
				}
				return err
			})})
		if err != nil || len(taken) == 0 {
			return err
		}
		d := taken[0]
		if !d.UnderWay {
			next = dealingDone
			return nil
		}
		if !slices.Equal(d.Queues, to) {
			d = dealing{Queues: to, Last: d.Last && d.Passed == 0}
		}
		return s.pass(ctx, tx, d, keep, rows, &next)
	})
	return next, err
}

// pass deals the next messages of a dealing that tx has taken.
func (s *Store) pass(ctx context.Context, tx postgres.Transaction, d dealing, keep []int64, rows pace, next *stepped) error {
	var steps []postgres.Step
	if d.Last {
		steps = append(steps, postgres.Step{Statement: s.sql.LockDeal})
	}
	var seen, dealt int64
	steps = append(steps, postgres.Step{Statement: s.sql.LockClaims},
		postgres.Step{Statement: s.sql.DealMessages, Args: []any{d.Passed, d.Dealt, int(rows), d.Queues, keep},
			Read: postgres.Each(func(row pgx.CollectableRow) error { return row.Scan(&seen, &d.Passed, &dealt) })})
	if err := postgres.Batch(ctx, tx, steps...); err != nil {
		return err
	}
	d.Dealt += dealt
	*next = dealingGoesOn
	steps = nil
	if seen < int64(rows) && d.Last {
		*next = dealingDone
		steps = append(steps, postgres.Step{Statement: s.sql.SetDeal, Args: []any{d.Dealt}})
	}
	d.Last = seen < int64(rows)
	steps = append(steps, postgres.Step{Statement: s.sql.MoveDealing, Args: []any{d.Queues, d.Passed, d.Dealt, d.Last, *next != dealingDone}})
	if dealt > 0 {
		steps = append(steps, s.notify(messageTopic))
	}
	return postgres.Batch(ctx, tx, steps...)
}

// sweepQueues deletes removed queues to which no message refers any more. No lock keeps
// others out: once a queue is removed, no message gets into it.
func (s *Store) sweepQueues(ctx context.Context) error {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.SweepQueues); err != nil {
		return fmt.Errorf("delete removed queues: %w", err)
	}
	return nil
}

// plan returns what a dealing would do after a queue is added or removed; "" names no queue.
func (s *Store) plan(ctx context.Context, add, remove string) (message.Dealing, error) {
	d := message.Dealing{Moves: []message.Move{}}
	err := postgres.Batch(ctx, s.pool, postgres.Step{Statement: s.sql.PlanDealing, Args: []any{add, remove}, Read: func(rows pgx.Rows) error {
		d = message.Dealing{Moves: []message.Move{}}
		return postgres.Each(func(row pgx.CollectableRow) error {
			var m message.Move
			var moved bool
			if err := row.Scan(&m.From, &m.To, &m.Messages, &moved); err != nil {
				return err
			}
			d.Dealt += m.Messages
			if moved {
				d.Moved += m.Messages
				d.Moves = append(d.Moves, m)
			}
			return nil
		})(rows)
	}})
	return d, err
}

// Dealing returns how far the dealing is that is under way, or nil.
func (s *Store) Dealing(ctx context.Context) (*message.Progress, error) {
	p, found, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[message.Progress], s.sql.FindDealing)
	if err != nil {
		return nil, fmt.Errorf("look for a dealing: %w", err)
	}
	if !found {
		return nil, nil
	}
	return &p, nil
}
