package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Replacement is what a job, whose message the queue may know, is about to
// become. It is stored before the queue is told, and Adopt or DropReplacement
// ends it; one that is left behind belongs to a process that died or got no
// answer.
type Replacement struct {
	Run      int
	Revision int // that the message gets
	Task     job.Task
}

// replacing is how long a process may take to tell the queue, before others
// take its replacement for left behind.
const replacing = 15 * time.Second

// BeginReplacement stores what the job becomes as its next revision. The error
// is a problem of kind Stale when version is not the job's, and Conflict when
// the job has ended or somebody else is changing it.
func (s *Store) BeginReplacement(ctx context.Context, j Job, version int, t job.Task) (Replacement, error) {
	text, err := json.Marshal(t.Spec)
	if err != nil {
		return Replacement{}, fmt.Errorf("encode the specification: %w", err)
	}
	r := Replacement{Run: j.Run, Revision: j.Revision + 1, Task: t}
	err = postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		at, err := s.lock(ctx, tx, j.ID)
		if err != nil {
			return err
		}
		if at.version != version || at.run != j.Run || j.Version != version {
			return Stale(j.ID, at.version)
		}
		if at.state.Final() {
			return problem.Newf(problem.Conflict, "job %s has ended as %s: it cannot be changed", j.ID, at.state)
		}
		n, err := postgres.Exec(ctx, tx, s.sql.BeginReplacement, j.ID, r.Run, r.Revision, text, t.Dataset.Name, t.Dataset.Version)
		if err == nil && n == 0 {
			return problem.Newf(problem.Conflict, "job %s is being changed by another request: read it again", j.ID)
		}
		return err
	})
	if err != nil {
		return Replacement{}, fmt.Errorf("begin to replace a job: %w", err)
	}
	return r, nil
}

// Replacement finds the replacement of a job and reports whether there is one,
// and whether it was left behind.
func (s *Store) Replacement(ctx context.Context, id job.ID) (r Replacement, found, left bool, err error) {
	scan := func(row pgx.CollectableRow) (Replacement, error) {
		r := Replacement{Task: job.Task{Job: id}}
		var spec []byte
		d := &r.Task.Dataset
		if err := row.Scan(&r.Run, &r.Revision, &spec, &d.Name, &d.Version, &d.SHA256, &d.Bytes, &left); err != nil {
			return r, err
		}
		return r, json.Unmarshal(spec, &r.Task.Spec)
	}
	r, found, err = postgres.Find(ctx, s.pool, scan, s.sql.GetReplacement, id, replacing.Seconds())
	if err != nil {
		return Replacement{}, false, false, fmt.Errorf("find a replacement: %w", err)
	}
	return r, found, left, nil
}

// DropReplacement forgets a replacement that the queue refused.
func (s *Store) DropReplacement(ctx context.Context, r Replacement) error {
	return s.changeReplacement(ctx, s.sql.DropReplacement, r)
}

// DoubtReplacement marks a replacement as left behind: the queue gave no answer,
// so the next process that looks at the job finds out whether it took effect.
func (s *Store) DoubtReplacement(ctx context.Context, r Replacement) error {
	return s.changeReplacement(ctx, s.sql.DoubtReplacement, r)
}

func (s *Store) changeReplacement(ctx context.Context, statement postgres.Statement, r Replacement) error {
	if _, err := postgres.Exec(ctx, s.pool, statement, r.Task.Job, r.Run, r.Revision); err != nil {
		return fmt.Errorf("end a replacement: %w", err)
	}
	return nil
}

// Adopt records what a revision of a run's message asks for, and reports whether
// that was new to the job.
func (s *Store) Adopt(ctx context.Context, r Replacement) (bool, error) {
	text, err := json.Marshal(r.Task.Spec)
	if err != nil {
		return false, fmt.Errorf("encode the specification: %w", err)
	}
	t := r.Task
	n, err := postgres.Exec(ctx, s.pool, s.sql.AdoptRevision, t.Job, r.Run, r.Revision, text, t.Dataset.Name, t.Dataset.Version)
	if err != nil {
		return false, fmt.Errorf("adopt a revision: %w", err)
	}
	return n > 0, nil
}
