package store

import (
	"context"
	"fmt"

	"foliocast/internal/job"
)

// Result is the answer of a job's last run, without the parts of a large one.
type Result struct {
	Run    int
	Answer []byte // JSON of a job.Answer
	Parts  int
}

// PutPart stores part number index of the answer of one run; again replaces
// it. The body is a JSON array of job.Asset.
func (s *Store) PutPart(ctx context.Context, id job.ID, run, index int, body []byte) error {
	if _, err := s.pool.Exec(ctx, s.sql("put_part"), id, run, index, body); err != nil {
		return fmt.Errorf("store part %d of job %s: %w", index, id, err)
	}
	return nil
}

// Result finds a job's answer and reports whether there is one.
func (s *Store) Result(ctx context.Context, id job.ID) (Result, bool, error) {
	var r Result
	err := s.pool.QueryRow(ctx, s.sql("get_result"), id).Scan(&r.Run, &r.Answer, &r.Parts)
	if none(err) {
		return Result{}, false, nil
	}
	if err != nil {
		return Result{}, false, fmt.Errorf("get a result: %w", err)
	}
	return r, true, nil
}

// Part reads one part of an answer.
func (s *Store) Part(ctx context.Context, id job.ID, run, index int) ([]byte, error) {
	var body []byte
	if err := s.pool.QueryRow(ctx, s.sql("get_part"), id, run, index).Scan(&body); err != nil {
		return nil, fmt.Errorf("get part %d of job %s: %w", index, id, err)
	}
	return body, nil
}
