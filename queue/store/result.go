package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Results returns the messages that ended behind a position, in the order in
// which they did, limit of them at most and fewer when they are large. Whoever
// goes on from the last position has missed none: positions are given under a
// lock that lasts until the commit, so they become visible in their order. A
// position behind the end of the feed was never given: that is a problem of
// kind Conflict, because its bearer has followed another feed.
func (s *Store) Results(ctx context.Context, after message.Position, limit int) ([]message.Result, error) {
	results := []message.Result{}
	var end []int64
	err := s.do(ctx, s.pool, step{name: "feed_end", read: into(&end)}, step{name: "results", args: []any{int64(after), limit, maxResultBytes},
		read: each(func(row pgx.CollectableRow) error {
			var r message.Result
			var body *string
			err := row.Scan(&r.Position, &r.ID, &r.Key, &r.Outcome, &r.Revision, &r.Attempts, &body, &r.Parts, &r.Error,
				&r.LeasedAt, &r.EndedAt)
			if body != nil {
				r.Result = json.RawMessage(*body)
			}
			results = append(results, r)
			return err
		})})
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	if len(results) == 0 && int64(after) > end[0] {
		return nil, problem.Newf(problem.Conflict, "the feed ends at position %d: position %d belongs to the feed of another database", end[0], after)
	}
	return results, nil
}
