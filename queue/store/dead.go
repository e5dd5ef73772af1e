package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

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
// the upload order, and returns how many: those with the ids, or in batches those that match the
// filter, or all; it ignores ids that belong to no dead letter. The feed keeps their deaths, tells
// readers that ask for it that the messages wait again, and later shows how they end.
func (s *Store) Redrive(ctx context.Context, which message.Selection) (int, error) {
	n, err := s.redrive(ctx, which, true, audit.Event{Action: "redrive", Object: audit.Object{Kind: "dead"}})
	if err != nil {
		return n, fmt.Errorf("redrive: %w", err)
	}
	return n, nil
}

// Retry requeues one message that ended without a result, whether dead, failed or
// cancelled, as Redrive does, and returns the message. One that is in flight is not changed; one
// that completed is a problem of kind Conflict.
func (s *Store) Retry(ctx context.Context, id message.ID) (message.Detail, error) {
	d, err := s.Message(ctx, id)
	if err != nil {
		return d, err
	}
	n, err := s.redrive(ctx, message.Selection{IDs: []message.ID{id}}, false, audit.Event{Action: "retry", Object: messageObject(d.Key), Before: audit.Detail(map[string]any{"outcome": d.Outcome})})
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
func (s *Store) redrive(ctx context.Context, which message.Selection, deadOnly bool, e audit.Event) (int, error) {
	return s.inBatches(ctx, which, func(tx postgres.Transaction, positions []int64) (int64, error) {
		next, err := postgres.One(ctx, tx, pgx.RowTo[int64], s.sql.LockDeal)
		if err != nil {
			return 0, err
		}
		queues, err := s.rooms(ctx, tx)
		if err != nil {
			return 0, err
		}
		var targets []int64
		for _, q := range active(queues) {
			targets = append(targets, q.ID)
		}
		var ids []string
		var came []int64
		err = postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.RedriveMessages, Args: []any{positions, deadOnly, targets, next}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			var id string
			var queue int64
			err := row.Scan(&id, &queue)
			ids, came = append(ids, id), append(came, queue)
			return err
		})})
		n := int64(len(ids))
		if err != nil || n == 0 {
			return 0, err
		}
		e.After = countDetail(n, which)
		return n, postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.SetDeal, Args: []any{next + n}}, s.Trail.Step(ctx, e), s.noteDepth(came),
			postgres.Step{Statement: s.sql.NoteRedrives, Args: []any{ids}, Read: postgres.Exactly(len(ids))}, // the feed's lock comes last
			s.notify(messageTopic), s.notify(resultTopic))
	})
}

// Purge deletes the payloads of dead letters, so that they cannot come back, and
// returns how many there were: those with the ids, or in batches those that match the filter, or
// all. The feed keeps their deaths, and their keys stay known.
func (s *Store) Purge(ctx context.Context, which message.Selection) (int, error) {
	n, err := s.inBatches(ctx, which, func(tx postgres.Transaction, positions []int64) (int64, error) {
		n, err := postgres.Exec(ctx, tx, s.sql.PurgeDeadLetters, positions)
		if err != nil || n == 0 {
			return 0, err
		}
		return n, s.Trail.Add(ctx, tx, audit.Event{Action: "purge", Object: audit.Object{Kind: "dead"}, After: countDetail(n, which)})
	})
	if err != nil {
		return n, fmt.Errorf("purge: %w", err)
	}
	return n, nil
}

// inBatches changes ended messages, those with the ids or those dead letters of now that the filter matches, a
// batch after the other, each in a transaction of its own: what is changed stays so when a
// later batch fails, and the same call goes on from there. It returns how many were changed.
func (s *Store) inBatches(ctx context.Context, which message.Selection, change func(tx postgres.Transaction, positions []int64) (int64, error)) (all int, err error) {
	one := func(positions []int64) error {
		var n int64
		err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) (err error) {
			n, err = change(tx, positions)
			return err
		})
		if err == nil {
			all += int(n)
		}
		return err
	}
	if which.IDs != nil {
		positions, err := postgres.Collect(ctx, s.pool, pgx.RowTo[int64], s.sql.FindPositions, textsOf(which.IDs))
		if err != nil || len(positions) == 0 {
			return 0, err
		}
		return all, one(positions)
	}
	end, err := postgres.One(ctx, s.pool, pgx.RowTo[int64], s.sql.GetFeedEnd) // what dies again meanwhile comes behind it
	var f message.Filter
	if which.Filter != nil {
		f = *which.Filter
	}
	left := cmp.Or(f.Limit, math.MaxInt)
	for last := int64(0); err == nil && left > 0; {
		var positions []int64
		positions, err = postgres.Collect(ctx, s.pool, pgx.RowTo[int64], s.sql.FindDeadLetters, last, end, min(left, sweepBatch),
			timeOrNull(f.DiedBefore), timeOrNull(f.DiedAfter), f.ErrorContains, f.KeyPrefix)
		if err != nil || len(positions) == 0 {
			break
		}
		last, left = positions[len(positions)-1], left-len(positions)
		err = one(positions)
	}
	return all, err
}

// countDetail is what the audit trail says of a change of n messages: of all, of those with
// the ids, or of those that matched the filter.
func countDetail(n int64, which message.Selection) json.RawMessage {
	switch {
	case which.Filter != nil:
		return audit.Detail(map[string]any{"messages": n, "filter": which.Filter})
	case which.IDs == nil:
		return audit.Detail(map[string]any{"messages": n, "all": true})
	}
	return audit.Detail(map[string]any{"messages": n, "ids": which.IDs[:min(len(which.IDs), maxKeys)]})
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func textsOf(ids []message.ID) []string {
	return idsOf(ids, func(id message.ID) message.ID { return id })
}
