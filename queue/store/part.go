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
	err := postgres.Tx(ctx, a.store.pool, func(tx pgx.Tx) error {
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
