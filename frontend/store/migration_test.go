package store

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

// A database of the version before has replacements that were begun, and entries of
// the outbox that it counts as unsent though they may have been sent.
func TestMigrationOfReplacements(t *testing.T) {
	t.Parallel()
	before := migrationsUpTo(t, 3)
	schema := pgtest.Schema(t)
	old, err := postgres.Open(t.Context(), pgtest.URL(t), schema, before, 2)
	if err != nil {
		t.Fatal(err)
	}
	id := func(digit string) job.ID { return job.ID("00000000-0000-7000-8000-00000000000" + digit) }
	_, err = old.Exec(t.Context(), `
		INSERT INTO dataset (name) VALUES ('prices');
		INSERT INTO dataset_version (name, version, sha256, bytes, owner, audit) VALUES ('prices', 1, repeat('ab', 32), 100, 'mia', '{}');
		INSERT INTO job (id, owner, subject, dataset, dataset_version, spec, run, version, base, state, ended_at, cancelling)
		SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'mia', 'u1', 'prices', 1, '{"horizon":1}', 2, 5, 3, state, ended_at, cancelling
		FROM (VALUES (1, 'queued', null, false), (2, 'done', now(), false), (3, 'queued', null, true), (4, 'queued', null, false)) AS made (n, state, ended_at, cancelling);
		INSERT INTO replacement (job, run, revision, spec, dataset, dataset_version)
		SELECT id, 2, 3, '{"horizon":9}', 'prices', 1 FROM job WHERE id <> '00000000-0000-7000-8000-000000000004';
		INSERT INTO outbox (job, action, bytes, taken_at) VALUES
			('00000000-0000-7000-8000-000000000001', 'enqueue', 1, '-infinity'),
			('00000000-0000-7000-8000-000000000003', 'cancel', 0, NULL),
			('00000000-0000-7000-8000-000000000004', 'enqueue', 1, NULL)`)
	old.Close()
	if err != nil {
		t.Fatal(err)
	}
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, Migrations(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := New(pool)
	type seen struct{ Horizon, Run, Version int }
	got := map[job.ID]seen{}
	for _, n := range []string{"1", "2", "3", "4"} {
		j := read(t, s, id(n))
		got[id(n)] = seen{j.Spec.Horizon, j.Run, j.Version}
	}
	want := map[job.ID]seen{id("1"): {9, 3, 6}, id("2"): {1, 2, 5}, id("3"): {1, 2, 5}, id("4"): {1, 2, 5}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("replacements:", d)
	}
	if unsent, err := s.ReplaceUnsent(t.Context(), Replacement{Job: id("4"), Version: 5, Spec: spec(7), Dataset: job.Dataset{Name: "prices", Version: 1}}); unsent || err != nil {
		t.Errorf("an entry from before counts as unsent: %v, %v", unsent, err)
	}
	var keys []string
	for range 2 { // a cancellation comes after the upload of its run
		entries, err := s.Take(t.Context(), 10, 1<<30, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			keys = append(keys, string(e.Action)+" "+e.Key())
		}
		must(t, "settle", func(ctx context.Context) error { return s.Settle(ctx, entries...) })
	}
	wantKeys := []string{"enqueue " + string(id("1")) + "#2", "cancel " + string(id("3")) + "#2", "enqueue " + string(id("4")) + "#2",
		"enqueue " + string(id("1")) + "#3", "cancel " + string(id("1")) + "#2"}
	if d := cmp.Diff(wantKeys, keys); d != "" {
		t.Error("the outbox:", d)
	}
}

// An administrator who goes back to the version before keeps the entries of each
// job's current run, and none of them counts as unsent if it may have been sent.
func TestMigrationOfReplacementsBack(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), pgtest.Schema(t), Migrations(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	text, err := fs.ReadFile(Migrations(), "00004_replaced_runs.sql")
	if err != nil {
		t.Fatal(err)
	}
	up, down, found := strings.Cut(string(text), "-- +goose Down")
	if !found {
		t.Fatal("the migration has no way back")
	}
	exec := func(what, sql string) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	exec("fill", `
		INSERT INTO dataset (name) VALUES ('prices');
		INSERT INTO dataset_version (name, version, sha256, bytes, owner, audit) VALUES ('prices', 1, repeat('ab', 32), 100, 'mia', '{}');
		INSERT INTO job (id, owner, subject, dataset, dataset_version, spec, run, version)
		VALUES ('00000000-0000-7000-8000-000000000001', 'mia', 'u1', 'prices', 1, '{"horizon":1}', 2, 5);
		INSERT INTO outbox (job, run, action, bytes, maybe_sent) VALUES
			('00000000-0000-7000-8000-000000000001', 1, 'cancel', 0, false),
			('00000000-0000-7000-8000-000000000001', 2, 'enqueue', 1, true),
			('00000000-0000-7000-8000-000000000001', 2, 'cancel', 0, false)`)
	exec("down", down)
	rows, err := pool.Query(t.Context(), "SELECT action || ' ' || (taken_at IS NULL)::text FROM outbox ORDER BY action")
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"cancel true", "enqueue false"}, got); d != "" {
		t.Error("the outbox, and what counts as unsent:", d)
	}
	exec("up again", up)
	if j := read(t, New(pool), "00000000-0000-7000-8000-000000000001"); j.Run != 2 || j.Version != 5 {
		t.Errorf("got run %d and version %d, want 2 and 5", j.Run, j.Version)
	}
}

// A version from before has a column without a name, and its jobs are about it. An
// administrator who goes back keeps the versions and the jobs.
func TestMigrationOfColumns(t *testing.T) {
	t.Parallel()
	before := migrationsUpTo(t, 5)
	schema := pgtest.Schema(t)
	old, err := postgres.Open(t.Context(), pgtest.URL(t), schema, before, 2)
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.Exec(t.Context(), `
		INSERT INTO dataset (name, newest) VALUES ('prices', 1);
		INSERT INTO dataset_version (name, version, sha256, bytes, owner, audit) VALUES ('prices', 1, repeat('aa', 32), 9, 'mia', '{}');
		INSERT INTO job (id, owner, subject, dataset, dataset_version, spec)
		VALUES ('00000000-0000-7000-8000-000000000001', 'mia', 'u1', 'prices', 1, '{"horizon":1}')`)
	old.Close()
	if err != nil {
		t.Fatal(err)
	}
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, Migrations(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := New(pool)
	v, err := s.Version(t.Context(), "prices", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, s, "00000000-0000-7000-8000-000000000001").Dataset; got != v.Dataset || v.Column != "" || v.Further != nil {
		t.Errorf("the job is about %+v, the version is %+v", got, v)
	}
	// The same file gets a version that knows its columns.
	if v, added, err := s.AddVersion(t.Context(), withColumns("aa", "close", further("open", "01"))); err != nil || !added || v.Version != 2 {
		t.Errorf("got version %d, %v, %v, want a second", v.Version, added, err)
	}
	text, err := fs.ReadFile(Migrations(), "00006_columns.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, down, _ := strings.Cut(string(text), "-- +goose Down")
	if _, err := pool.Exec(t.Context(), down); err != nil {
		t.Fatal(err)
	}
	var versions, jobs int
	if err := pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM dataset_version), (SELECT count(*) FROM job)").Scan(&versions, &jobs); err != nil || versions != 2 || jobs != 1 {
		t.Errorf("there are %d versions and %d jobs, %v, want 2 and 1", versions, jobs, err)
	}
}

// migrationsUpTo are the first n migrations.
func migrationsUpTo(t *testing.T, n int) fstest.MapFS {
	t.Helper()
	names, err := fs.Glob(Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	first := fstest.MapFS{}
	for _, name := range names[:n] {
		text, err := fs.ReadFile(Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		first[name] = &fstest.MapFile{Data: text}
	}
	return first
}
