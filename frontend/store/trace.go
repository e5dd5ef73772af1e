package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// Trace is what the trace of the present run of a job is made from.
type Trace struct {
	Job         job.ID
	Run         int
	State       job.State
	Traceparent string    // of the request that submitted it; "" when it was not part of a trace
	QueuedAt    time.Time // when it was submitted or retried
	StartedAt   *time.Time
	EndedAt     *time.Time
	AppliedAt   *time.Time // when its result was
	Fault       string
	Passage     *Passage // nil until the result has come
	Held        bool     // a time or other jobs held its first run back
	Times       *job.Times
}

// Passage is what the message service says of the way of a run.
type Passage struct {
	EnqueuedAt time.Time           `json:"enqueued_at"`
	LeasedAt   *time.Time          `json:"leased_at,omitzero"`
	Token      message.Token       `json:"token"`
	ByHolder   bool                `json:"by_holder"` // its worker ended the last lease
	Past       []message.PastLease `json:"past,omitzero"`
}

// Trace returns what the trace of a job is made from, with the times in its answer. Without such a job, the error is a problem of kind
// NotFound.
func (s *Store) Trace(ctx context.Context, id job.ID) (Trace, error) {
	t, found, err := postgres.Find(ctx, s.pool, scanTrace, s.sql.ListTraces, []job.ID{id}, true)
	if err == nil && !found {
		err = notFound(id)
	}
	if err != nil {
		return Trace{}, fmt.Errorf("show a trace: %w", err)
	}
	return t, nil
}

// Traces returns what the traces of jobs that exist are made from, in no order, without the times in their answers.
func (s *Store) Traces(ctx context.Context, ids ...job.ID) ([]Trace, error) {
	all, err := postgres.Collect(ctx, s.pool, scanTrace, s.sql.ListTraces, ids, false)
	if err != nil {
		return nil, fmt.Errorf("list traces: %w", err)
	}
	return all, nil
}

func scanTrace(row pgx.CollectableRow) (t Trace, err error) {
	var passage, times *string
	err = row.Scan(&t.Job, &t.Run, &t.State, &t.Traceparent, &t.QueuedAt, &t.StartedAt, &t.EndedAt, &t.AppliedAt, &t.Fault, &passage, &t.Held, &times)
	if err == nil && passage != nil {
		err = json.Unmarshal([]byte(*passage), &t.Passage)
	}
	if err == nil && times != nil {
		err = json.Unmarshal([]byte(*times), &t.Times)
	}
	if err != nil {
		return t, fmt.Errorf("read the times of job %s: %w", t.Job, err)
	}
	return t, nil
}
