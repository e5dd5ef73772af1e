package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// Prefix is the beginning of an id, as the range of the ids that begin so.
type Prefix struct{ first, last string }

// ShortestPrefix is how many characters the beginning of an id has at least.
const ShortestPrefix = 4

// ParsePrefix reads the beginning of a UUID in its canonical form with lower-case letters. It reports false for any other text.
func ParsePrefix(text string) (Prefix, bool) {
	const first, last = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
	if len(text) < ShortestPrefix || len(text) > len(first) {
		return Prefix{}, false
	}
	for i, c := range []byte(text) {
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if dash := first[i] == '-'; dash != (c == '-') || !dash && !hex {
			return Prefix{}, false
		}
	}
	return Prefix{text + first[len(text):], text + last[len(text):]}, true
}

// JobsByID lists at most limit jobs whose ids begin with a prefix, the newest first.
func (s *Store) JobsByID(ctx context.Context, p Prefix, limit int) ([]Summary, error) {
	ids, err := postgres.Collect(ctx, s.pool, pgx.RowTo[job.ID], s.sql.ListJobsByPrefix, p.first, p.last, limit)
	if err != nil || len(ids) == 0 {
		return nil, wrapped("list jobs by id", err)
	}
	all, err := postgres.Collect(ctx, s.pool, scanSummary, s.sql.ListSummaries, ids)
	return all, wrapped("list jobs by id", err)
}

// BatchesByID lists at most limit batches whose ids begin with a prefix, the newest first.
func (s *Store) BatchesByID(ctx context.Context, p Prefix, limit int) ([]job.Batch, error) {
	all, err := postgres.Collect(ctx, s.pool, scanBatch, s.sql.ListBatchesByPrefix, p.first, p.last, limit)
	return all, wrapped("list batches by id", err)
}
