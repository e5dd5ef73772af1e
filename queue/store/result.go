package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Results returns the messages that ended after a position, in the order in
// which they ended: at most limit, and fewer when they are large. A reader that
// continues from the last position misses nothing: positions are assigned under a
// lock that lasts until the commit, so they become visible in order. A position
// beyond the end of the feed was never assigned. It is a problem of kind Conflict,
// because the caller has read another feed.
func (s *Store) Results(ctx context.Context, after message.Position, limit int) ([]message.Result, error) {
	var results []message.Result
	var end []int64
	err := postgres.Batch(ctx, s.pool,
		postgres.Step{Statement: s.sql.GetFeedEnd, Read: postgres.Into(&end, pgx.RowTo[int64])},
		postgres.Step{Statement: s.sql.ListResults, Args: []any{int64(after), limit, maxResultBytes}, Read: postgres.Into(&results, func(row pgx.CollectableRow) (message.Result, error) {
			var r message.Result
			var body *string
			err := row.Scan(&r.Position, &r.ID, &r.Key, &r.Outcome, &r.Revision, &r.Attempts, &body, &r.Parts, &r.Error,
				&r.LeasedAt, &r.EndedAt)
			if body != nil {
				r.Result = json.RawMessage(*body)
			}
			return r, err
		})})
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	if len(results) == 0 && int64(after) > end[0] {
		return nil, problem.Newf(problem.Conflict, "the feed ends at position %d: position %d belongs to the feed of another database", end[0], after)
	}
	return results, nil
}
