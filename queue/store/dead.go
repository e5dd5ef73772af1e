package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Dead lists the messages whose attempts are used up, behind a position of the
// feed, oldest first.
func (s *Store) Dead(ctx context.Context, after message.Position, limit int) ([]message.DeadLetter, error) {
	letters := []message.DeadLetter{}
	err := s.do(ctx, s.pool, step{name: "dead", args: []any{int64(after), limit}, read: each(func(row pgx.CollectableRow) error {
		var d message.DeadLetter
		var payload string
		err := row.Scan(&d.Position, &d.ID, &d.Key, &d.Priority, &d.Attempts, &d.Error, &d.EnqueuedAt, &d.EndedAt, &payload)
		d.Payload = json.RawMessage(payload)
		letters = append(letters, d)
		return err
	})})
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}
	return letters, nil
}

// Redrive brings dead letters back to wait, with all their attempts and in
// their old place of the upload order, and returns how many. Without ids it
// brings all; ids that are no dead letters are passed over. The feed keeps
// their deaths and will show how they end after all.
func (s *Store) Redrive(ctx context.Context, ids []message.ID) (int, error) {
	n, err := s.redrive(ctx, ids, true)
	if err != nil {
		return 0, fmt.Errorf("redrive: %w", err)
	}
	return n, nil
}

// Retry brings one message back to wait that ended without a result, whether
// dead, failed or cancelled, and returns it as it is then. One that is in flight stays as it is;
// one that completed is a problem of kind Conflict.
func (s *Store) Retry(ctx context.Context, id message.ID) (message.Detail, error) {
	n, err := s.redrive(ctx, []message.ID{id}, false)
	if err != nil {
		return message.Detail{}, fmt.Errorf("retry: %w", err)
	}
	d, err := s.Message(ctx, id)
	if err == nil && n == 0 && d.State == message.Ended {
		return d, problem.Newf(problem.Conflict, "message %s ended as %s and cannot come back", id, d.Outcome)
	}
	return d, err
}

func (s *Store) redrive(ctx context.Context, ids []message.ID, deadOnly bool) (n int, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		var next []int64
		if err := s.do(ctx, tx, step{name: "lock_deal", read: into(&next)}); err != nil {
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
		if err := s.do(ctx, tx, step{name: "redrive", args: []any{textsOrNull(ids), deadOnly, targets, next[0]}, read: affected(&n)}); err != nil {
			return err
		}
		return s.do(ctx, tx, step{name: "set_deal", args: []any{next[0] + int64(n)}}, notify(messageTopic))
	})
	return n, err
}

// Purge forgets what dead letters carried, so that they cannot come back, and
// returns how many it were. Without ids it purges all. The feed keeps their
// deaths, and their keys stay known.
func (s *Store) Purge(ctx context.Context, ids []message.ID) (n int, err error) {
	err = s.do(ctx, s.pool, step{name: "purge", args: []any{textsOrNull(ids)}, read: affected(&n)})
	if err != nil {
		return 0, fmt.Errorf("purge: %w", err)
	}
	return n, nil
}

func textsOrNull(ids []message.ID) any {
	if ids == nil {
		return nil
	}
	return idsOf(ids, func(id message.ID) message.ID { return id })
}
