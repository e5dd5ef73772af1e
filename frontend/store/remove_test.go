package store

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// ended ends a job, with a result of one part.
func ended(t *testing.T, s *Store, j Job) {
	t.Helper()
	if err := s.PutPart(t.Context(), j.ID, j.Run, 0, []byte("[]")); err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context(), Outcome{Job: j.ID, Run: j.Run, State: job.Done, Answer: []byte(`{}`), Parts: 1}); err != nil {
		t.Fatal(err)
	}
}

func TestVersionsInUseStay(t *testing.T) {
	t.Parallel()
	s := open(t)
	one := prices(t, s)
	second := version("cd")
	second.Name = one.Name
	two, _, err := s.AddVersion(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	j := submit(t, s, one, "", 1)
	for _, version := range []int{0, 1} {
		if _, err := s.RemoveVersions(t.Context(), one.Name, version, false); !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), "1 jobs that are queued or running") {
			t.Errorf("version %d: got %v, want a conflict", version, err)
		}
	}
	if r, err := s.RemoveVersions(t.Context(), one.Name, 2, true); err != nil || !slices.Equal(r.Versions, []int{2}) || r.Bytes != two.Bytes {
		t.Errorf("dry: got %+v, %v", r, err)
	}
	if got, err := s.Version(t.Context(), one.Name, 0); err != nil || got.Version != 2 {
		t.Errorf("after a dry run: got version %d, %v", got.Version, err)
	}
	if _, err := s.RemoveVersions(t.Context(), one.Name, 2, false); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Version(t.Context(), one.Name, 0); err != nil || got.Version != 1 {
		t.Errorf("the newest: got version %d, %v", got.Version, err)
	}
	ended(t, s, j)
	if _, err := s.RemoveVersions(t.Context(), one.Name, 0, false); err != nil {
		t.Fatal(err)
	}
	for _, version := range []int{0, 1, 2} {
		if _, err := s.Version(t.Context(), one.Name, version); !problem.Is(err, problem.NotFound) {
			t.Errorf("version %d: got %v", version, err)
		}
	}
	if all, err := s.Datasets(t.Context(), "", 10); err != nil || len(all) != 0 {
		t.Errorf("listed: got %v, %v", all, err)
	}
	if got := read(t, s, j.ID); got.Dataset != one.Dataset {
		t.Errorf("its job: got %+v", got.Dataset)
	}
	// A number is not used again, and the same content is a new version.
	third, added, err := s.AddVersion(t.Context(), second)
	if err != nil || !added || third.Version != 3 {
		t.Errorf("got version %d, %v, %v, want 3", third.Version, added, err)
	}
	if _, _, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: spec(1), Dataset: one.Dataset}); err == nil {
		t.Error("a job on a version that was removed")
	}
}

// A version is removed, or a job uses it, whatever comes at the same moment.
func TestRemovalAndNewJobs(t *testing.T) {
	t.Parallel()
	s := open(t)
	for round := range 20 {
		given := version("ab")
		given.Name = "d" + string(rune('a'+round))
		v, _, err := s.AddVersion(t.Context(), given)
		if err != nil {
			t.Fatal(err)
		}
		var group errgroup.Group
		var created, removed bool
		group.Go(func() error {
			_, ok, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: spec(1), Dataset: v.Dataset})
			created = ok && err == nil
			return nil
		})
		group.Go(func() error {
			_, err := s.RemoveVersions(t.Context(), v.Name, 1, false)
			removed = err == nil
			return nil
		})
		_ = group.Wait()
		if created == removed {
			t.Errorf("round %d: created %v and removed %v", round, created, removed)
		}
	}
}

func TestRemovedJobs(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	old, kept, running := submit(t, s, v, "", 1), submit(t, s, v, "", 1), submit(t, s, v, "", 1)
	ended(t, s, old)
	ended(t, s, kept)
	if _, err := s.pool.Exec(t.Context(), "UPDATE job SET ended_at = ended_at - interval '2 hours' WHERE id = $1", old.ID); err != nil {
		t.Fatal(err)
	}
	if ids, err := s.Expired(t.Context(), time.Hour, 10); err != nil || !slices.Equal(ids, []job.ID{old.ID}) {
		t.Errorf("expired: got %v, %v", ids, err)
	}
	if err := s.RemoveJob(t.Context(), running.ID, false); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job in flight: got %v", err)
	}
	if err := s.RemoveJob(t.Context(), old.ID, true); err != nil {
		t.Fatal(err)
	}
	read(t, s, old.ID)
	if err := s.RemoveJob(t.Context(), old.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveJob(t.Context(), old.ID, false); !problem.Is(err, problem.NotFound) {
		t.Errorf("again: got %v", err)
	}
	var rows int
	if err := s.pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM result) + (SELECT count(*) FROM result_part)").Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d rows of results are left, %v, want those of one job", rows, err)
	}
	// A result that comes for it after all changes nothing.
	if moved, err := s.Apply(t.Context(), Position{}, Position{At: 1}, News{
		Outcomes: []Outcome{{Job: old.ID, Run: 1, State: job.Done}}, Late: []Late{{Job: old.ID, Run: 1, Result: message.Result{Parts: 99}}}}); err != nil || !moved {
		t.Errorf("got %v, %v", moved, err)
	}
}

func TestSurplusVersions(t *testing.T) {
	t.Parallel()
	s := open(t)
	var all []Version
	for _, sum := range []string{"01", "02", "03", "04"} {
		given := version(sum)
		given.Name = "prices"
		v, _, err := s.AddVersion(t.Context(), given)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	submit(t, s, all[0], "", 1)
	surplus, err := s.Surplus(t.Context(), 2)
	if err != nil || len(surplus) != 1 || surplus[0].Version != 2 {
		t.Errorf("got %+v, %v, want version 2: 1 is in use", surplus, err)
	}
	if _, err := s.RemoveVersions(t.Context(), "prices", 2, false); err != nil {
		t.Fatal(err)
	}
	used, err := s.Files(t.Context(), []string{all[0].SHA256, all[1].SHA256, strings.Repeat("ff", 32)})
	if err != nil || len(used) != 1 || !used[all[0].SHA256] {
		t.Errorf("files: got %v, %v", used, err)
	}
}

// A job cannot be given data that were removed after the check of its request, neither at
// first nor by a replacement.
func TestJobsOfRemovedVersions(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	j := submit(t, s, v, "", 1)
	gone, _, err := s.AddVersion(t.Context(), Version{Dataset: job.Dataset{Name: "gone", SHA256: strings.Repeat("cd", 32), Bytes: 1}, Owner: "mia", Audit: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RemoveVersions(t.Context(), "gone", 0, false); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]Replacement{
		"data":  {Job: j.ID, Version: j.Version, Spec: j.Spec, Dataset: gone.Dataset},
		"rates": {Job: j.ID, Version: j.Version, Spec: j.Spec, Dataset: v.Dataset, Rates: &gone.Dataset},
	} {
		if replaced, err := s.ReplaceUnsent(t.Context(), r); !problem.Is(err, problem.Conflict) || replaced {
			t.Errorf("replaced, %s: got %v, %v", name, replaced, err)
		}
		if _, _, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: r.Spec, Dataset: r.Dataset, Rates: r.Rates}); !errors.Is(err, ErrNotNewest) {
			t.Errorf("created, %s: got %v", name, err)
		}
	}
}
