package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// NewJob is a checked job that is not stored yet.
type NewJob struct {
	Owner       string // name of the user
	Subject     string // identifier of the user
	Spec        job.Spec
	Dataset     job.Dataset
	Rates       *job.Dataset  // with exchange rates, or nil
	X           []job.Dataset // the columns that the specification names in its field x
	Newest      bool          // Dataset must be the newest version
	Idempotency string        // the client's key; "" if there is none
}

// envelopeBytes is roughly the size of a message without its specification.
const envelopeBytes = 400

// ErrNotNewest is the error of a job whose dataset version must be the newest and
// is not, or which was removed.
var ErrNotNewest = errors.New("the dataset has a newer version")

// CreateJob stores a job together with the entry of the outbox that enqueues it. If
// the subject has used the idempotency key before, it stores nothing: it returns the
// earlier job and false, or a *KeyUsedError if that job asked for something else. The
// error is ErrNotNewest if the version must be the newest and is not, or was removed, and a
// *PredecessorError if a job that it follows has ended, and not well.
func (s *Store) CreateJob(ctx context.Context, n NewJob) (j Job, stored bool, err error) {
	e, stored, err := s.create(ctx, n, false)
	return e.Job, stored, err
}

// CreateTaken is CreateJob for a caller that sends the job: it returns its entry of the outbox, which counts as
// taken then. The entry has no ID, and is not to be sent, when it is an earlier job's, or when the job may not begin yet.
func (s *Store) CreateTaken(ctx context.Context, n NewJob) (e OutboxEntry, stored bool, err error) {
	return s.create(ctx, n, n.Spec.NotBefore.IsZero() && len(n.Spec.Predecessors()) == 0)
}

func (s *Store) create(ctx context.Context, n NewJob, taken bool) (e OutboxEntry, stored bool, err error) {
	err = s.tx(ctx, func(tx postgres.Transaction) (err error) {
		if e, stored, err = s.insert(ctx, tx, n, nil, nil, taken); err != nil || !stored {
			return err
		}
		return postgres.Finish(ctx, tx, s.Trail.Step(ctx, audit.Event{Action: "create-job", Object: jobObject(e.Job.ID), After: audit.Detail(n.Spec.Brief())}))
	})
	if err != nil {
		return OutboxEntry{}, false, fmt.Errorf("create a job: %w", err)
	}
	if !stored {
		j, stored, err := s.notCreated(ctx, n)
		return OutboxEntry{Job: j}, stored, err
	}
	return e, true, nil
}

// insert stores a job, of a line of a batch unless these are nil, with the entry of the outbox that enqueues
// it, and returns that, with its ID if it is taken. It reports false without a job as CreateJob does.
func (s *Store) insert(ctx context.Context, tx postgres.Transaction, n NewJob, batch *job.BatchID, line *int, taken bool) (OutboxEntry, bool, error) {
	id, args, err := creation(ctx, n, batch, line, taken)
	if err != nil {
		return OutboxEntry{}, false, err
	}
	type row struct {
		Created time.Time
		Entry   int64
		Taken   *time.Time
	}
	made, stored, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[row], s.sql.CreateJob, args...)
	if err != nil || !stored {
		return OutboxEntry{}, false, err
	}
	j := Job{Job: job.Job{ID: id, State: job.Queued, CreatedAt: made.Created.UTC(), Owner: n.Owner, Spec: n.Spec, Dataset: n.Dataset, Rates: n.Rates, X: n.X}, Run: 1, Version: 1}
	if batch != nil {
		j.Batch = *batch
	}
	if made.Taken != nil {
		by := audit.Of(ctx)
		return OutboxEntry{ID: made.Entry, Action: Enqueue, Run: j.Run, Job: j, RequestID: by.ID, RequestedBy: by.Actor.Subject,
			Traceparent: problem.Traceparent(ctx), taken: *made.Taken}, true, nil
	}
	j.WaitingFor, err = s.hold(ctx, tx, id, j.Run, n.Spec)
	return OutboxEntry{Job: j}, true, err
}

// creation is what the statement that creates a job takes, with the id of the job.
func creation(ctx context.Context, n NewJob, batch *job.BatchID, line *int, taken bool) (job.ID, []any, error) {
	unique, err := uuid.NewV7()
	if err != nil {
		return "", nil, fmt.Errorf("generate an identifier: %w", err)
	}
	id := job.ID(unique.String())
	spec, err := json.Marshal(n.Spec)
	if err != nil {
		return "", nil, fmt.Errorf("encode the specification: %w", err)
	}
	brief, err := json.Marshal(n.Spec.Brief())
	if err != nil {
		return "", nil, fmt.Errorf("encode the specification in brief: %w", err)
	}
	var key, request []byte
	if n.Idempotency != "" {
		key, request = digest([]byte(n.Idempotency)), digest(spec)
	}
	by := audit.Of(ctx)
	return id, []any{id, n.Owner, n.Subject, n.Dataset.Name, n.Dataset.Version, spec, key, request, len(spec) + envelopeBytes, n.Newest,
		nameOf(n.Rates), versionOf(n.Rates), n.Dataset.Column, brief, by.ID, by.Actor.Subject, batch, problem.Traceparent(ctx), line, taken}, nil
}

func jobObject(id job.ID) audit.Object { return audit.Object{Kind: "job", ID: string(id)} }

// nameOf returns the name of a dataset, or nil for null.
func nameOf(d *job.Dataset) *string {
	if d == nil {
		return nil
	}
	return &d.Name
}

// versionOf returns the version of a dataset, or nil for null.
func versionOf(d *job.Dataset) *int {
	if d == nil {
		return nil
	}
	return &d.Version
}

// notCreated finds out why a job was not stored.
func (s *Store) notCreated(ctx context.Context, n NewJob) (Job, bool, error) {
	if n.Idempotency != "" {
		j, found, err := s.Repeat(ctx, n.Subject, n.Idempotency, n.Spec)
		if err != nil || found {
			return j, false, err
		}
	}
	return Job{}, false, fmt.Errorf("create a job: %w", s.outdated(n))
}

// outdated forgets what is known of the versions of a job, and returns ErrNotNewest.
func (s *Store) outdated(n NewJob) error {
	s.ForgetNewest(n.Dataset.Name)
	s.recent.forget(recentKey(n.Dataset.Name, n.Dataset.Version)) // it may have been removed
	if n.Rates != nil {
		s.ForgetNewest(n.Rates.Name)
		s.recent.forget(recentKey(n.Rates.Name, n.Rates.Version))
	}
	return ErrNotNewest
}

// Repeat finds the job that the subject created under an idempotency key. It
// reports false if there is none. The error is a *KeyUsedError when that job asked
// for something other than spec.
func (s *Store) Repeat(ctx context.Context, subject, idempotency string, spec job.Spec) (Job, bool, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return Job{}, false, fmt.Errorf("encode the specification: %w", err)
	}
	type repeat struct {
		ID      job.ID
		Request []byte
	}
	first, found, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[repeat], s.sql.FindRepeat, subject, digest([]byte(idempotency)))
	if err != nil {
		return Job{}, false, fmt.Errorf("find a repeated request: %w", err)
	}
	if !found {
		return Job{}, false, nil
	}
	if !bytes.Equal(first.Request, digest(text)) {
		return Job{}, false, &KeyUsedError{Job: first.ID}
	}
	j, err := s.Job(ctx, first.ID)
	return j, err == nil, err
}

// KeyUsedError is the error of a request whose idempotency key its subject used
// before, for a job that asked for something else.
type KeyUsedError struct{ Job job.ID } // the earlier job

func (e *KeyUsedError) Error() string {
	return fmt.Sprintf("the idempotency key belongs to job %s, which asked for something else", e.Job)
}

func digest(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
