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

// Outcome is how one run of a job ended.
type Outcome struct {
	Job       job.ID
	Run       int
	State     job.State
	StartedAt *time.Time // nil when no worker leased it
	EndedAt   *time.Time // nil means now
	Attempts  int
	Error     *job.Error
	Answer    []byte // JSON of a job.Answer; nil when the run has no answer
	Parts     int    // of the answer, already stored by PutPart
	Passage   *Passage

	CoreSeconds float64 // that the run took; 0 when it is not known
}

// CurrentRun is the current run of a job and the job's state.
type CurrentRun struct {
	State job.State
	Run   int
}

// CurrentRuns returns the current runs of the jobs that exist.
func (s *Store) CurrentRuns(ctx context.Context, ids []job.ID) (map[job.ID]CurrentRun, error) {
	type row struct {
		ID job.ID
		CurrentRun
	}
	rows, err := postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[row], s.sql.GetCurrentRuns, ids)
	if err != nil {
		return nil, fmt.Errorf("look up jobs: %w", err)
	}
	found := make(map[job.ID]CurrentRun, len(rows))
	for _, r := range rows {
		found[r.ID] = r.CurrentRun
	}
	return found, nil
}

// Position is how far the queue's results feed has been applied.
type Position struct {
	Epoch message.Epoch // "" until one is known
	At    message.Position
}

// Position returns how far the queue's results feed has been applied.
func (s *Store) Position(ctx context.Context) (Position, error) {
	p, err := postgres.One(ctx, s.pool, pgx.RowToStructByPos[Position], s.sql.GetPosition)
	if err != nil {
		return Position{}, fmt.Errorf("read the position in the feed: %w", err)
	}
	return p, nil
}

// News is what a page of the results feed says of jobs.
type News struct {
	Redriven []SentRun // messages that had ended and wait again; before the others
	Outcomes []Outcome // no two of the same job
	Late     []Late
}

// Apply applies news and moves the position in the results feed from one to
// another, in one transaction. It does nothing and reports false when the
// position is no longer from: another process was faster. A job whose message was redriven is
// queued again. The outcome of another run, or of a job that has ended, changes
// nothing; only a dead job may end again. Late results are put aside, for TakeLate; those
// of another epoch are forgotten, because their positions mean something else.
func (s *Store) Apply(ctx context.Context, from, to Position, news News) (bool, error) {
	var moved bool
	err := s.tx(ctx, func(tx postgres.Transaction) error {
		moved = false
		at, err := postgres.One(ctx, tx, pgx.RowToStructByPos[Position], s.sql.LockPosition)
		if err != nil || at != from {
			return err
		}
		moved = true
		if err := s.redrive(ctx, tx, news.Redriven); err != nil {
			return err
		}
		var rest []postgres.Step
		if to.Epoch != from.Epoch {
			rest = append(rest, postgres.Step{Statement: s.sql.ForgetLate})
		}
		for _, l := range news.Late {
			put, err := s.putLate(l)
			if err != nil {
				return err
			}
			rest = append(rest, put)
		}
		rest = append(rest, postgres.Step{Statement: s.sql.SetPosition, Args: []any{to.Epoch, to.At}})
		ends, err := s.ends(news.Outcomes)
		if err != nil {
			return err
		}
		return postgres.Finish(ctx, tx, append(ends, rest...)...)
	})
	if err != nil {
		return false, fmt.Errorf("apply results: %w", err)
	}
	return moved, nil
}

// End ends jobs that the results feed will never mention.
func (s *Store) End(ctx context.Context, outcomes ...Outcome) error {
	ends, err := s.ends(outcomes)
	if err != nil {
		return err
	}
	return wrapped("end jobs", s.tx(ctx, func(tx postgres.Transaction) error { return postgres.Finish(ctx, tx, ends...) }))
}

// ends returns the step that writes outcomes, as columns of one statement.
func (s *Store) ends(outcomes []Outcome) ([]postgres.Step, error) {
	n := len(outcomes)
	if n == 0 {
		return nil, nil
	}
	var (
		jobs     = make([]job.ID, n)
		runs     = make([]int, n)
		states   = make([]job.State, n)
		started  = make([]*time.Time, n)
		ended    = make([]*time.Time, n)
		attempts = make([]int, n)
		errs     = make([]*string, n)
		answers  = make([][]byte, n)
		parts    = make([]int, n)
		passages = make([]*string, n)
		cores    = make([]float64, n)
	)
	for i, e := range outcomes {
		jobs[i], runs[i], states[i], started[i], ended[i] = e.Job, e.Run, e.State, e.StartedAt, e.EndedAt
		attempts[i], answers[i], parts[i], cores[i] = e.Attempts, e.Answer, e.Parts, e.CoreSeconds
		if e.Error != nil {
			text, err := json.Marshal(e.Error)
			if err != nil {
				return nil, fmt.Errorf("encode the error of job %s: %w", e.Job, err)
			}
			errs[i] = new(string(text))
		}
		if e.Passage != nil {
			text, err := json.Marshal(e.Passage)
			if err != nil {
				return nil, fmt.Errorf("encode the passage of job %s: %w", e.Job, err)
			}
			passages[i] = new(string(text))
		}
	}
	return []postgres.Step{{Statement: s.sql.EndJobs, Args: []any{jobs, runs, states, started, ended, attempts, errs, answers, parts, passages, transitions(), cores}}}, nil
}

// transitions lists the allowed transitions of a job, each as "from to".
func transitions() []string {
	from, to := job.Transitions()
	pairs := make([]string, len(from))
	for i := range from {
		pairs[i] = string(from[i]) + " " + string(to[i])
	}
	return pairs
}
