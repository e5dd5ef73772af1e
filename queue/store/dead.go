package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Dead lists the dead letters, the messages whose attempts are used up, after a
// position of the feed, oldest first.
func (s *Store) Dead(ctx context.Context, after message.Position, limit int) ([]message.DeadLetter, error) {
	scan := func(row pgx.CollectableRow) (d message.DeadLetter, err error) {
		var payload string
		err = row.Scan(&d.Position, &d.ID, &d.Key, &d.Priority, &d.Attempts, &d.Error, &d.EnqueuedAt, &d.EndedAt, &payload)
		d.Payload = json.RawMessage(payload)
		return d, err
	}
	letters, err := postgres.Collect(ctx, s.pool, scan, s.sql.ListDeadLetters, int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	return letters, nil
}

// Redrive requeues dead letters, with all their attempts and at their old place in
// the upload order, and returns how many. Without ids it requeues all; it ignores
// ids that belong to no dead letter. The feed keeps their deaths, and later also
// shows how the messages end.
func (s *Store) Redrive(ctx context.Context, ids []message.ID) (int, error) {
	n, err := s.redrive(ctx, ids, true, audit.Event{Action: "redrive", Object: audit.Object{Kind: "dead"}})
	if err != nil {
		return 0, fmt.Errorf("redrive: %w", err)
	}
	return int(n), nil
}

// Retry requeues one message that ended without a result, whether dead, failed or
// cancelled, and returns the message. One that is in flight is not changed; one
// that completed is a problem of kind Conflict.
func (s *Store) Retry(ctx context.Context, id message.ID) (message.Detail, error) {
	d, err := s.Message(ctx, id)
	if err != nil {
		return d, err
	}
	n, err := s.redrive(ctx, []message.ID{id}, false, audit.Event{Action: "retry", Object: messageObject(d.Key), Before: audit.Detail(map[string]any{"outcome": d.Outcome})})
	if err != nil {
		return message.Detail{}, fmt.Errorf("retry: %w", err)
	}
	d, err = s.Message(ctx, id)
	if err == nil && n == 0 && d.State == message.Ended {
		return d, problem.Newf(problem.Conflict, "message %s ended as %s and cannot be retried", id, d.Outcome)
	}
	return d, err
}

// redrive requeues messages, and records the event if there are any.
func (s *Store) redrive(ctx context.Context, ids []message.ID, deadOnly bool, e audit.Event) (n int64, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		next, err := postgres.One(ctx, tx, pgx.RowTo[int64], s.sql.LockDeal)
		if err != nil {
			return err
		}
		queues, err := s.rooms(ctx, tx)
		if err != nil {
			return err
		}
		var targets []int64
		for _, q := range active(queues) {
			targets = append(targets, q.ID)
		}
		n, err = postgres.Exec(ctx, tx, s.sql.RedriveMessages, textsOrNull(ids), deadOnly, targets, next)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		e.After = countDetail(n, ids)
		return postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.SetDeal, Args: []any{next + n}}, s.Trail.Step(ctx, e), s.notify(messageTopic))
	})
	return n, err
}

// Purge deletes the payloads of dead letters, so that they cannot come back, and
// returns how many there were. Without ids it purges all. The feed keeps their
// deaths, and their keys stay known.
func (s *Store) Purge(ctx context.Context, ids []message.ID) (int, error) {
	var n int64
	err := postgres.Tx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		n, err = postgres.Exec(ctx, tx, s.sql.PurgeDeadLetters, textsOrNull(ids))
		if err != nil || n == 0 {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "purge", Object: audit.Object{Kind: "dead"}, After: countDetail(n, ids)})
	})
	if err != nil {
		return 0, fmt.Errorf("purge: %w", err)
	}
	return int(n), nil
}

// countDetail is what the audit trail says of a change of n messages: of all, or of those
// with the ids.
func countDetail(n int64, ids []message.ID) json.RawMessage {
	if ids == nil {
		return audit.Detail(map[string]any{"messages": n, "all": true})
	}
	return audit.Detail(map[string]any{"messages": n, "ids": ids[:min(len(ids), maxKeys)]})
}

func textsOrNull(ids []message.ID) any {
	if ids == nil {
		return nil
	}
	return idsOf(ids, func(id message.ID) message.ID { return id })
}
