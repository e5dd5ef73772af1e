package store

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func TestAdopt(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	task := j.Task()
	task.Spec = spec(9)
	r, err := s.BeginReplacement(t.Context(), j, 1, task)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		adopted, err := s.Adopt(t.Context(), r)
		if err != nil || adopted != want {
			t.Errorf("time %d: got %v, %v", i, adopted, err)
		}
	}
	if _, found, _, err := s.Replacement(t.Context(), j.ID); found || err != nil {
		t.Errorf("an adopted replacement is still there: %v, %v", found, err)
	}
	other := r
	other.Run, other.Revision = 2, 5
	if adopted, err := s.Adopt(t.Context(), other); adopted || err != nil {
		t.Errorf("another run: got %v, %v", adopted, err)
	}
	got := read(t, s, j.ID)
	if got.Version != 2 || got.Revision != 2 || got.Spec.Horizon != 9 {
		t.Errorf("got version %d, revision %d, horizon %d", got.Version, got.Revision, got.Spec.Horizon)
	}
	standings, err := s.Standings(t.Context(), []job.ID{j.ID, "00000000-0000-7000-8000-000000000000"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[job.ID]Standing{j.ID: {State: job.Queued, Run: 1, Revision: 2}}, standings); d != "" {
		t.Error(d)
	}
}

func TestOneReplacementAtATime(t *testing.T) {
	t.Parallel()
	s := open(t)
	j := submit(t, s, prices(t, s), "", 1)
	r, err := s.BeginReplacement(t.Context(), j, 1, j.Task())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginReplacement(t.Context(), j, 1, j.Task()); !problem.Is(err, problem.Conflict) {
		t.Errorf("a second at the same time: got %v, want conflict", err)
	}
	got, found, left, err := s.Replacement(t.Context(), j.ID)
	if err != nil || !found || left {
		t.Errorf("got %v, left %v, %v", found, left, err)
	}
	if d := cmp.Diff(r, got); d != "" {
		t.Error(d)
	}
	must(t, "doubt", func(ctx context.Context) error { return s.DoubtReplacement(ctx, r) })
	if _, _, left, _ = s.Replacement(t.Context(), j.ID); !left {
		t.Error("a replacement in doubt is for others to look after")
	}
	must(t, "drop", func(ctx context.Context) error { return s.DropReplacement(ctx, r) })
	if _, err := s.BeginReplacement(t.Context(), j, 2, j.Task()); !problem.Is(err, problem.Stale) {
		t.Errorf("another version: got %v, want stale", err)
	}
	must(t, "end", func(ctx context.Context) error { return s.End(ctx, Ending{Job: j.ID, Run: 1, State: job.Done}) })
	if _, err := s.BeginReplacement(t.Context(), j, 1, j.Task()); !problem.Is(err, problem.Conflict) {
		t.Errorf("an ended job: got %v, want conflict", err)
	}
}
