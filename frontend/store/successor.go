package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// endedJob is a job that has ended and that others may wait for.
type endedJob struct {
	Job   job.ID
	State job.State // in flight when it was retried since
	Error []byte    // JSON
}

// successor is a job that waits for another.
type successor struct {
	Job    job.ID
	Anyhow bool
	Run    int
}

// SettleSuccessors looks at one job that has ended, and at no more than limit of those that
// wait for it: they wait for it no longer, or fail because of how it ended. It reports
// whether it found any such job: then there may be more to do. Others may do the same at the
// same time.
func (s *Store) SettleSuccessors(ctx context.Context, limit int) (found bool, err error) {
	err = s.tx(ctx, func(tx postgres.Transaction) error {
		var e endedJob
		if e, found, err = postgres.Find(ctx, tx, pgx.RowToStructByPos[endedJob], s.sql.TakeEndedPredecessor); err != nil || !found {
			return err
		}
		n := 0
		if e.State.Final() {
			if n, err = s.settle(ctx, tx, e, limit); err != nil || n == limit {
				return err
			}
		}
		_, err = postgres.Exec(ctx, tx, s.sql.DeleteEndedPredecessor, e.Job)
		return err
	})
	return found, wrapped("settle the jobs that follow another", err)
}

// settle settles at most limit successors of a job, and returns how many.
func (s *Store) settle(ctx context.Context, tx postgres.Transaction, e endedJob, limit int) (int, error) {
	all, err := postgres.Collect(ctx, tx, pgx.RowToStructByPos[successor], s.sql.LockSuccessors, e.Job, limit)
	if err != nil {
		return 0, err
	}
	met, unmet := []job.ID{}, []job.ID{}
	var outcomes []Outcome
	for _, w := range all {
		if (job.Predecessor{Anyhow: w.Anyhow}).MetBy(e.State) {
			met = append(met, w.Job)
			continue
		}
		unmet = append(unmet, w.Job)
		outcomes = append(outcomes, Outcome{Job: w.Job, Run: w.Run, State: job.Failed, Error: e.fault()})
	}
	if _, err := postgres.Exec(ctx, tx, s.sql.MeetPredecessor, e.Job, met); err != nil {
		return 0, err
	}
	if _, err := postgres.Exec(ctx, tx, s.sql.ForgetHeld, unmet); err != nil {
		return 0, err
	}
	ends, err := s.ends(outcomes)
	if err != nil {
		return 0, err
	}
	return len(all), postgres.Batch(ctx, tx, ends...)
}

// unmetCode is the code of the error of a job that failed because of one that it follows.
const unmetCode = "predecessor"

// fault is why a job fails that follows e. It repeats the reason of e, but not that e itself
// followed another: in a long chain the sentence would grow from job to job.
func (e endedJob) fault() *job.Error {
	detail := fmt.Sprintf("job %s, which this one follows, ended as %s", e.Job, e.State)
	var why job.Error
	if json.Unmarshal(e.Error, &why) == nil && why.Detail != "" && why.Code != unmetCode {
		detail += ": " + why.Detail
	}
	return &job.Error{Code: unmetCode, Detail: detail}
}
