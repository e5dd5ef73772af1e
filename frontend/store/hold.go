package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// hold holds a run back whose entry the transaction has put into the outbox, until its job
// may begin, and returns what it waits for. The error is a *PredecessorError when the job
// follows one that did not end well. A predecessor that was removed holds nothing back.
func (s *Store) hold(ctx context.Context, tx postgres.Transaction, id job.ID, run int, spec job.Spec) (job.WaitingFor, error) {
	all := spec.Predecessors()
	if spec.NotBefore.IsZero() && len(all) == 0 {
		return job.WaitsForNothing, nil
	}
	after, anyhow, err := s.await(ctx, tx, all)
	if err != nil {
		return "", err
	}
	n, err := postgres.Exec(ctx, tx, s.sql.HoldRun, id, run, spec.NotBefore, after, anyhow) // no time is the year 1
	switch {
	case err != nil || n == 0:
		return job.WaitsForNothing, err
	case len(after) > 0:
		return job.WaitsForJobs, nil
	}
	return job.WaitsForTime, nil
}

// await finds the predecessors that have not ended, none of which can end before the
// transaction has: then their ends find what it has written.
func (s *Store) await(ctx context.Context, tx postgres.Transaction, all []job.Predecessor) (after []job.ID, anyhow []bool, err error) {
	after, anyhow = []job.ID{}, []bool{}
	if len(all) == 0 {
		return after, anyhow, nil
	}
	ids := make([]job.ID, len(all))
	for i, p := range all {
		ids[i] = p.ID
	}
	if _, err := postgres.Exec(ctx, tx, s.sql.AwaitJobs, ids); err != nil {
		return nil, nil, err
	}
	type row struct {
		ID    job.ID
		State job.State
	}
	rows, err := postgres.Collect(ctx, tx, pgx.RowToStructByPos[row], s.sql.ShareJobs, ids)
	if err != nil {
		return nil, nil, err
	}
	states := make(map[job.ID]job.State, len(rows))
	for _, r := range rows {
		states[r.ID] = r.State
	}
	for _, p := range all {
		switch state, found := states[p.ID]; {
		case !found || p.MetBy(state):
		case state.Final():
			return nil, nil, &PredecessorError{Job: p.ID, State: state}
		default:
			after, anyhow = append(after, p.ID), append(anyhow, p.Anyhow)
		}
	}
	return after, anyhow, nil
}

// PredecessorError is the error of a job that can never begin: it follows one that ended,
// and not well.
type PredecessorError struct {
	Job   job.ID // the predecessor
	State job.State
}

func (e *PredecessorError) Error() string {
	return fmt.Sprintf("job %s has ended as %s: a job that follows it in its field after cannot begin; retry that one first", e.Job, e.State)
}

// free puts a run that is held back into the outbox, as an entry that was never sent. The
// transaction has locked the job.
func (s *Store) free(ctx context.Context, tx postgres.Transaction, id job.ID, run int) error {
	_, err := postgres.Exec(ctx, tx, s.sql.FreeRun, id, run)
	return err
}

// Release puts at most limit runs into the outbox whose time has come by the clock of the
// database. It returns how many, and how long the next one is still held back, at least 0; a
// negative duration says that none is.
func (s *Store) Release(ctx context.Context, limit int) (released int, next time.Duration, err error) {
	n, err := postgres.Exec(ctx, s.pool, s.sql.ReleaseHeld, limit)
	if err != nil {
		return 0, 0, wrapped("release jobs", err)
	}
	seconds, err := postgres.One(ctx, s.pool, pgx.RowTo[*float64], s.sql.GetNextRelease)
	if err != nil {
		return 0, 0, wrapped("find the next job to release", err)
	}
	if seconds == nil {
		return int(n), -1, nil
	}
	const most = time.Hour // a duration has less than 300 years
	return int(n), time.Duration(min(max(*seconds, 0), most.Seconds()) * float64(time.Second)), nil
}
