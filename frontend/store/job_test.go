package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func spec(horizon int) job.Spec {
	return job.Spec{Dataset: "prices", Assets: []string{"A"}, Horizon: horizon}.Defaulted()
}

// submit creates a job about a dataset.
func submit(t testing.TB, s *Store, v Version, key string, horizon int) Job {
	t.Helper()
	j, _, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: spec(horizon), Dataset: v.Dataset, Idempotency: key})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// read finds a job that must be there.
func read(t testing.TB, s *Store, id job.ID) Job {
	t.Helper()
	j, err := s.Job(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestCreatedJobReadsBackTheSame(t *testing.T) {
	t.Parallel()
	s := open(t)
	made := submit(t, s, prices(t, s), "", 5)
	if d := cmp.Diff(made, read(t, s, made.ID)); d != "" {
		t.Error(d)
	}
	if _, err := s.Job(t.Context(), "00000000-0000-7000-8000-000000000000"); !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v, want not-found", err)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	key := "any string \xff\x00"
	first := submit(t, s, v, key, 5)
	again, added, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: spec(5), Dataset: v.Dataset, Idempotency: key})
	if err != nil || added || again.ID != first.ID {
		t.Errorf("the same again: got %s, %v, %v, want the job %s", again.ID, added, err, first.ID)
	}
	_, _, err = s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: spec(6), Dataset: v.Dataset, Idempotency: key})
	if used, ok := errors.AsType[*KeyUsedError](err); !ok || used.Job != first.ID {
		t.Errorf("another job under the same key: got %v, want a KeyUsedError of job %s", err, first.ID)
	}
	other, added, err := s.CreateJob(t.Context(), NewJob{Owner: "tom", Subject: "u2", Spec: spec(6), Dataset: v.Dataset, Idempotency: key})
	if err != nil || !added || other.ID == first.ID {
		t.Errorf("the same key of another user: got %v, %v", added, err)
	}
}

// Another process has added a version since this one looked.
func TestNewestVersionChanges(t *testing.T) {
	t.Parallel()
	s := open(t)
	old := prices(t, s)
	first, err := s.RecentVersion(t.Context(), "prices", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), "INSERT INTO dataset_version (name, version, sha256, bytes, owner, audit) SELECT name, 2, sha256, bytes, owner, audit FROM dataset_version"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), "UPDATE dataset SET newest = 2"); err != nil {
		t.Fatal(err)
	}
	n := NewJob{Owner: "mia", Subject: "u1", Spec: spec(1), Dataset: first.Dataset, Newest: true, Idempotency: "k"}
	if _, _, err := s.CreateJob(t.Context(), n); !errors.Is(err, ErrNotNewest) {
		t.Fatalf("got %v, want ErrNotNewest", err)
	}
	second, err := s.RecentVersion(t.Context(), "prices", 0)
	if err != nil || second.Version != 2 {
		t.Fatalf("got version %d, %v", second.Version, err)
	}
	n.Dataset = second.Dataset
	if _, added, err := s.CreateJob(t.Context(), n); err != nil || !added {
		t.Errorf("got %v, %v", added, err)
	}
	n.Dataset = old.Dataset
	if _, added, err := s.CreateJob(t.Context(), n); err != nil || added {
		t.Errorf("the same again, with the old version: got %v, %v", added, err)
	}
}

func TestConcurrentRepeatsMakeOneJob(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	var group errgroup.Group
	ids := make([]job.ID, 8)
	for i := range ids {
		group.Go(func() error {
			j, _, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: spec(5), Dataset: v.Dataset, Idempotency: "k"})
			ids[i] = j.ID
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := len(slices.Compact(slices.Clone(ids))); n != 1 {
		t.Errorf("got %d jobs, want 1", n)
	}
}

// However pages and new jobs interleave, every job that was there at the
// beginning is listed exactly once, and nothing is listed twice.
func TestPagesNeitherLoseNorRepeatJobs(t *testing.T) {
	t.Parallel()
	s := open(t)
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		v := version("ee")
		v.Name = fmt.Sprintf("round%d", round)
		v, _, err := s.AddVersion(t.Context(), v)
		if err != nil {
			r.Fatal(err)
		}
		mine := Filter{Dataset: v.Name}
		first := submit(t, s, v, "", 1)
		for range rapid.IntRange(0, 6).Draw(r, "before") {
			submit(t, s, v, "", 1)
		}
		before, err := s.Jobs(t.Context(), Cursor{}, mine, 1000)
		if err != nil {
			r.Fatal(err)
		}
		seen := map[job.ID]int{}
		limit := rapid.IntRange(1, 3).Draw(r, "limit")
		for at := (Cursor{}); ; {
			page, err := s.Jobs(t.Context(), at, mine, limit)
			if err != nil {
				r.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, j := range page {
				seen[j.ID]++
			}
			at = page[len(page)-1].Cursor()
			if rapid.Bool().Draw(r, "arrives") {
				submit(t, s, v, "", 1)
			}
		}
		for _, j := range before {
			if seen[j.ID] != 1 {
				r.Fatalf("job %s was listed %d times", j.ID, seen[j.ID])
			}
		}
		if seen[first.ID] != 1 {
			r.Fatal("the oldest job of this round is missing")
		}
	})
}

func TestFilter(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	a, b := submit(t, s, v, "", 1), submit(t, s, v, "", 1)
	if err := s.Cancel(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter Filter
		want   []job.ID
	}{
		"none":      {Filter{}, []job.ID{b.ID, a.ID}},
		"state":     {Filter{States: []job.State{job.Queued}}, []job.ID{a.ID}},
		"states":    {Filter{States: []job.State{job.Queued, job.Cancelled}}, []job.ID{b.ID, a.ID}},
		"dataset":   {Filter{Dataset: "prices"}, []job.ID{b.ID, a.ID}},
		"no such":   {Filter{Dataset: "other"}, nil},
		"owner":     {Filter{Owner: "mia"}, []job.ID{b.ID, a.ID}},
		"not owner": {Filter{Owner: "tom"}, nil},
	} {
		page, err := s.Jobs(t.Context(), Cursor{}, c.filter, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []job.ID
		for _, j := range page {
			got = append(got, j.ID)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestKeysOfRuns(t *testing.T) {
	t.Parallel()
	for run, want := range map[int]string{1: "id", 2: "id#2", 11: "id#11"} {
		key := Key("id", run)
		id, got, ok := ParseKey(key)
		if key != want || id != "id" || got != run || !ok {
			t.Errorf("run %d: key %q reads back as %q, %d, %v", run, key, id, got, ok)
		}
	}
	for _, key := range []string{"id#1", "id#", "id#x", "id#-2", "id#02", "#2", ""} {
		if _, _, ok := ParseKey(key); ok {
			t.Errorf("key %q was taken", key)
		}
	}
}

// take takes all entries that are free.
func take(t testing.TB, s *Store) []OutboxEntry {
	t.Helper()
	all, err := s.Take(t.Context(), 1000, 1<<30, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// steps writes entries as "action horizon" for comparison.
func steps(all []OutboxEntry) (out []string) {
	for _, i := range all {
		out = append(out, fmt.Sprintf("%s %d", i.Action, i.Job.Spec.Horizon))
	}
	return out
}

func must(t testing.TB, what string, f func(context.Context) error) {
	t.Helper()
	if err := f(t.Context()); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
