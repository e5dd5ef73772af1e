package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Queues lists the queues in the order of their creation, which is the order
// in which messages are dealt to them.
func (s *Store) Queues(ctx context.Context) ([]message.Queue, error) {
	var all []message.Queue
	err := s.do(ctx, s.pool, step{name: "queues", read: structs(&all)})
	if err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	return all, nil
}

// errDryRun ends a transaction that was only to show what it would do.
var errDryRun = errors.New("dry run")

// AddQueue adds a queue and deals the waiting messages out again. A name that
// is taken is a problem of kind Conflict. A dry run changes nothing, but tells
// what would move.
func (s *Store) AddQueue(ctx context.Context, name string, maxLength int, dry bool) (message.Dealing, error) {
	dealing, err := s.redeal(ctx, dry, func(tx pgx.Tx) error {
		var n int
		err := s.do(ctx, tx, step{name: "add_queue", args: []any{name, maxLength}, read: affected(&n)})
		if err == nil && n == 0 {
			return problem.Newf(problem.Conflict, "there is a queue %q already", name)
		}
		return err
	})
	if err != nil {
		return message.Dealing{}, fmt.Errorf("add a queue: %w", err)
	}
	return dealing, nil
}

// RemoveQueue removes a queue and deals the waiting messages out again, its
// own among them. Messages leased from it stay with their workers, and are
// dealt to another queue if they come back. The last queue cannot be removed:
// that is a problem of kind Conflict.
func (s *Store) RemoveQueue(ctx context.Context, name string, dry bool) (message.Dealing, error) {
	dealing, err := s.redeal(ctx, dry, func(tx pgx.Tx) error {
		queues, err := s.rooms(ctx, tx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(queues, func(q room) bool { return q.Name == name }) {
			return noQueue(name)
		}
		if len(queues) == 1 {
			return problem.Newf(problem.Conflict, "%q is the last queue: messages need one to wait in", name)
		}
		return s.do(ctx, tx, step{name: "remove_queue", args: []any{name}})
	})
	if err != nil {
		return message.Dealing{}, fmt.Errorf("remove a queue: %w", err)
	}
	return dealing, nil
}

func noQueue(name string) error { return problem.Newf(problem.NotFound, "there is no queue %q", name) }

func (s *Store) rooms(ctx context.Context, tx pgx.Tx) (queues []room, err error) {
	err = s.do(ctx, tx, step{name: "room", read: structs(&queues)})
	return queues, err
}

// redeal changes the queues and deals the waiting messages out again, in one
// transaction that has the queues for itself.
func (s *Store) redeal(ctx context.Context, dry bool, change func(pgx.Tx) error) (message.Dealing, error) {
	d := message.Dealing{Moves: []message.Move{}}
	err := s.tx(ctx, func(tx pgx.Tx) error {
		if err := s.do(ctx, tx, step{name: "own_queues"}, step{name: "lock_deal"}); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		err := s.do(ctx, tx, step{name: "deal", read: each(func(row pgx.CollectableRow) error {
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
		return s.do(ctx, tx, step{name: "set_deal", args: []any{d.Dealt}}, step{name: "sweep_queues"}, notify(messageTopic))
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return d, err
}

// ChangeQueue pauses or resumes a queue, or changes how many messages may wait
// in it; nil leaves as it is. A paused queue gives no leases, and no message is
// dealt to it, unless all queues are paused.
func (s *Store) ChangeQueue(ctx context.Context, name string, paused *bool, maxLength *int) error {
	err := s.tx(ctx, func(tx pgx.Tx) error {
		var n int
		err := s.do(ctx, tx,
			step{name: "lock_deal"},
			step{name: "change_queue", args: []any{name, paused, maxLength}, read: affected(&n)},
			notify(messageTopic))
		if err == nil && n == 0 {
			return noQueue(name)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("change a queue: %w", err)
	}
	return nil
}
