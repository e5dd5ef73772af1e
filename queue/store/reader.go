package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// maxUnread is up to which number the results are counted that a reader has not read.
const maxUnread = 10_000

// FeedReader is a reader of the feed and how far behind it is.
type FeedReader struct {
	Account, Name string
	Unread        float64 // results that it has not read, counted up to 10,000
	Age           float64 // of the first of these, in seconds
}

// FeedReaders lists the readers of the feed, 100 at most. What it takes grows with what they have not read.
func (s *Store) FeedReaders(ctx context.Context) ([]FeedReader, error) {
	all, err := postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[FeedReader], s.sql.ListReaders, maxUnread)
	if err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	return all, nil
}
