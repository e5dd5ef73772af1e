package store

import (
	"context"
	"fmt"

	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// Inherit ends a batch of the leases of a worker's predecessors before they expire,
// and returns them. Its predecessors are the workers of the same account and
// lineage whose names sort before its own; a name without a lineage has none.
// The caller says that they are dead: when they are alive, they find their leases
// stale, as if these had expired. A message whose next attempt would be its last
// stays leased until its lease expires, because worlds that die one after
// another would use up its attempts within seconds.
func (a Account) Inherit(ctx context.Context, worker string) ([]Lost, error) {
	lineage, ok := message.Lineage(worker)
	if !ok {
		return nil, nil
	}
	lost, err := a.store.lose(ctx, orphanedError, postgres.Step{Statement: a.store.sql.LockOrphaned,
		Args: []any{message.Incarnation(lineage, ""), worker, a.store.policy.MaxAttempts, sweepBatch, a.account}})
	if err != nil {
		return nil, fmt.Errorf("inherit: %w", err)
	}
	return lost, nil
}
