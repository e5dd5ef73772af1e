package store

import (
	"context"

	"foliocast/internal/postgres"
)

// Plainly is the shorter form of claim_messages.
func Plainly(sql string) string { return plainly(postgres.Statement{SQL: sql}).SQL }

// Step takes one step of the dealing under way, if any, and reports whether no further step
// is left.
func (s *Store) Step(ctx context.Context) (done bool, err error) {
	next, err := s.step(ctx, pace(s.policy.DealStep))
	return next == dealingDone, err
}
