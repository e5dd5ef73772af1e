package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// Queues lists the queues in the order of their creation, which is the order
// in which messages are dealt to them. What it takes does not depend on how many messages there are.
func (s *Store) Queues(ctx context.Context) ([]message.Queue, error) {
	var all []message.Queue
	err := postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.PlanByIndex},
		postgres.Step{Statement: s.sql.ListQueues, Read: postgres.Into(&all, pgx.RowToStructByPos[message.Queue])})
	if err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	return all, nil
}

// noteDepth is the step that counts messages that came, each to one of the queues.
func (s *Store) noteDepth(queues []int64) postgres.Step {
	return postgres.Step{Statement: s.sql.NoteDepth, Args: []any{queues}}
}

// countEvery is how often all messages are counted. It corrects what instances of the version
// before did not note, while they ran beside this one.
const countEvery = 10 * time.Minute

// Fold sums up how the numbers of messages in the queues have changed, so that few
// changes are left to be added up by Queues. It reports whether it is time for Count. Another
// process that folds at this moment suffices.
func (s *Store) Fold(ctx context.Context) (due bool, err error) {
	err = s.folding(ctx, func(tx postgres.Transaction, late bool) error {
		due = late
		return postgres.Batch(ctx, tx, postgres.Step{Statement: s.sql.PlanByIndex}, postgres.Step{Statement: s.sql.FoldDepth})
	})
	if err != nil {
		return false, fmt.Errorf("fold the changes of depth: %w", err)
	}
	return due, nil
}

// Count counts all messages if it is time to, and returns how many queues had another number.
func (s *Store) Count(ctx context.Context) (corrected int, err error) {
	err = s.folding(ctx, func(tx postgres.Transaction, late bool) (err error) {
		corrected = 0
		if late {
			corrected, err = postgres.One(ctx, tx, pgx.RowTo[int], s.sql.CountDepth)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count the messages: %w", err)
	}
	return corrected, nil
}

// folding calls f in a transaction that has locked the fold, unless another has, and says
// whether it is time to count all messages.
func (s *Store) folding(ctx context.Context, f func(tx postgres.Transaction, late bool) error) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		late, locked, err := postgres.Find(ctx, tx, pgx.RowTo[bool], s.sql.LockFold, countEvery.Seconds())
		if err != nil || !locked {
			return err
		}
		return f(tx, late)
	})
}
