package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// AddQueue adds a queue, of the weight 1 if it names none, and deals the waiting messages out again, or begins to when there
// are many. A name that is taken is a problem of kind Conflict. A dry run changes nothing,
// but returns what would move.
func (s *Store) AddQueue(ctx context.Context, q message.NewQueue, dry bool) (message.Dealing, error) {
	q.Weight = max(q.Weight, 1)
	check := func(queues []room) error {
		if slices.ContainsFunc(queues, func(r room) bool { return r.Name == q.Name }) {
			return problem.Newf(problem.Conflict, "there already is a queue %q", q.Name)
		}
		return nil
	}
	d, err := s.redeal(ctx, q.Name, "", dry, check, func(tx postgres.Transaction, _ []room) error {
		steps := []postgres.Step{{Statement: s.sql.AddQueue, Args: []any{q.Name, q.MaxLength, q.Weight, q.MaxLeased}},
			s.Trail.Step(ctx, audit.Event{Action: "add-queue", Object: queueObject(q.Name), After: room{MaxLength: q.MaxLength, Share: message.Share{Weight: q.Weight, MaxLeased: q.MaxLeased}}.detail()})}
		if q.MaxLeased > 0 {
			steps = slices.Insert(steps, 0, s.beforeMaximum())
		}
		return postgres.Batch(ctx, tx, steps...)
	})
	if err != nil {
		return message.Dealing{}, fmt.Errorf("add a queue: %w", err)
	}
	return d, nil
}

// RemoveQueue removes a queue and deals the waiting messages out again, including its own,
// or begins to when there are many. Messages leased from it stay with their workers, and are
// dealt to another queue if they come back. The last queue cannot be removed:
// that is a problem of kind Conflict.
func (s *Store) RemoveQueue(ctx context.Context, name string, dry bool) (message.Dealing, error) {
	at := func(queues []room) int { return slices.IndexFunc(queues, func(q room) bool { return q.Name == name }) }
	check := func(queues []room) error {
		if at(queues) < 0 {
			return noQueue(name)
		}
		if len(queues) == 1 {
			return problem.Newf(problem.Conflict, "%q is the last queue: messages need one to wait in", name)
		}
		return nil
	}
	d, err := s.redeal(ctx, "", name, dry, check, func(tx postgres.Transaction, queues []room) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.RemoveQueue, name); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "remove-queue", Object: queueObject(name), Before: queues[at(queues)].detail()})
	})
	if err != nil {
		return message.Dealing{}, fmt.Errorf("remove a queue: %w", err)
	}
	return d, nil
}

// redeal changes the queues and begins to deal the waiting messages out again. It ends the
// dealing, too, when there are few.
func (s *Store) redeal(ctx context.Context, add, remove string, dry bool, check func([]room) error, change func(postgres.Transaction, []room) error) (message.Dealing, error) {
	queues, err := postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[room], s.sql.ListRooms)
	if err != nil {
		return message.Dealing{}, err
	}
	if err := check(queues); err != nil {
		return message.Dealing{}, err
	}
	d, err := s.plan(ctx, add, remove)
	if err != nil || dry {
		return d, err
	}
	err = s.insist(ctx, func(tx postgres.Transaction) error {
		var queues []room
		err := postgres.Batch(ctx, tx,
			postgres.Step{Statement: s.sql.LimitLocks}, postgres.Step{Statement: s.sql.LockDealing}, postgres.Step{Statement: s.sql.LockDeal},
			postgres.Step{Statement: s.sql.LockQueues},
			postgres.Step{Statement: s.sql.ListRooms, Read: postgres.Into(&queues, pgx.RowToStructByPos[room])})
		if err != nil {
			return err
		}
		if err := check(queues); err != nil {
			return err
		}
		if err := change(tx, queues); err != nil {
			return err
		}
		return postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.BeginDealing, Args: []any{d.Dealt, d.Dealt < firstPace}}, s.notify(messageTopic))
	})
	if err != nil {
		return d, err
	}
	if d.UnderWay = d.Dealt > cmp.Or(s.policy.DealAtOnce, atOnce); d.UnderWay {
		return d, nil
	}
	return d, s.Deal(ctx)
}

// insist runs f in a transaction that limits its wait for locks, again and again until it
// has got them.
func (s *Store) insist(ctx context.Context, f func(postgres.Transaction) error) error {
	for {
		err := postgres.Tx(ctx, s.pool, f)
		if postgres.Code(err) != postgres.LockNotAvailable {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(stepRetry):
		}
	}
}

func noQueue(name string) error { return problem.Newf(problem.NotFound, "there is no queue %q", name) }

func queueObject(name string) audit.Object { return audit.Object{Kind: "queue", ID: name} }

// detail is what the audit trail says of a queue.
func (r room) detail() json.RawMessage {
	return audit.Detail(map[string]any{"paused": r.Paused, "max_length": r.MaxLength, "weight": r.Weight, "max_leased": r.MaxLeased})
}

func (s *Store) rooms(ctx context.Context, tx postgres.Transaction) ([]room, error) {
	return postgres.Collect(ctx, tx, pgx.RowToStructByPos[room], s.sql.ListRooms)
}

// change is what changes of a queue; nil changes nothing.
type change struct {
	action            string // of the audit trail
	paused            *bool
	maxLength         *int
	weight, maxLeased *int
}

// ChangeQueue pauses or resumes a queue, or changes how many messages may wait
// in it; nil changes nothing. Nothing is leased from a paused queue, and no message is
// dealt to it unless all queues are paused.
func (s *Store) ChangeQueue(ctx context.Context, name string, paused *bool, maxLength *int) error {
	action := "limit-queue"
	switch {
	case paused != nil && *paused:
		action = "pause-queue"
	case paused != nil:
		action = "resume-queue"
	}
	return s.changeQueue(ctx, name, change{action: action, paused: paused, maxLength: maxLength})
}

// ShareQueue changes which share of the leases a queue gets; nil changes nothing. Leases beyond
// a new maximum stay with their workers.
func (s *Store) ShareQueue(ctx context.Context, name string, c message.QueueShare) error {
	return s.changeQueue(ctx, name, change{action: "share-queue", weight: c.Weight, maxLeased: c.MaxLeased})
}

func (s *Store) changeQueue(ctx context.Context, name string, c change) error {
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		var queues []room
		err := postgres.Batch(ctx, tx,
			postgres.Step{Statement: s.sql.LockDealing}, // otherwise the step under way would deal to a queue that pauses
			postgres.Step{Statement: s.sql.LockDeal},
			postgres.Step{Statement: s.sql.ListRooms, Read: postgres.Into(&queues, pgx.RowToStructByPos[room])})
		if err != nil {
			return err
		}
		at := slices.IndexFunc(queues, func(q room) bool { return q.Name == name })
		if at < 0 {
			return noQueue(name)
		}
		steps := []postgres.Step{{Statement: s.sql.ChangeQueue, Args: []any{name, c.paused, c.maxLength, c.weight, c.maxLeased}},
			s.Trail.Step(ctx, c.event(queues[at])), s.notify(messageTopic)}
		if c.maxLeased != nil && *c.maxLeased > 0 {
			steps = slices.Insert(steps, 0, s.beforeMaximum())
		}
		return postgres.Batch(ctx, tx, steps...)
	})
	if err != nil {
		return fmt.Errorf("change a queue: %w", err)
	}
	return nil
}

// event is that of the change of a queue.
func (c change) event(q room) audit.Event {
	e := audit.Event{Action: c.action, Object: queueObject(q.Name), Before: q.detail()}
	set(&q.Paused, c.paused)
	set(&q.MaxLength, c.maxLength)
	set(&q.Weight, c.weight)
	set(&q.MaxLeased, c.maxLeased)
	e.After = q.detail()
	return e
}

func set[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}
