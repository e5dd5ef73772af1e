package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Job is a job with what only this service knows about it.
type Job struct {
	job.Job
	Run     int // begins at 1; a retry begins the next, and so does a replacement once the message was sent
	Version int // of the specification: the job's ETag
}

// Key is the key of the job's message at the queue: each run has a message of its
// own.
func (j Job) Key() string { return Key(j.ID, j.Run) }

// Key is the key of the message of one run of a job.
func Key(id job.ID, run int) string {
	if run == 1 {
		return string(id)
	}
	return string(id) + "#" + strconv.Itoa(run)
}

// ParseKey is the inverse of Key. It reports false for a key that Key never returns.
func ParseKey(key string) (id job.ID, run int, ok bool) {
	text, number, again := strings.Cut(key, "#")
	run = 1
	if again {
		n, err := strconv.Atoi(number)
		if err != nil || n < 2 {
			return "", 0, false
		}
		run = n
	}
	id = job.ID(text)
	return id, run, text != "" && Key(id, run) == key
}

// Task returns the payload of the job's message.
func (j Job) Task() job.Task {
	spec := j.Spec
	spec.NotBefore, spec.After, spec.AfterAny = time.Time{}, nil, nil
	return job.Task{Job: j.ID, Spec: spec, Dataset: j.Dataset, Rates: j.Rates, X: j.X}
}

// Job finds a job. If there is none, the error is a problem of kind NotFound.
func (s *Store) Job(ctx context.Context, id job.ID) (Job, error) {
	j, found, err := postgres.Find(ctx, s.pool, scanJob, s.sql.GetJob, id)
	if err != nil {
		return Job{}, fmt.Errorf("get a job: %w", err)
	}
	if !found {
		return Job{}, notFound(id)
	}
	return j, nil
}

func notFound(id job.ID) error { return problem.Newf(problem.NotFound, "there is no job %s", id) }

// scanJob reads the columns of get_job and list_jobs.
func scanJob(row pgx.CollectableRow) (Job, error) {
	var (
		j     Job
		spec  []byte
		fail  []byte
		x     []byte
		waits *job.WaitingFor
		batch *job.BatchID
		rates struct {
			name, sha256, column *string
			version              *int
			bytes                *int64
		}
	)
	err := row.Scan(&j.ID, &j.Owner, &j.State, &j.Run, &j.Version, &j.CreatedAt, &j.StartedAt, &j.EndedAt,
		&spec, &j.Attempts, &fail, &j.Cancelling, &j.Dataset.Name, &j.Dataset.Version, &j.Dataset.SHA256, &j.Dataset.Bytes, &j.Dataset.Column,
		&rates.name, &rates.version, &rates.sha256, &rates.bytes, &rates.column, &x, &waits, &batch)
	if err != nil {
		return Job{}, err
	}
	if rates.name != nil {
		j.Rates = &job.Dataset{Name: *rates.name, Version: *rates.version, SHA256: *rates.sha256, Bytes: *rates.bytes, Column: *rates.column}
	}
	j.CreatedAt, j.StartedAt, j.EndedAt = j.CreatedAt.UTC(), utc(j.StartedAt), utc(j.EndedAt)
	if j.State == job.Done || j.State == job.Partial {
		j.Progress = 1
	}
	if waits != nil {
		j.WaitingFor = *waits
	}
	if batch != nil {
		j.Batch = *batch
	}
	if err := json.Unmarshal(spec, &j.Spec); err != nil {
		return Job{}, fmt.Errorf("read the specification of job %s: %w", j.ID, err)
	}
	if x != nil {
		if err := json.Unmarshal(x, &j.X); err != nil {
			return Job{}, fmt.Errorf("read the columns of job %s: %w", j.ID, err)
		}
	}
	if fail == nil {
		return j, nil
	}
	if err := json.Unmarshal(fail, &j.Error); err != nil {
		return Job{}, fmt.Errorf("read the error of job %s: %w", j.ID, err)
	}
	return j, nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
