package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// PutPart stores a part of a result before the lease is completed, and replaces an
// earlier one. Under a lease that has ended the verdict is Stale, and
// nothing is stored.
func (a Account) PutPart(ctx context.Context, p message.Part) (message.Verdict, error) {
	var verdict message.Verdict
	err := postgres.Tx(ctx, a.store.pool, func(tx postgres.Transaction) error {
		verdict = message.Stale
		found, err := a.store.hold(ctx, tx, []string{string(p.ID)}, false)
		if err != nil {
			return err
		}
		h, ok := found.held[p.ID]
		if !ok || h.Token != p.Token || h.Settled >= p.Token || !a.holds(h.Holder) {
			return nil
		}
		verdict = message.Accepted
		body := p.Body
		if body == nil {
			body = []byte{} // nil would be NULL
		}
		_, err = postgres.Exec(ctx, tx, a.store.sql.PutPart, string(p.ID), int64(p.Token), p.Index, body)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("store a part: %w", err)
	}
	return verdict, nil
}

// HeldPart returns a part of a leased message as it was sent, of the latest lease that
// sent one with this index: the holder may go on from what an earlier one has saved. The
// error is a problem of kind Conflict under a lease that has ended, and of kind NotFound
// where no lease has sent the part.
func (a Account) HeldPart(ctx context.Context, lease message.Held, index int) (body []byte, err error) {
	err = postgres.Tx(ctx, a.store.pool, func(tx postgres.Transaction) error {
		found, err := a.store.hold(ctx, tx, []string{string(lease.ID)}, false)
		if err != nil {
			return err
		}
		if h, ok := found.held[lease.ID]; !ok || h.Token != lease.Token || h.Settled >= lease.Token || !a.holds(h.Holder) {
			return problem.Newf(problem.Conflict, "the lease of message %s under token %d has ended", lease.ID, lease.Token)
		}
		var sent bool
		if body, sent, err = postgres.Find(ctx, tx, pgx.RowTo[[]byte], a.store.sql.GetHeldPart, string(lease.ID), index); err == nil && !sent {
			err = problem.Newf(problem.NotFound, "no lease of message %s has sent part %d", lease.ID, index)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read a part: %w", err)
	}
	return body, nil
}

// Part returns one part of the result at a position, as it was sent.
func (s *Store) Part(ctx context.Context, position message.Position, index int) ([]byte, error) {
	body, found, err := postgres.Find(ctx, s.pool, pgx.RowTo[[]byte], s.sql.GetPart, int64(position), index)
	if err != nil {
		return nil, fmt.Errorf("read a part: %w", err)
	}
	if !found {
		return nil, problem.Newf(problem.NotFound, "the result at position %d has no part %d", position, index)
	}
	return body, nil
}
