package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// Due returns when to try again after a claim that found nothing: at once, when a
// message is ready that the claim did not get, or when the next back-off ends; 0
// when no message is backing off.
func (s *Store) Due(ctx context.Context, queues []string) (ready bool, next time.Duration, err error) {
	var seconds *float64
	err = postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.PlanByIndex},
		postgres.Step{Statement: s.sql.FindDue, Args: []any{orNull(queues)}, Read: postgres.Each(func(row pgx.CollectableRow) error {
			return row.Scan(&ready, &seconds)
		})})
	if err != nil {
		return false, 0, fmt.Errorf("look for due messages: %w", err)
	}
	if seconds != nil {
		next = time.Duration(*seconds * float64(time.Second))
	}
	return ready, next, nil
}
