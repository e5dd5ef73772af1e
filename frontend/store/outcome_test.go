package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/job"
)

func TestApplyOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	a, b := submit(t, s, v, "", 1), submit(t, s, v, "", 1)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	outcomes := []Outcome{
		{Job: a.ID, Run: 1, State: job.Done, StartedAt: &at, EndedAt: &at, Attempts: 1, Answer: []byte(`{"a":1}`)},
		{Job: b.ID, Run: 2, State: job.Done, Answer: []byte(`{}`)}, // there is no second run
		{Job: "00000000-0000-7000-8000-000000000000", Run: 1, State: job.Dead},
	}
	for i, want := range []bool{true, false} {
		moved, err := s.Apply(t.Context(), Position{}, Position{At: 7}, News{Outcomes: outcomes})
		if err != nil || moved != want {
			t.Fatalf("time %d: got %v, %v, want %v", i, moved, err, want)
		}
	}
	if p, err := s.Position(t.Context()); p.At != 7 || err != nil {
		t.Errorf("got place %+v, %v", p, err)
	}
	got := read(t, s, a.ID)
	if got.State != job.Done || got.Attempts != 1 || !got.StartedAt.Equal(at) || !got.EndedAt.Equal(at) || got.Progress != 1 {
		t.Errorf("got %+v", got)
	}
	if got := read(t, s, b.ID); got.State != job.Queued {
		t.Errorf("the outcome of another run made it %s", got.State)
	}
	r, found, err := s.Result(t.Context(), a.ID)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if d := cmp.Diff(Result{Run: 1, Answer: []byte(`{"a":1}`)}, r); d != "" {
		t.Error(d)
	}
}

// The first outcome counts: a later one changes nothing.
func TestFirstOutcomeIsFinal(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	for _, state := range []job.State{job.Partial, job.Failed, job.Done, job.Dead} {
		must(t, "end", func(ctx context.Context) error {
			return s.End(ctx, Outcome{Job: j.ID, Run: 1, State: state, Answer: []byte(state)})
		})
	}
	if got := read(t, s, j.ID).State; got != job.Partial {
		t.Errorf("got %s, want partial", got)
	}
	if r, _, _ := s.Result(t.Context(), j.ID); string(r.Answer) != "partial" {
		t.Errorf("got the answer %s", r.Answer)
	}
}

// A redriven job is queued again, which the audit trail says. Applied late, nothing happens.
func TestRedrivenJobIsQueued(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	must(t, "end", func(ctx context.Context) error {
		return s.End(ctx, Outcome{Job: j.ID, Run: 1, State: job.Dead, Attempts: 3, Error: &job.Error{Code: "dead", Detail: "no luck"}})
	})
	for i, want := range []bool{true, false} {
		moved, err := s.Apply(t.Context(), Position{}, Position{At: 7}, News{Redriven: []SentRun{{j.ID, 1}}})
		if err != nil || moved != want {
			t.Fatalf("time %d: got %v, %v, want %v", i, moved, err, want)
		}
		if got := read(t, s, j.ID); got.State != job.Queued || got.Error != nil || got.Attempts != 0 || got.EndedAt != nil {
			t.Errorf("time %d: got %+v", i, got)
		}
	}
	events := audittest.List(t, s.Trail, audit.Filter{Action: "redrive-job"})
	if len(events) != 1 || events[0].Object.ID != string(j.ID) || events[0].Actor.Subject != audit.System().Subject || string(events[0].Before) != `{"run":1,"state":"dead"}` {
		t.Errorf("the audit trail has %+v", events)
	}
}

// A dead job may end again, when the news of the redrive were deleted.
func TestRedrivenJobEnds(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	for _, state := range []job.State{job.Dead, job.Dead, job.Done} {
		must(t, "end", func(ctx context.Context) error {
			return s.End(ctx, Outcome{Job: j.ID, Run: 1, State: state})
		})
	}
	if got := read(t, s, j.ID).State; got != job.Done {
		t.Errorf("got %s, want done", got)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	for _, body := range []string{`[1]`, `[2]`} {
		must(t, "put part", func(ctx context.Context) error { return s.PutPart(ctx, j.ID, 1, 3, []byte(body)) })
	}
	must(t, "put part of no job", func(ctx context.Context) error {
		return s.PutPart(ctx, "00000000-0000-7000-8000-000000000000", 1, 0, []byte(`[]`))
	})
	body, err := s.Part(t.Context(), j.ID, 1, 3)
	if err != nil || string(body) != `[2]` {
		t.Errorf("got %s, %v", body, err)
	}
}

// What runs took is added up by owner and day, also that of retries, and once for each run. It outlives the jobs.
func TestUsage(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	at := time.Date(2026, 1, 2, 23, 59, 0, 0, time.UTC)
	end := func(j Job, run int, at time.Time, cores float64) {
		t.Helper()
		if err := s.End(t.Context(), Outcome{Job: j.ID, Run: run, State: job.Failed, EndedAt: &at, CoreSeconds: cores}); err != nil {
			t.Fatal(err)
		}
	}
	other, _, err := s.CreateJob(t.Context(), NewJob{Owner: "ann", Subject: "u2", Spec: spec(1), Dataset: v.Dataset})
	if err != nil {
		t.Fatal(err)
	}
	a, b := submit(t, s, v, "", 1), submit(t, s, v, "", 1)
	end(a, 1, at, 2)
	end(a, 1, at, 100) // it has ended
	if err := s.Retry(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	end(a, 2, at, 3)
	end(b, 1, at.Add(time.Minute), 10) // on the next day
	end(other, 1, at, 0.5)
	if err := s.RemoveJob(t.Context(), a.ID, false); err != nil {
		t.Fatal(err)
	}
	mia, ann := Usage{"u1", "mia", 2, 5}, Usage{"u2", "ann", 1, 0.5}
	for name, c := range map[string]struct {
		from, before int // days of January
		after        string
		limit        int
		want         []Usage
	}{
		"a day":        {2, 3, "", 10, []Usage{mia, ann}},
		"the next day": {3, 4, "", 10, []Usage{{"u1", "mia", 1, 10}}},
		"both":         {1, 30, "", 10, []Usage{{"u1", "mia", 3, 15}, ann}},
		"one owner":    {2, 3, "", 1, []Usage{mia}},
		"the next":     {2, 3, "u1", 10, []Usage{ann}},
		"before all":   {1, 2, "", 10, nil},
	} {
		day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
		got, err := s.Usage(t.Context(), day(c.from), day(c.before), c.after, c.limit)
		if diff := cmp.Diff(got, c.want, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: %v, (-got +want)\n%s", name, err, diff)
		}
	}
}
