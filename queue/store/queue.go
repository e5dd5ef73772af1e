package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Queues lists the queues in the order of their creation, which is the order
// in which messages are dealt to them.
func (s *Store) Queues(ctx context.Context) ([]message.Queue, error) {
	all, err := postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[message.Queue], s.sql.ListQueues)
	if err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	return all, nil
}

// errDryRun rolls a dry run back.
var errDryRun = errors.New("dry run")

// AddQueue adds a queue and deals the waiting messages out again. A name that
// is taken is a problem of kind Conflict. A dry run changes nothing, but returns
// what would move.
func (s *Store) AddQueue(ctx context.Context, name string, maxLength int, dry bool) (message.Dealing, error) {
	dealing, err := s.redeal(ctx, dry, func(tx pgx.Tx) error {
		n, err := postgres.Exec(ctx, tx, s.sql.AddQueue, name, maxLength)
		if err == nil && n == 0 {
			return problem.Newf(problem.Conflict, "there already is a queue %q", name)
		}
		if err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "add-queue", Object: queueObject(name), After: audit.Detail(map[string]int{"max_length": maxLength})})
	})
	if err != nil {
		return message.Dealing{}, fmt.Errorf("add a queue: %w", err)
	}
	return dealing, nil
}

// RemoveQueue removes a queue and deals the waiting messages out again,
// including its own. Messages leased from it stay with their workers, and are
// dealt to another queue if they come back. The last queue cannot be removed:
// that is a problem of kind Conflict.
func (s *Store) RemoveQueue(ctx context.Context, name string, dry bool) (message.Dealing, error) {
	dealing, err := s.redeal(ctx, dry, func(tx pgx.Tx) error {
		queues, err := s.rooms(ctx, tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(queues, func(q room) bool { return q.Name == name })
		if at < 0 {
			return noQueue(name)
		}
		if len(queues) == 1 {
			return problem.Newf(problem.Conflict, "%q is the last queue: messages need one to wait in", name)
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.RemoveQueue, name); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "remove-queue", Object: queueObject(name), Before: queues[at].detail()})
	})
	if err != nil {
		return message.Dealing{}, fmt.Errorf("remove a queue: %w", err)
	}
	return dealing, nil
}

func noQueue(name string) error { return problem.Newf(problem.NotFound, "there is no queue %q", name) }

func queueObject(name string) audit.Object { return audit.Object{Kind: "queue", ID: name} }

// detail is what the audit trail says of a queue.
func (r room) detail() json.RawMessage {
	return audit.Detail(map[string]any{"paused": r.Paused, "max_length": r.MaxLength})
}

func (s *Store) rooms(ctx context.Context, tx pgx.Tx) ([]room, error) {
	return postgres.Collect(ctx, tx, pgx.RowToStructByPos[room], s.sql.ListRooms)
}

// redeal changes the queues and deals the waiting messages out again, in one
// transaction that holds the queues exclusively.
func (s *Store) redeal(ctx context.Context, dry bool, change func(pgx.Tx) error) (message.Dealing, error) {
	var d message.Dealing
	err := postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		d = message.Dealing{Moves: []message.Move{}}
		if err := postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.LockQueues}, postgres.Step{Statement: s.sql.LockDeal}); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		err := postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.DealMessages, Read: postgres.Each(func(row pgx.CollectableRow) error {
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
		})})
		if err == nil && dry {
			return errDryRun
		}
		if err != nil {
			return err
		}
		return postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.SetDeal, Args: []any{d.Dealt}}, postgres.Step{Statement: s.sql.SweepQueues}, s.notify(messageTopic))
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return d, err
}

// ChangeQueue pauses or resumes a queue, or changes how many messages may wait
// in it; nil changes nothing. Nothing is leased from a paused queue, and no message is
// dealt to it unless all queues are paused.
func (s *Store) ChangeQueue(ctx context.Context, name string, paused *bool, maxLength *int) error {
	err := postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		var queues []room
		err := postgres.Batch(ctx, tx,
			postgres.Step{Statement: s.sql.LockDeal},
			postgres.Step{Statement: s.sql.ListRooms, Read: postgres.Into(&queues, pgx.RowToStructByPos[room])})
		if err != nil {
			return err
		}
		at := slices.IndexFunc(queues, func(q room) bool { return q.Name == name })
		if at < 0 {
			return noQueue(name)
		}
		return postgres.Batch(ctx, tx,
			postgres.Step{Statement: s.sql.ChangeQueue, Args: []any{name, paused, maxLength}},
			s.Trail.Step(ctx, changed(queues[at], paused, maxLength)),
			s.notify(messageTopic))
	})
	if err != nil {
		return fmt.Errorf("change a queue: %w", err)
	}
	return nil
}

// changed is the event of a change of a queue.
func changed(q room, paused *bool, maxLength *int) audit.Event {
	e := audit.Event{Action: "limit-queue", Object: queueObject(q.Name), Before: q.detail()}
	if maxLength != nil {
		q.MaxLength = *maxLength
	}
	if paused != nil {
		e.Action, q.Paused = "resume-queue", *paused
	}
	if q.Paused && paused != nil {
		e.Action = "pause-queue"
	}
	e.After = q.detail()
	return e
}
