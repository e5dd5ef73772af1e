package store

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// Result is the answer of a job's last run, without the parts of a large one.
type Result struct {
	Run    int
	Answer []byte // JSON of a job.Answer
	Parts  int
}

// PutPart stores part number index of the answer of one run, and replaces an
// earlier one. The body is a JSON array of job.Asset, with the names of these, by which PartsWith finds it sooner.
func (s *Store) PutPart(ctx context.Context, id job.ID, run, index int, body []byte, names ...string) error {
	var digests []byte
	for _, name := range names {
		digests = append(digests, nameDigest(name)...)
	}
	if _, err := postgres.Exec(ctx, s.pool, s.sql.PutPart, id, run, index, body, digests); err != nil {
		return fmt.Errorf("store part %d of job %s: %w", index, id, err)
	}
	return nil
}

// nameDigest is four bytes that stand for the name of an asset. Another name may have the same ones.
func nameDigest(name string) []byte {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum(nil)
}

// Result finds a job's answer and reports whether there is one.
func (s *Store) Result(ctx context.Context, id job.ID) (Result, bool, error) {
	r, found, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[Result], s.sql.GetResult, id)
	if err != nil {
		return Result{}, false, fmt.Errorf("get a result: %w", err)
	}
	return r, found, nil
}

// PartsWith lists the parts of an answer that may have an asset, in order. Those that were stored without names are looked through for a
// text, which is how the asset's name stands in their JSON, or nil when that is unknown.
func (s *Store) PartsWith(ctx context.Context, id job.ID, run int, name string, text []byte) ([]int, error) {
	found, err := postgres.Collect(ctx, s.pool, pgx.RowTo[int], s.sql.ListPartsWith, id, run, nameDigest(name), text)
	if err != nil {
		return nil, fmt.Errorf("look through the parts of job %s: %w", id, err)
	}
	return found, nil
}

// Part reads one part of an answer.
func (s *Store) Part(ctx context.Context, id job.ID, run, index int) ([]byte, error) {
	body, err := postgres.One(ctx, s.pool, pgx.RowTo[[]byte], s.sql.GetPart, id, run, index)
	if err != nil {
		return nil, fmt.Errorf("get part %d of job %s: %w", index, id, err)
	}
	return body, nil
}
