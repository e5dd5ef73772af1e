package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/queue/message"
)

// Late is a result that was put aside, because fetching the parts of its answer takes
// long.
type Late struct {
	Job    job.ID
	Run    int
	Result message.Result
	taken  time.Time
}

// putLate is the step that puts a late result aside, in the transaction that moves the position in the feed.
func (s *Store) putLate(l Late) (postgres.Step, error) {
	text, err := json.Marshal(l.Result)
	return postgres.Step{Statement: s.sql.PutLate, Args: []any{l.Job, l.Run, text, l.Result.Parts}}, err
}

// TakeLate takes the late result with the fewest parts, at most that many, unless another
// process has taken or kept it within patience. It reports false without one.
func (s *Store) TakeLate(ctx context.Context, patience time.Duration, parts int) (Late, bool, error) {
	l, found, err := postgres.Find(ctx, s.pool, func(row pgx.CollectableRow) (l Late, err error) {
		var text []byte
		if err = row.Scan(&l.Job, &l.Run, &text, &l.taken); err == nil {
			err = json.Unmarshal(text, &l.Result)
		}
		return l, err
	}, s.sql.TakeLate, patience.Seconds(), parts)
	if err != nil {
		return Late{}, false, fmt.Errorf("take a late result: %w", err)
	}
	return l, found, nil
}

// KeepLate says that the process that took a late result still fetches it. It reports
// false when another process has taken it since, or when it is not there any more.
func (s *Store) KeepLate(ctx context.Context, l *Late) (bool, error) {
	taken, found, err := postgres.Find(ctx, s.pool, pgx.RowTo[time.Time], s.sql.KeepLate, l.Job, l.Run, l.taken)
	if err == nil && found {
		l.taken = taken
	}
	return found, wrapped("keep a late result", err)
}

// ReturnLate gives a late result back that could not be fetched, unless another process
// has taken it since.
func (s *Store) ReturnLate(ctx context.Context, l Late) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.ReturnLate, l.Job, l.Run, l.taken)
	return wrapped("return a late result", err)
}

// EndLate ends the job of a late result, if it is still in the run of the outcome, and
// forgets the result. It changes nothing and reports false when the result was forgotten
// already: another process was faster, or another epoch has begun.
func (s *Store) EndLate(ctx context.Context, l Late, o Outcome) (bool, error) {
	ends, err := s.ends([]Outcome{o})
	if err != nil {
		return false, err
	}
	err = s.tx(ctx, func(tx postgres.Transaction) error {
		if err := postgres.Batch(ctx, tx, ends...); err != nil {
			return err
		}
		n, err := postgres.Exec(ctx, tx, s.sql.DeleteLate, l.Job, l.Run)
		if err == nil && n == 0 {
			return errForgotten
		}
		return err
	})
	if errors.Is(err, errForgotten) {
		return false, nil
	}
	return err == nil, wrapped("end a job with a late result", err)
}

// errForgotten undoes the end of a job by a late result that is forgotten.
var errForgotten = errors.New("the result was forgotten")
