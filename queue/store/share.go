package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// countedWaiting bounds how many waiting messages of an owner are counted.
const countedWaiting = 10_000

// Owners lists the owners who have messages in flight, or a share of their own, by name,
// after one of them, or from the beginning when after is nil.
func (s *Store) Owners(ctx context.Context, after *string, limit int) ([]message.Owner, error) {
	var all []message.Owner
	err := postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.PlanByIndex},
		postgres.Step{Statement: s.sql.ListShares, Args: []any{after, limit, countedWaiting}, Read: postgres.Into(&all, pgx.RowToStructByPos[message.Owner])})
	if err != nil {
		return nil, fmt.Errorf("list owners: %w", err)
	}
	return all, nil
}

// SetShare sets which share of the leases an owner gets.
func (s *Store) SetShare(ctx context.Context, owner string, share message.Share) error {
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		if share.MaxLeased > 0 {
			if err := postgres.Batch(ctx, tx, s.beforeMaximum()); err != nil {
				return err
			}
		}
		before, err := postgres.One(ctx, tx, pgx.RowToStructByPos[message.Share], s.sql.SetShare, owner, share.Weight, share.MaxLeased)
		if err != nil {
			return err
		}
		return postgres.Batch(ctx, tx,
			s.Trail.Step(ctx, audit.Event{Action: "set-share", Object: audit.Object{Kind: "owner", ID: owner}, Before: audit.Detail(before), After: audit.Detail(share)}),
			s.notify(messageTopic))
	})
	if err != nil {
		return fmt.Errorf("set the share of an owner: %w", err)
	}
	return nil
}

// beforeMaximum is the step that comes before a maximum of leased messages is set: it waits for
// the claims under way, which know of none and wait for no other.
func (s *Store) beforeMaximum() postgres.Step { return postgres.Step{Statement: s.sql.LockClaims} }
