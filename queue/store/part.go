package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// PutPart stores a piece of a result that is still to be completed; the same
// piece again replaces it. Its lease must be the living one, or the verdict is
// Stale and nothing is stored.
func (s *Store) PutPart(ctx context.Context, p message.Part) (message.Verdict, error) {
	verdict := message.Stale
	err := s.tx(ctx, func(tx pgx.Tx) error {
		found, err := s.hold(ctx, tx, []string{string(p.ID)}, false)
		if err != nil {
			return err
		}
		h, ok := found.held[p.ID]
		if !ok || h.Token != p.Token || h.Settled >= p.Token {
			return nil
		}
		verdict = message.Accepted
		body := p.Body
		if body == nil {
			body = []byte{} // nil would be NULL
		}
		return s.do(ctx, tx, step{name: "put_part", args: []any{string(p.ID), int64(p.Token), p.Index, body}})
	})
	if err != nil {
		return "", fmt.Errorf("store a part: %w", err)
	}
	return verdict, nil
}

// Part returns one part of the result at a position, as it was sent.
func (s *Store) Part(ctx context.Context, position message.Position, index int) ([]byte, error) {
	var bodies [][]byte
	err := s.do(ctx, s.pool, step{name: "part", args: []any{int64(position), index}, read: into(&bodies)})
	if err != nil {
		return nil, fmt.Errorf("read a part: %w", err)
	}
	if len(bodies) == 0 {
		return nil, problem.Newf(problem.NotFound, "the result at position %d has no part %d", position, index)
	}
	return bodies[0], nil
}
