package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// NewBatch is a batch of checked jobs that is not stored yet.
type NewBatch struct {
	Name        string
	Owner       string // name of the user
	Subject     string // identifier of the user
	Jobs        []NewJob
	Idempotency string // the client's key, or ""
}

// request is the digest of what a batch asks for.
func (n NewBatch) request() ([]byte, error) {
	specs := make([]job.Spec, len(n.Jobs))
	for i, j := range n.Jobs {
		specs[i] = j.Spec
	}
	text, err := json.Marshal(map[string]any{"name": n.Name, "jobs": specs})
	if err != nil {
		return nil, fmt.Errorf("encode a batch: %w", err)
	}
	return digest(text), nil
}

// CreateBatch stores all jobs of a batch, or none. If the subject has used the idempotency key
// before, it stores nothing: it returns the earlier batch and false, or a *BatchKeyUsedError
// if that asked for something else. Its other errors are those of CreateJob.
func (s *Store) CreateBatch(ctx context.Context, n NewBatch) (out job.Batch, stored bool, err error) {
	unique, err := uuid.NewV7()
	if err != nil {
		return job.Batch{}, false, fmt.Errorf("generate an identifier: %w", err)
	}
	id := job.BatchID(unique.String())
	var key, request []byte
	if n.Idempotency != "" {
		key = digest([]byte(n.Idempotency))
		if request, err = n.request(); err != nil {
			return job.Batch{}, false, err
		}
	}
	err = s.tx(ctx, func(tx postgres.Transaction) error {
		out = job.Batch{ID: id, Name: n.Name, Owner: n.Owner, Size: len(n.Jobs), Counts: &job.Counts{Queued: len(n.Jobs)}}
		out.CreatedAt, stored, err = postgres.Find(ctx, tx, pgx.RowTo[time.Time], s.sql.InsertBatch, id, n.Name, n.Owner, n.Subject, len(n.Jobs), key, request)
		if err != nil || !stored {
			return err
		}
		line := 1
		for some := range slices.Chunk(n.Jobs, insertAtOnce) {
			ids, err := s.insertSome(ctx, tx, id, line, some)
			if err != nil {
				return err
			}
			out.JobIDs = append(out.JobIDs, ids...)
			line += len(some)
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "create-batch", Object: batchObject(id), After: audit.Detail(map[string]any{"name": n.Name, "size": len(n.Jobs)})})
	})
	if err != nil {
		return job.Batch{}, false, fmt.Errorf("create a batch: %w", err)
	}
	if !stored {
		out, _, err = s.RepeatBatch(ctx, n)
		return out, false, err
	}
	out.CreatedAt = out.CreatedAt.UTC()
	return out, true, nil
}

// insertAtOnce is how many jobs are sent to the server in one round trip.
const insertAtOnce = 500

// insertSome stores jobs of a batch, the first of which is from the given line, and returns their ids.
func (s *Store) insertSome(ctx context.Context, tx postgres.Transaction, batch job.BatchID, line int, jobs []NewJob) ([]job.ID, error) {
	ids, made := make([]job.ID, len(jobs)), make([]bool, len(jobs))
	steps := make([]postgres.Step, len(jobs))
	for i, n := range jobs {
		id, args, err := creation(ctx, n, &batch, new(line+i), false)
		if err != nil {
			return nil, err
		}
		ids[i] = id
		steps[i] = postgres.Step{Statement: s.sql.CreateJob, Args: args, Read: func(rows pgx.Rows) error {
			made[i] = rows.Next()
			rows.Close()
			return rows.Err()
		}}
	}
	if err := postgres.Batch(ctx, tx, steps...); err != nil {
		return nil, err
	}
	for i, n := range jobs {
		if !made[i] {
			return nil, s.outdated(n)
		}
		if _, err := s.hold(ctx, tx, ids[i], 1, n.Spec); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func batchObject(id job.BatchID) audit.Object { return audit.Object{Kind: "batch", ID: string(id)} }

// RepeatBatch finds the batch that the subject created under the idempotency key of n. It
// reports false without one. The error is a *BatchKeyUsedError when that batch asked for
// something other than n.
func (s *Store) RepeatBatch(ctx context.Context, n NewBatch) (job.Batch, bool, error) {
	request, err := n.request()
	if err != nil {
		return job.Batch{}, false, err
	}
	type repeat struct {
		ID      job.BatchID
		Request []byte
	}
	first, found, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[repeat], s.sql.FindBatch, n.Subject, digest([]byte(n.Idempotency)))
	switch {
	case err != nil || !found:
		return job.Batch{}, false, wrapped("find a repeated batch", err)
	case !bytes.Equal(first.Request, request):
		return job.Batch{}, false, &BatchKeyUsedError{Batch: first.ID}
	}
	b, members, err := s.Batch(ctx, first.ID)
	for _, m := range members {
		b.JobIDs = append(b.JobIDs, m.ID)
	}
	return b, err == nil, err
}

// BatchKeyUsedError is the error of a request whose idempotency key its subject used before,
// for a batch that asked for something else.
type BatchKeyUsedError struct{ Batch job.BatchID }

func (e *BatchKeyUsedError) Error() string {
	return fmt.Sprintf("the idempotency key belongs to batch %s, which asked for something else", e.Batch)
}

// Member is a job of a batch.
type Member struct {
	ID    job.ID
	State job.State
	Run   int
	Line  int        // of the request, from 1
	Error *job.Error // why it failed or died, or nil
}

// Batch finds a batch and those of its jobs that are on record, in the order of its request,
// and counts them. Without one, the error is a problem of kind NotFound.
func (s *Store) Batch(ctx context.Context, id job.BatchID) (job.Batch, []Member, error) {
	b, found, err := postgres.Find(ctx, s.pool, scanBatch, s.sql.GetBatch, id)
	if err != nil {
		return job.Batch{}, nil, wrapped("get a batch", err)
	}
	if !found {
		return job.Batch{}, nil, problem.Newf(problem.NotFound, "there is no batch %s", id)
	}
	members, err := postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[Member], s.sql.ListMembers, id)
	b.Counts = &job.Counts{}
	for i, m := range members {
		b.Counts.Add(m.State)
		if m.Line == 0 {
			members[i].Line = i + 1
		}
	}
	return b, members, wrapped("list the jobs of a batch", err)
}

func scanBatch(row pgx.CollectableRow) (b job.Batch, err error) {
	err = row.Scan(&b.ID, &b.Name, &b.Owner, &b.CreatedAt, &b.Size)
	b.CreatedAt = b.CreatedAt.UTC()
	return b, err
}

// Batches lists at most limit batches after a cursor, the newest first, of an owner unless
// that is "". They have no counts.
func (s *Store) Batches(ctx context.Context, after Cursor, owner string, limit int) ([]job.Batch, error) {
	created, id := after.position(job.ByNewest)
	all, err := postgres.Collect(ctx, s.pool, scanBatch, s.sql.ListBatches, created, id, limit, owner)
	return all, wrapped("list batches", err)
}

// CancelBatch cancels the jobs of a batch that are in flight, as Cancel does.
func (s *Store) CancelBatch(ctx context.Context, id job.BatchID) error {
	b, members, err := s.Batch(ctx, id)
	if err != nil {
		return err
	}
	err = s.tx(ctx, func(tx postgres.Transaction) error {
		return s.Trail.Add(ctx, tx, audit.Event{Action: "cancel-batch", Object: batchObject(id), Before: audit.Detail(b.Counts)})
	})
	for _, m := range slices.Backward(members) { // what follows others goes first, and does not fail because of them
		if err != nil {
			break
		}
		if !m.State.Final() {
			err = s.Cancel(ctx, m.ID)
		}
		if problem.Is(err, problem.Conflict) || problem.Is(err, problem.NotFound) {
			err = nil // it has ended meanwhile
		}
	}
	return wrapped("cancel a batch", err)
}

// RemoveEmptyBatches removes the batches none of whose jobs is on record any more.
func (s *Store) RemoveEmptyBatches(ctx context.Context) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.RemoveEmptyBatches)
	return wrapped("remove empty batches", err)
}
