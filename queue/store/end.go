package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// found is what the database knows about the messages of a call. Those in flight
// are locked.
type found struct {
	held map[message.ID]held
	seen map[message.ID]seen
}

// hold locks messages, and looks up those that have ended when ended is set.
func (s *Store) hold(ctx context.Context, tx postgres.Transaction, ids []string, ended bool) (found, error) {
	f := found{held: make(map[message.ID]held, len(ids)), seen: map[message.ID]seen{}}
	steps := []postgres.Step{
		{Statement: s.sql.ShareQueues},
		{Statement: s.sql.PlanByIndex},
		{Statement: s.sql.LockMessages, Args: []any{ids}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			h, err := pgx.RowToStructByPos[held](row)
			f.held[h.ID] = h
			return err
		})}}
	if ended {
		// A statement of its own, so that it sees messages that ended while
		// lock_messages waited.
		steps = append(steps, postgres.Step{Statement: s.sql.FindEnded, Args: []any{ids}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			var id message.ID
			var e seen
			err := row.Scan(&id, &e.Token, &e.ByHolder, &e.Outcome, &e.Holder)
			f.seen[id] = e
			return err
		})})
	}
	return f, postgres.Batch(ctx, tx, steps...)
}

// settle locks the messages of a call, calls decide for each item, and applies the
// moves, in one transaction.
func (s *Store) settle(ctx context.Context, ids []string, decide func(i int, f found) (message.HeldVerdict, *move)) ([]message.HeldVerdict, error) {
	verdicts := make([]message.HeldVerdict, len(ids))
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		f, err := s.hold(ctx, tx, ids, true)
		if err != nil {
			return err
		}
		var moves []move
		var places []int
		for i := range ids {
			v, m := decide(i, f)
			verdicts[i] = v
			if m != nil {
				moves, places = append(moves, *m), append(places, i)
			}
		}
		err = s.apply(ctx, tx, moves)
		if missing, ok := errors.AsType[*missingParts](err); ok {
			return missing.items(moves, places)
		}
		return err
	})
	return verdicts, err
}

// apply moves messages, which tx has locked, to the feed or back to their queues.
func (s *Store) apply(ctx context.Context, tx postgres.Transaction, moves []move) error {
	var ends endColumns
	var backs backColumns
	var steps []postgres.Step
	for _, m := range moves {
		if m.Outcome == message.Dead {
			steps = append(steps, s.Trail.Step(ctx, audit.Event{Actor: audit.System(), Action: "dead-letter", Object: messageObject(m.Key),
				After: audit.Detail(map[string]any{"attempts": m.Attempts, "error": m.Error})}))
		}
		if m.Outcome != "" {
			ends.add(m)
		} else {
			backs.add(m)
		}
	}
	kept := map[message.ID]int{}
	if len(backs.ids) > 0 {
		steps = append(steps, postgres.Step{Statement: s.sql.RequeueMessages, Args: backs.args()}, s.notify(messageTopic))
	}
	if len(ends.ids) > 0 {
		// The feed's lock comes last: it is held until the commit.
		steps = append(steps,
			postgres.Step{Statement: s.sql.DropParts, Args: []any{ends.ids, ends.tokens, ends.parts}, Read: postgres.Each(func(row pgx.CollectableRow) error {
				var id message.ID
				var n int
				err := row.Scan(&id, &n)
				kept[id] = n
				return err
			})},
			postgres.Step{Statement: s.sql.EndMessages, Args: ends.args(), Read: postgres.Exactly(len(ends.ids))},
			s.notify(resultTopic))
	}
	if steps == nil {
		return nil
	}
	if err := postgres.Batch(ctx, tx, steps...); err != nil {
		return err
	}
	for _, m := range moves {
		if kept[m.ID] != m.Parts {
			return &missingParts{kept: kept}
		}
	}
	return nil
}

func messageObject(key string) audit.Object { return audit.Object{Kind: "message", ID: key} }

// missingParts says how many parts of each result are stored, when some results
// count more.
type missingParts struct{ kept map[message.ID]int }

func (p *missingParts) Error() string { return ErrMissingParts.Error() }

// items returns the error for the caller; move i is about item places[i].
func (p *missingParts) items(moves []move, places []int) error {
	err := &ItemsError{Reason: ErrMissingParts}
	for i, m := range moves {
		if p.kept[m.ID] != m.Parts {
			err.add(places[i], "counts %d parts, but %d of them were sent under this token", m.Parts, p.kept[m.ID])
		}
	}
	return err
}

// endColumns holds moves to the feed, column by column.
type endColumns struct {
	ids, outcomes   []string
	results, errors []*string
	parts, attempts []int
	byHolder        []bool
	tokens          []int64
}

func (c *endColumns) add(m move) {
	c.ids = append(c.ids, string(m.ID))
	c.outcomes = append(c.outcomes, string(m.Outcome))
	c.results = append(c.results, m.Result)
	c.errors = append(c.errors, m.Error)
	c.parts = append(c.parts, m.Parts)
	c.attempts = append(c.attempts, m.Attempts)
	c.byHolder = append(c.byHolder, m.ByHolder)
	c.tokens = append(c.tokens, int64(m.Token))
}

func (c *endColumns) args() []any {
	return []any{c.ids, c.outcomes, c.results, c.parts, c.errors, c.byHolder, c.attempts}
}

// backColumns holds moves back to the queues, column by column.
type backColumns struct {
	ids           []string
	attempts      []int
	lost, settled []bool
	backOff       []float64 // seconds
	errors        []*string
}

func (c *backColumns) add(m move) {
	c.ids = append(c.ids, string(m.ID))
	c.attempts = append(c.attempts, m.Attempts)
	c.lost = append(c.lost, m.Lost)
	c.settled = append(c.settled, m.ByHolder)
	c.backOff = append(c.backOff, m.BackOff.Seconds())
	c.errors = append(c.errors, m.Error)
}

func (c *backColumns) args() []any {
	return []any{c.ids, c.attempts, c.lost, c.settled, c.backOff, c.errors, maxPast}
}

// maxPast is how many leases that ended without ending the message are remembered.
const maxPast = 16

// idsOf returns the ids of the items of a call, in their order.
func idsOf[T any](items []T, id func(T) message.ID) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = string(id(item))
	}
	return ids
}
