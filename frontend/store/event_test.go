package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
)

// number numbers all events that are committed.
func number(t testing.TB, s *Store) {
	t.Helper()
	if _, err := s.NumberEvents(t.Context(), 1_000_000); err != nil {
		t.Fatal(err)
	}
}

// happened numbers what is committed, and lists the events after a position, each in a few words.
func happened(t testing.TB, s *Store, after *int64) (all []string) {
	t.Helper()
	number(t, s)
	page, err := s.Events(t.Context(), *after, EventFilter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	*after = page.Next
	for _, e := range page.Events {
		text := string(e.Type)
		if e.Run > 0 {
			text += fmt.Sprint(" run ", e.Run)
		}
		if e.Error != nil {
			text += ": " + e.Error.Detail
		}
		all = append(all, text)
	}
	return all
}

func TestChangesAreEvents(t *testing.T) {
	t.Parallel()
	s := open(t)
	var at int64
	var j Job
	next, err := s.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next = next.Truncate(time.Second)
	night := Schedule{Schedule: job.Schedule{Name: "night", Owner: "mia", Plan: job.Plan{Job: spec(1)}, NextAt: &next}, Subject: "u1"}
	for _, c := range []struct {
		what string
		do   func(context.Context) error
		want []string
	}{
		{"a version", func(context.Context) error { prices(t, s); return nil }, []string{"dataset.added"}},
		{"a job", func(context.Context) error {
			j = submit(t, s, Version{Dataset: job.Dataset{Name: "prices", Version: 1}}, "k", 1)
			return nil
		}, []string{"job.queued run 1"}},
		{"the same again", func(ctx context.Context) error {
			_, _, err := s.CreateJob(ctx, NewJob{Owner: "mia", Subject: "u1", Spec: spec(1), Dataset: j.Dataset, Idempotency: "k"})
			return err
		}, nil},
		{"another specification", func(ctx context.Context) error { _, err := s.ReplaceUnsent(ctx, otherHorizon(j)); return err }, []string{"job.changed run 1"}},
		{"a cancellation at once", func(ctx context.Context) error { return s.Cancel(ctx, j.ID) }, []string{"job.cancelled run 1"}},
		{"a retry", func(ctx context.Context) error { return s.Retry(ctx, j.ID) }, []string{"job.queued run 2"}},
		{"a replacement of what was sent", func(ctx context.Context) error {
			if _, err := s.Take(ctx, 1000, 1<<30, 0); err != nil {
				return err
			}
			return s.Supersede(ctx, otherHorizon(read(t, s, j.ID)))
		}, []string{"job.changed run 2", "job.cancelling run 2", "job.queued run 3"}},
		{"a cancellation that the queue has to make", func(ctx context.Context) error {
			if _, err := s.Take(ctx, 1000, 1<<30, 0); err != nil {
				return err
			}
			return s.Cancel(ctx, j.ID)
		}, []string{"job.cancelling run 3"}},
		{"the same cancellation", func(ctx context.Context) error { return s.Cancel(ctx, j.ID) }, nil},
		{"a death", func(ctx context.Context) error {
			return s.End(ctx, Outcome{Job: j.ID, Run: 3, State: job.Dead, Error: &job.Error{Code: "dead", Detail: "no luck"}})
		}, []string{"job.dead run 3: no luck"}},
		{"the same death", func(ctx context.Context) error {
			return s.End(ctx, Outcome{Job: j.ID, Run: 2, State: job.Dead})
		}, nil},
		{"a redrive and an end", func(ctx context.Context) error {
			_, err := s.Apply(ctx, Position{}, Position{At: 1}, News{Redriven: []SentRun{{j.ID, 3}}, Outcomes: []Outcome{{Job: j.ID, Run: 3, State: job.Done}}})
			return err
		}, []string{"job.queued run 3", "job.done run 3"}},
		{"a schedule", func(ctx context.Context) error { return s.CreateSchedule(ctx, night, 0) }, []string{"schedule.added"}},
		{"a firing", func(ctx context.Context) error {
			seen, err := s.Schedule(ctx, "night")
			if err == nil {
				_, err = s.Fire(ctx, seen, Firing{Times: []time.Time{next}, Next: &next,
					Jobs: []NewJob{{Owner: "mia", Subject: "u1", Spec: spec(1), Dataset: j.Dataset, Idempotency: "f"}}})
			}
			return err
		}, []string{"job.queued run 1", "schedule.fired"}},
		{"a firing that fails", func(ctx context.Context) error {
			seen, err := s.Schedule(ctx, "night")
			if err == nil {
				_, err = s.Fire(ctx, seen, Firing{Times: []time.Time{next}, Next: &next, Error: &job.ScheduleError{Error: job.Error{Code: "quota", Detail: "too many"}, At: next}})
			}
			return err
		}, []string{"schedule.failed: too many"}},
		{"a pause", func(ctx context.Context) error {
			seen, err := s.Schedule(ctx, "night")
			if err == nil {
				_, err = s.PauseSchedule(ctx, seen, "mia is gone")
			}
			return err
		}, []string{"schedule.paused"}},
		{"another plan", func(ctx context.Context) error {
			seen, err := s.Schedule(ctx, "night")
			if err == nil {
				err = s.ReplaceSchedule(ctx, seen)
			}
			return err
		}, []string{"schedule.changed"}},
		{"no schedule", func(ctx context.Context) error { return s.RemoveSchedule(ctx, "night") }, []string{"schedule.removed"}},
		{"no job", func(ctx context.Context) error { return s.RemoveJob(ctx, j.ID, false) }, []string{"job.removed run 3"}},
		{"a transaction that fails", func(ctx context.Context) error {
			_ = s.Cancel(ctx, j.ID)
			_, err := s.RemoveVersions(ctx, "prices", 0, true)
			_ = err
			return nil
		}, nil},
	} {
		must(t, c.what, c.do)
		if d := cmp.Diff(c.want, happened(t, s, &at)); d != "" {
			t.Errorf("%s: %s", c.what, d)
		}
	}
}

func TestEventsSayWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	b, _, err := s.CreateBatch(t.Context(), NewBatch{Name: "night", Owner: "tom", Subject: "u2", Jobs: []NewJob{{Owner: "tom", Subject: "u2", Spec: spec(1), Dataset: v.Dataset}}})
	if err != nil {
		t.Fatal(err)
	}
	number(t, s)
	page, err := s.Events(t.Context(), 0, EventFilter{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range page.Events {
		if at := &page.Events[i].At; time.Since(*at).Abs() > time.Minute {
			t.Errorf("it happened at %v", *at)
		} else {
			*at = time.Time{}
		}
	}
	want := []job.LogEvent{
		{ID: 1, Type: job.EventDatasetAdded, Owner: "mia", Dataset: "prices", Version: 1},
		{ID: 2, Type: "job.queued", Owner: "tom", Job: b.JobIDs[0], Run: 1, Batch: b.ID, Dataset: "prices", Version: 1},
	}
	if d := cmp.Diff(EventPage{Events: want, Next: 2, EventLog: EventLog{Last: 2}}, page); d != "" {
		t.Error(d)
	}
}

// A transaction that was first to leave an event, and commits last, is neither missed nor put
// before what readers have seen.
func TestEventThatCommitsLate(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	slow, quick := submit(t, s, v, "", 1), submit(t, s, v, "", 1)
	var at int64
	happened(t, s, &at)
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "UPDATE job SET run = 7 WHERE id = $1", slow.ID); err != nil {
		t.Fatal(err)
	}
	must(t, "retry", func(ctx context.Context) error { return s.Cancel(ctx, quick.ID) })
	if d := cmp.Diff([]string{"job.cancelled run 1"}, happened(t, s, &at)); d != "" {
		t.Error(d)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"job.queued run 7"}, happened(t, s, &at)); d != "" {
		t.Error("after the late commit:", d)
	}
}

// Transactions overlap in every way, two processes number, and readers read pages of any size: each
// sees every event once, all in the same order, and those of each job in the order of its changes.
func TestReadersShareOneOrder(t *testing.T) {
	t.Parallel()
	const (
		writers, jobs, changes = 6, 9, 40
		total                  = jobs + writers*changes
	)
	s := open(t)
	v := prices(t, s)
	number(t, s)
	ids := make([]job.ID, jobs)
	for i := range ids {
		ids[i] = submit(t, s, v, "", 1).ID
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	var writing, numbering sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(w)))
			for range changes / 2 {
				// Two jobs in one transaction, in the order of their ids, so that no two wait for each other.
				pair := []int{random.IntN(jobs - 1), 0}
				pair[1] = pair[0] + 1 + random.IntN(jobs-1-pair[0])
				err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
					for _, i := range pair {
						if _, err := tx.Exec(ctx, "UPDATE job SET run = run + 1 WHERE id = $1", ids[i]); err != nil {
							return err
						}
					}
					_, err := tx.Exec(ctx, "SELECT pg_sleep($1)", random.Float64()/200) // so that they overlap
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	for range 2 {
		numbering.Go(func() {
			for more := true; more; {
				select {
				case <-done:
					more = false // one more look, after which nothing comes
				default:
				}
				for n := 3; n == 3; {
					var err error
					if n, err = s.NumberEvents(ctx, 3); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	go func() { writing.Wait(); close(done) }()
	var reading sync.WaitGroup
	seen := make([][]job.LogEvent, 3)
	for r := range seen {
		reading.Go(func() {
			at := int64(1) // behind the version
			for limit := 1; len(seen[r]) < total && ctx.Err() == nil; limit = limit%17 + 1 {
				page, err := s.Events(ctx, at, EventFilter{}, limit)
				if err != nil {
					t.Error(err)
					return
				}
				seen[r] = append(seen[r], page.Events...)
				at = page.Next
			}
		})
	}
	reading.Wait()
	numbering.Wait()
	runs := map[job.ID]int{}
	for i, e := range seen[0] {
		if e.ID != int64(i)+2 || e.Run != runs[e.Job]+1 {
			t.Fatalf("event %d of the reader is number %d, of run %d of its job after run %d", i, e.ID, e.Run, runs[e.Job])
		}
		runs[e.Job] = e.Run
	}
	if len(seen[0]) != total {
		t.Errorf("the first reader saw %d of %d events", len(seen[0]), total)
	}
	for _, other := range seen[1:] {
		if d := cmp.Diff(seen[0], other); d != "" {
			t.Error("two readers:", d)
		}
	}
}

// The filter of the store and that of the streams choose the same events.
func TestEventFilters(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	b, _, err := s.CreateBatch(t.Context(), NewBatch{Owner: "tom", Subject: "u2", Jobs: []NewJob{{Owner: "tom", Subject: "u2", Spec: spec(1), Dataset: v.Dataset}}})
	if err != nil {
		t.Fatal(err)
	}
	j := submit(t, s, v, "", 1)
	must(t, "cancel", func(ctx context.Context) error { return s.Cancel(ctx, j.ID) })
	number(t, s)
	all, err := s.Events(t.Context(), 0, EventFilter{}, 100)
	if err != nil || len(all.Events) != 4 {
		t.Fatalf("got %d events, %v", len(all.Events), err)
	}
	for want, f := range map[int]EventFilter{
		0: {Dataset: "none"}, 1: {Owner: "tom"}, 2: {Types: []job.EventType{job.Entered(job.Queued)}}, 3: {Owner: "mia"}, 4: {Dataset: "prices"},
		-1: {Batch: b.ID, Dataset: "prices", Types: []job.EventType{job.Entered(job.Queued), job.EventChanged}}, -2: {Job: j.ID},
	} {
		page, err := s.Events(t.Context(), 0, f, 100)
		if err != nil || page.Next != 4 {
			t.Errorf("%+v: the page goes to %d, %v", f, page.Next, err)
		}
		var live []job.LogEvent
		for i := range all.Events {
			if f.Match(&all.Events[i]) {
				live = append(live, all.Events[i])
			}
		}
		if len(page.Events) != max(want, -want) || !slices.EqualFunc(page.Events, live, func(x, y job.LogEvent) bool { return x.ID == y.ID }) {
			t.Errorf("%+v: the store has %d events, a stream %d, want %d", f, len(page.Events), len(live), max(want, -want))
		}
	}
}

// Old events are forgotten in bounded steps, and never one behind an event that is kept.
func TestForgetEvents(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	for range 5 {
		submit(t, s, v, "", 1)
	}
	number(t, s)
	// The fourth is younger than the fifth, as with transactions that took long.
	if _, err := s.pool.Exec(t.Context(), "UPDATE event SET at = at - interval '2 hours' WHERE position <> 4"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []EventLog{{6, 2}, {6, 3}, {6, 3}} {
		if _, err := s.ForgetEvents(t.Context(), time.Hour, 2); err != nil {
			t.Fatal(err)
		}
		page, err := s.Events(t.Context(), 0, EventFilter{}, 100)
		if err != nil || page.EventLog != want || int64(len(page.Events)) != want.Last-want.Forgotten {
			t.Errorf("got %+v with %d events, %v, want %+v", page.EventLog, len(page.Events), err, want)
		}
	}
}

// What was committed is noticed in the process that did it.
func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	<-s.Changed()
	submit(t, s, v, "", 1)
	select {
	case <-s.Changed():
	default:
		t.Error("nobody was told of the job")
	}
}
