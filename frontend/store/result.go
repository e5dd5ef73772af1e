package store

import (
	"context"
	"fmt"

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
// earlier one. The body is a JSON array of job.Asset.
func (s *Store) PutPart(ctx context.Context, id job.ID, run, index int, body []byte) error {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.PutPart, id, run, index, body); err != nil {
		return fmt.Errorf("store part %d of job %s: %w", index, id, err)
	}
	return nil
}

// Result finds a job's answer and reports whether there is one.
func (s *Store) Result(ctx context.Context, id job.ID) (Result, bool, error) {
	r, found, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[Result], s.sql.GetResult, id)
	if err != nil {
		return Result{}, false, fmt.Errorf("get a result: %w", err)
	}
	return r, found, nil
}

// PartsWith lists the parts of an answer that have a text in their JSON, in order.
func (s *Store) PartsWith(ctx context.Context, id job.ID, run int, text string) ([]int, error) {
	found, err := postgres.Collect(ctx, s.pool, pgx.RowTo[int], s.sql.ListPartsWith, id, run, []byte(text))
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
