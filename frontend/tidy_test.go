package frontend

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/archive"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, store.Migrations())
	s := store.New(pool)
	files, err := archive.Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var last store.Version
	for _, sum := range []string{"01", "02"} {
		if last, _, err = s.AddVersion(t.Context(), store.Version{Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat(sum, 32), Bytes: 10}, Owner: "mia", Audit: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	j, _, err := s.CreateJob(t.Context(), store.NewJob{Owner: "mia", Subject: "u1", Spec: job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 1}.Defaulted(), Dataset: last.Dataset})
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-time.Hour)
	if err := s.End(t.Context(), store.Outcome{Job: j.ID, Run: 1, State: job.Done, EndedAt: &before}); err != nil {
		t.Fatal(err)
	}
	gone := func() (jobs, versions bool) {
		_, err := s.Job(t.Context(), j.ID)
		_, err2 := s.Version(t.Context(), "prices", 1)
		return problem.Is(err, problem.NotFound), problem.Is(err2, problem.NotFound)
	}
	for _, c := range []struct {
		name           string
		keep           Keep
		jobs, versions bool
	}{
		{"off", Keep{}, false, false},
		{"a dry run", Keep{Jobs: time.Minute, Versions: 1, Dry: true}, false, false},
		{"enough time and room", Keep{Jobs: 2 * time.Hour, Versions: 2}, false, false},
		{"one version", Keep{Jobs: 2 * time.Hour, Versions: 1}, false, true},
		{"a minute", Keep{Jobs: time.Minute}, true, true},
	} {
		tidier{slog.New(slog.DiscardHandler), s, files, c.keep}.tidy(t.Context())
		if jobs, versions := gone(); jobs != c.jobs || versions != c.versions {
			t.Errorf("%s: removed the job %v and the version %v, want %v and %v", c.name, jobs, versions, c.jobs, c.versions)
		}
	}
	if _, err := s.Version(t.Context(), "prices", 2); err != nil {
		t.Errorf("the newest version: %v", err)
	}
}

// Datasets that requests in the flat form have left are removed once no job needs them, whatever the policy says. Others stay.
func TestDatasetsOfRequests(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, store.Migrations())
	s := store.New(pool)
	files, err := archive.Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	add := func(name, audit string) store.Version {
		v, _, err := s.AddVersion(t.Context(), store.Version{Dataset: job.Dataset{Name: name, SHA256: strings.Repeat("01", 32), Bytes: 10}, Owner: "mia", Audit: []byte(audit)})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	add("nixtla-a", `{"form":"flat"}`)
	used := add("nixtla-b", `{"form":"flat"}`)
	add("nixtla-c", `{"form":"long"}`)
	if _, err := pool.Exec(t.Context(), "UPDATE dataset_version SET created_at = now() - interval '1 hour'"); err != nil {
		t.Fatal(err)
	}
	add("nixtla-d", `{"form":"flat"}`)
	if _, _, err := s.CreateJob(t.Context(), store.NewJob{Owner: "mia", Subject: "u1", Spec: job.Spec{Dataset: "nixtla-b", Assets: []string{"*"}, Horizon: 1}.Defaulted(), Dataset: used.Dataset}); err != nil {
		t.Fatal(err)
	}
	tidier{slog.New(slog.DiscardHandler), s, files, Keep{Dry: true}}.tidy(t.Context())
	all, err := s.Datasets(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, v := range all {
		left = append(left, v.Name)
	}
	if got := strings.Join(left, " "); got != "nixtla-b nixtla-c nixtla-d" {
		t.Errorf("%s are left: the first is used, the second was uploaded and the third is new", got)
	}
}
