package store

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
)

// operation is something that may move a job to another state.
type operation struct {
	name string
	do   func(context.Context, *Store, Job) error
	// want is the state that it makes of from, and whether it fails.
	want func(from job.State) (to job.State, fails bool)
}

func operations() []operation {
	cancel := func(ctx context.Context, s *Store, j Job) error { return s.Cancel(ctx, j.ID) }
	all := []operation{
		{"cancel unsent", cancel, func(from job.State) (job.State, bool) {
			if from.Final() {
				return from, from != job.Cancelled
			}
			return job.Cancelled, false
		}},
		{"cancel sent", sent(cancel), func(from job.State) (job.State, bool) { return from, from.Final() && from != job.Cancelled }},
		{"retry", func(ctx context.Context, s *Store, j Job) error { return s.Retry(ctx, j.ID) }, func(from job.State) (job.State, bool) {
			if from.Retryable() {
				return job.Queued, false
			}
			return from, true
		}},
		{"replace unsent", func(ctx context.Context, s *Store, j Job) error {
			_, err := s.ReplaceUnsent(ctx, otherHorizon(j))
			return err
		}, func(from job.State) (job.State, bool) { return from, from.Final() }},
		{"supersede", sent(func(ctx context.Context, s *Store, j Job) error { return s.Supersede(ctx, otherHorizon(j)) }), func(from job.State) (job.State, bool) {
			if from.Final() {
				return from, true
			}
			return job.Queued, false
		}},
	}
	all = append(all, operation{"redrive", func(ctx context.Context, s *Store, j Job) error {
		from, err := s.Position(ctx)
		if err == nil {
			_, err = s.Apply(ctx, from, Position{At: from.At + 1}, News{Redriven: []SentRun{{j.ID, j.Run}, {j.ID, j.Run + 1}}})
		}
		return err
	}, func(from job.State) (job.State, bool) {
		if from.Retryable() {
			return job.Queued, false
		}
		return from, false
	}})
	for _, end := range job.States() {
		if !end.Final() {
			continue
		}
		o := func(j Job) Outcome { return Outcome{Job: j.ID, Run: j.Run, State: end, Answer: []byte(end)} }
		want := func(from job.State) (job.State, bool) {
			if from.CanBecome(end) {
				return end, false
			}
			return from, false
		}
		all = append(all,
			operation{"end as " + string(end), func(ctx context.Context, s *Store, j Job) error { return s.End(ctx, o(j)) }, want},
			operation{"apply " + string(end), func(ctx context.Context, s *Store, j Job) error {
				from, err := s.Position(ctx)
				if err == nil {
					_, err = s.Apply(ctx, from, Position{At: from.At + 1}, News{Outcomes: []Outcome{o(j)}})
				}
				return err
			}, want})
	}
	return all
}

func otherHorizon(j Job) Replacement {
	return Replacement{Job: j.ID, Version: j.Version, Spec: spec(9), Dataset: j.Dataset}
}

// sent takes the outbox before the operation.
func sent(operation func(context.Context, *Store, Job) error) func(context.Context, *Store, Job) error {
	return func(ctx context.Context, s *Store, j Job) error {
		if _, err := s.Take(ctx, 1000, 1<<30, 0); err != nil {
			return err
		}
		return operation(ctx, s, j)
	}
}

// Whatever the operation and the state of the job, the state changes only as the table
// of transitions allows.
func TestOperationsKeepToTheTransitions(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	for _, op := range operations() {
		for _, from := range job.States() {
			j := submit(t, s, v, "", 1)
			if _, err := s.pool.Exec(t.Context(), "UPDATE job SET state = $2, ended_at = CASE WHEN $3 THEN now() END WHERE id = $1", j.ID, from, from.Final()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.pool.Exec(t.Context(), "DELETE FROM pending_event"); err != nil {
				t.Fatal(err)
			}
			err := op.do(t.Context(), s, j)
			after := read(t, s, j.ID)
			got := after.State
			if told := lastEntered(t, s, j.ID); told != got && (got != from || after.Run != j.Run) || told != "" && got == from && after.Run == j.Run {
				t.Errorf("%s: %s became %s, and the last event says %q", op.name, from, got, told)
			}
			if got != from && !from.CanBecome(got) {
				t.Errorf("%s: %s became %s, which the table does not allow", op.name, from, got)
			}
			if want, fails := op.want(from); got != want || fails != (err != nil) {
				t.Errorf("%s: %s became %s with the error %v, want %s, an error: %v", op.name, from, got, err, want, fails)
			}
		}
	}
}

// lastEntered is the state that the last event of a job says it has entered, or "".
func lastEntered(t *testing.T, s *Store, id job.ID) (state job.State) {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), "SELECT type FROM pending_event WHERE job = $1 ORDER BY seq", id)
	if err != nil {
		t.Fatal(err)
	}
	types, err := pgx.CollectRows(rows, pgx.RowTo[job.EventType])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range types {
		if e.State() != "" {
			state = e.State()
		}
	}
	return state
}

// The schema lists states as the table of transitions does.
func TestSchemaListsTheStates(t *testing.T) {
	t.Parallel()
	s := open(t)
	rows, err := s.pool.Query(t.Context(), `
		SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'job'::regclass AND contype = 'c'
		UNION ALL
		SELECT indexrelid::regclass::text, pg_get_expr(indpred, indrelid) FROM pg_index WHERE indrelid = 'job'::regclass AND indpred IS NOT NULL
		UNION ALL
		SELECT 'default', pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
		WHERE adrelid = 'job'::regclass AND attname = 'state'`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]job.State{}
	var name, definition string
	_, err = pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		if !strings.Contains(definition, "state") && name != "default" {
			return nil
		}
		for _, m := range regexp.MustCompile(`'([a-z]*)'`).FindAllStringSubmatch(definition, -1) {
			got[name] = append(got[name], job.State(m[1]))
		}
		slices.Sort(got[name])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]job.State{
		"job_state_check": slices.Sorted(slices.Values(job.States())),
		"job_ended_check": slices.Sorted(slices.Values(job.InFlight())),
		"job_subject_idx": slices.Sorted(slices.Values(job.InFlight())),
		"default":         {job.Queued},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
