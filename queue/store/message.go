package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Status returns the messages with the given keys or ids, in no order and without
// those that do not exist.
func (s *Store) Status(ctx context.Context, keys []string, ids []message.ID) ([]message.Status, error) {
	details, err := s.details(ctx, keys, ids, false)
	if err != nil {
		return nil, fmt.Errorf("show messages: %w", err)
	}
	return statuses(details), nil
}

// Leased returns at most limit messages that have been leased for some time, the longest first.
func (s *Store) Leased(ctx context.Context, since time.Duration, limit int) ([]message.Status, error) {
	details, err := postgres.Collect(ctx, s.pool, scanDetail, s.sql.ListLeased, since.Seconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("list leased messages: %w", err)
	}
	return statuses(details), nil
}

func statuses(details []message.Detail) []message.Status {
	all := make([]message.Status, len(details))
	for i, d := range details {
		all[i] = d.Status
	}
	return all
}

// Message returns one message with its payload.
func (s *Store) Message(ctx context.Context, id message.ID) (message.Detail, error) {
	details, err := s.details(ctx, nil, []message.ID{id}, true)
	if err != nil {
		return message.Detail{}, fmt.Errorf("show a message: %w", err)
	}
	if len(details) == 0 {
		return message.Detail{}, noMessage(id)
	}
	return details[0], nil
}

// countedAhead bounds how many messages before another one are counted.
const countedAhead = 10_000

// Place returns where a waiting message is in the line, nil when it does not wait.
func (s *Store) Place(ctx context.Context, id message.ID) (*message.Place, error) {
	var place *message.Place
	err := postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.PlanByIndex},
		postgres.Step{Statement: s.sql.PlaceMessage, Args: []any{string(id), countedAhead}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			place = &message.Place{}
			var pace *float64
			err := row.Scan(&place.Ahead, &pace)
			if pace != nil {
				seconds := float64(place.Ahead) / *pace
				place.Seconds = &seconds
			}
			return err
		})})
	if err != nil {
		return nil, fmt.Errorf("place a message: %w", err)
	}
	return place, nil
}

func noMessage(id message.ID) error {
	return problem.Newf(problem.NotFound, "there is no message %s", id)
}

func (s *Store) details(ctx context.Context, keys []string, ids []message.ID, payloads bool) ([]message.Detail, error) {
	return postgres.Collect(ctx, s.pool, scanDetail, s.sql.ListMessages, keys, textsOf(ids), payloads)
}

// scanDetail reads the columns of list_messages and list_leased.
func scanDetail(row pgx.CollectableRow) (d message.Detail, err error) {
	var payload *string
	err = row.Scan(&d.ID, &d.Key, &d.Queue, &d.State, &d.Outcome, &d.Revision, &d.Attempts, &d.Progress,
		&d.LeasedAt, &d.LastError, &d.Priority, &d.CancelRequested, &d.EnqueuedAt, &payload)
	if payload != nil {
		d.Payload = json.RawMessage(*payload)
	}
	return d, err
}

// Replace replaces the payload of a waiting message that still has the revision
// that the caller saw, and returns the changed message. The error is a problem of kind
// Conflict for a leased or ended message, and of kind Stale for another revision.
func (s *Store) Replace(ctx context.Context, id message.ID, revision int, c message.Content) (message.Detail, error) {
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		f, err := s.hold(ctx, tx, []string{string(id)}, true)
		if err != nil {
			return err
		}
		if _, ok := f.seen[id]; ok {
			return problem.Newf(problem.Conflict, "message %s has ended", id)
		}
		h, ok := f.held[id]
		switch {
		case !ok:
			return noMessage(id)
		case h.Leased:
			return problem.Newf(problem.Conflict, "message %s is leased: a worker is computing it", id)
		case h.Revision != revision:
			return problem.Newf(problem.Stale, "message %s is at revision %d now, not %d", id, h.Revision, revision)
		}
		return postgres.Batch(ctx, tx,
			postgres.Step{Statement: s.sql.ReplaceMessage, Args: []any{string(id), string(c.Payload), c.Priority}},
			s.Trail.Step(ctx, audit.Event{Action: "replace", Object: messageObject(h.Key), Before: audit.Detail(map[string]int{"revision": revision}),
				After: audit.Detail(map[string]int{"revision": revision + 1, "priority": c.Priority, "bytes": len(c.Payload)})}),
			s.notify(messageTopic))
	})
	if err != nil {
		return message.Detail{}, fmt.Errorf("replace a message: %w", err)
	}
	return s.Message(ctx, id)
}

// Cancel cancels a message and returns it: a waiting one ends, the worker of a
// leased one is told at its next heartbeat, and an ended one is not changed.
func (s *Store) Cancel(ctx context.Context, id message.ID) (message.Detail, error) {
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		f, err := s.hold(ctx, tx, []string{string(id)}, false)
		if err != nil {
			return err
		}
		h, ok := f.held[id]
		switch {
		case !ok: // ended or unknown: Message finds out
			return nil
		case h.CancelRequested: // by an earlier call
			return nil
		}
		e := audit.Event{Action: "cancel", Object: messageObject(h.Key), Before: audit.Detail(map[string]bool{"leased": h.Leased})}
		if err := s.Trail.Add(ctx, tx, e); err != nil {
			return err
		}
		if h.Leased {
			_, err = postgres.Exec(ctx, tx, s.sql.RequestCancel, string(id))
			return err
		}
		return s.apply(ctx, tx, []move{{ID: id, Token: h.Token, Outcome: message.Cancelled, Attempts: h.Attempts, Error: text(cancelledError)}})
	})
	if err != nil {
		return message.Detail{}, fmt.Errorf("cancel a message: %w", err)
	}
	return s.Message(ctx, id)
}

// Find returns the id of the message with a key.
func (s *Store) Find(ctx context.Context, key string) (message.ID, error) {
	details, err := s.details(ctx, []string{key}, nil, false)
	if err != nil {
		return "", fmt.Errorf("find a message: %w", err)
	}
	if len(details) == 0 {
		return "", problem.Newf(problem.NotFound, "there is no message with the key %q", key)
	}
	return details[0].ID, nil
}
