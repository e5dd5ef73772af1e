package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// found is what is known of the messages of a call, locked where they are in
// flight.
type found struct {
	held map[message.ID]held
	seen map[message.ID]seen
}

// hold locks messages, and with ended looks up those that have ended.
func (s *Store) hold(ctx context.Context, tx pgx.Tx, ids []string, ended bool) (found, error) {
	f := found{held: make(map[message.ID]held, len(ids)), seen: map[message.ID]seen{}}
	steps := []step{
		{name: "share_queues"},
		{name: "hold", args: []any{ids}, read: each(func(row pgx.CollectableRow) error {
			h, err := pgx.RowToStructByPos[held](row)
			f.held[h.ID] = h
			return err
		})}}
	if ended {
		// A statement of its own, so that it sees what ended while hold waited.
		steps = append(steps, step{name: "seen", args: []any{ids}, read: each(func(row pgx.CollectableRow) error {
			var id message.ID
			var e seen
			err := row.Scan(&id, &e.Token, &e.ByHolder, &e.Outcome)
			f.seen[id] = e
			return err
		})})
	}
	return f, s.do(ctx, tx, steps...)
}

// settle locks the messages of a call, decides about item i by decide, and
// carries the moves out, in one transaction.
func (s *Store) settle(ctx context.Context, ids []string, decide func(i int, f found) (message.HeldVerdict, *move)) ([]message.HeldVerdict, error) {
	verdicts := make([]message.HeldVerdict, len(ids))
	err := s.tx(ctx, func(tx pgx.Tx) error {
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
		err = s.carryOut(ctx, tx, moves)
		if lack, ok := errors.AsType[*lackOfParts](err); ok {
			return lack.problem(moves, places)
		}
		return err
	})
	return verdicts, err
}

// carryOut moves messages, which tx has locked: to the feed, or back to wait.
func (s *Store) carryOut(ctx context.Context, tx pgx.Tx, moves []move) error {
	var ends endColumns
	var backs backColumns
	for _, m := range moves {
		if m.Outcome != "" {
			ends.add(m)
		} else {
			backs.add(m)
		}
	}
	kept := map[message.ID]int{}
	var steps []step
	if len(backs.ids) > 0 {
		steps = append(steps, step{name: "back", args: backs.args()}, notify(messageTopic))
	}
	if len(ends.ids) > 0 {
		// The feed's lock comes last: it is held until the commit.
		steps = append(steps,
			step{name: "drop_parts", args: []any{ends.ids, ends.tokens, ends.parts}, read: each(func(row pgx.CollectableRow) error {
				var id message.ID
				var n int
				err := row.Scan(&id, &n)
				kept[id] = n
				return err
			})},
			step{name: "end", args: ends.args(), read: exactly(len(ends.ids))},
			notify(resultTopic))
	}
	if steps == nil {
		return nil
	}
	if err := s.do(ctx, tx, steps...); err != nil {
		return err
	}
	for _, m := range moves {
		if kept[m.ID] != m.Parts {
			return &lackOfParts{kept: kept}
		}
	}
	return nil
}

// lackOfParts says how many parts were found of each result.
type lackOfParts struct{ kept map[message.ID]int }

func (l *lackOfParts) Error() string { return "a result counts parts that were not sent" }

func (l *lackOfParts) problem(moves []move, places []int) error {
	var faults []problem.Fault
	for i, m := range moves {
		if l.kept[m.ID] != m.Parts {
			faults = append(faults, problem.Fault{Pointer: fmt.Sprintf("/items/%d/parts", places[i]),
				Detail: fmt.Sprintf("counts %d parts, but %d of them were sent under this token", m.Parts, l.kept[m.ID])})
		}
	}
	return problem.New(problem.Invalid, "results count parts that were not sent: nothing was changed", faults...)
}

// endColumns is moves to the feed by column.
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

// backColumns is moves back to wait by column.
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
	return []any{c.ids, c.attempts, c.lost, c.settled, c.backOff, c.errors}
}

// idsOf lists the ids of the items of a call, in their order.
func idsOf[T any](items []T, id func(T) message.ID) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = string(id(item))
	}
	return ids
}
