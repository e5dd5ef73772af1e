package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Replacement is what a job, whose message the queue may know, is about to
// become. It is stored before the queue is told and leaves with Adopt or
// DropReplacement; one that stays behind is that of a process that died, or
// that got no answer.
type Replacement struct {
	Run      int
	Revision int // that the message gets
	Task     job.Task
}

// replacing is how long a process may take to tell the queue, before others
// look after its replacement.
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
	err = s.in(ctx, func(tx pgx.Tx) error {
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
		tag, err := tx.Exec(ctx, s.sql("begin_replacement"), j.ID, r.Run, r.Revision, text, t.Dataset.Name, t.Dataset.Version)
		if err == nil && tag.RowsAffected() == 0 {
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
	var spec []byte
	d := &r.Task.Dataset
	err = s.pool.QueryRow(ctx, s.sql("get_replacement"), id, replacing.Seconds()).
		Scan(&r.Run, &r.Revision, &spec, &d.Name, &d.Version, &d.SHA256, &d.Bytes, &left)
	if none(err) {
		return Replacement{}, false, false, nil
	}
	if err == nil {
		r.Task.Job = id
		err = json.Unmarshal(spec, &r.Task.Spec)
	}
	if err != nil {
		return Replacement{}, false, false, fmt.Errorf("find a replacement: %w", err)
	}
	return r, true, left, nil
}

// DropReplacement forgets a replacement that did not come about.
func (s *Store) DropReplacement(ctx context.Context, r Replacement) error {
	return s.changeReplacement(ctx, "drop_replacement", r)
}

// DoubtReplacement leaves it to whoever comes next to find out whether a
// replacement came about: the queue gave no answer.
func (s *Store) DoubtReplacement(ctx context.Context, r Replacement) error {
	return s.changeReplacement(ctx, "doubt_replacement", r)
}

func (s *Store) changeReplacement(ctx context.Context, statement string, r Replacement) error {
	if _, err := s.pool.Exec(ctx, s.sql(statement), r.Task.Job, r.Run, r.Revision); err != nil {
		return fmt.Errorf("end a replacement: %w", err)
	}
	return nil
}

// Adopt records what a revision of a run's message asks for, when the job does
// not have it yet, and reports whether it did not.
func (s *Store) Adopt(ctx context.Context, r Replacement) (bool, error) {
	text, err := json.Marshal(r.Task.Spec)
	if err != nil {
		return false, fmt.Errorf("encode the specification: %w", err)
	}
	t := r.Task
	tag, err := s.pool.Exec(ctx, s.sql("adopt_revision"), t.Job, r.Run, r.Revision, text, t.Dataset.Name, t.Dataset.Version)
	if err != nil {
		return false, fmt.Errorf("adopt a revision: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}
