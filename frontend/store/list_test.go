package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// tenDatasets are those of manyJobs.
const tenDatasets = `
INSERT INTO dataset (name, newest) SELECT 'd' || d, 1 FROM generate_series(0, 9) d;
INSERT INTO dataset_version (name, version, sha256, bytes, owner, audit) SELECT 'd' || d, 1, repeat('ab', 32), 1, 'mia', '{}' FROM generate_series(0, 9) d`

// manyJobs are 10,000 jobs from a number on: of ten owners on ten datasets in all states, one of which hardly occurs, and the jobs of
// the rarest owner on the rarest dataset are the oldest. The server need not check their foreign keys.
const manyJobs = `
SET session_replication_role = replica;
INSERT INTO job (id, owner, subject, state, ended_at, created_at, dataset, dataset_version, spec, brief)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'u' || CASE WHEN n < 50 THEN 0 ELSE 1 + n %% 9 END, 's',
       s.state, CASE WHEN s.state IN ('queued', 'running') THEN NULL ELSE now() END, '2026-01-01'::timestamptz + n * interval '1 second',
       'd' || CASE WHEN n < 25 THEN 0 ELSE 1 + n / 9 %% 9 END, 1, '{"dataset":"d1","assets":["A"],"horizon":1}', '{}'
FROM generate_series(%[1]d + 1, %[1]d + 10000) n
CROSS JOIN LATERAL (SELECT CASE WHEN n %% 100000 = 1 THEN 'dead' ELSE (ARRAY['done', 'done', 'done', 'partial', 'failed', 'cancelled', 'queued'])[1 + n %% 7] END AS state) s`

// Every combination of filters is index scans that read about as many rows as they return, whatever the filter matches: on
// 300,000 jobs they took up to 1.3 s.
func TestListsReadFewRows(t *testing.T) {
	t.Parallel()
	s := open(t)
	statements := []string{tenDatasets}
	for first := 0; first < 300_000; first += 10_000 {
		statements = append(statements, fmt.Sprintf(manyJobs, first))
	}
	for _, statement := range append(statements, "VACUUM ANALYZE job") {
		if _, err := s.pool.Exec(t.Context(), statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	const limit = 100
	slowest := 0.0
	states := [][]job.State{job.States(), {job.Done}, {job.Dead}, {job.Running}, {job.Done, job.Dead, job.Queued, job.Running}}
	for _, of := range states {
		for _, c := range []struct {
			query postgres.Statement
			args  []any
		}{
			{s.sql.ListJobs, nil},
			{s.sql.ListJobsOfOwner, []any{"u0"}}, {s.sql.ListJobsOfOwner, []any{"u1"}}, {s.sql.ListJobsOfOwner, []any{"nobody"}},
			{s.sql.ListJobsOfDataset, []any{"d0"}}, {s.sql.ListJobsOfDataset, []any{"d1"}},
			{s.sql.ListJobsOfOwnerAndDataset, []any{"u0", "d0"}}, {s.sql.ListJobsOfOwnerAndDataset, []any{"u0", "d1"}}, {s.sql.ListJobsOfOwnerAndDataset, []any{"u1", "d1"}},
		} {
			for _, after := range []any{"infinity", time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), "-infinity"} {
				slowest = max(slowest, checkPlan(t, s, c.query, append([]any{after, "00000000-0000-0000-0000-000000000000", of, limit}, c.args...)))
			}
		}
	}
	// All ids, the last hundred, and none.
	for _, prefix := range []string{"0000", "00000000-0000-7000-8000-0000000493e", "ffff"} {
		p, ok := ParsePrefix(prefix)
		if !ok {
			t.Fatalf("%s is not the beginning of an id", prefix)
		}
		slowest = max(slowest, checkPlan(t, s, s.sql.ListJobsByPrefix, []any{p.first, p.last, limit}))
	}
	t.Logf("the slowest took %.1f ms", slowest)
}

// checkPlan fails the test unless the server plans the query, for arguments that it does not know, as index scans, and reads
// few pages. It returns how many milliseconds the query took.
func checkPlan(t *testing.T, s *Store, query postgres.Statement, args []any) float64 {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	for _, statement := range []string{"DEALLOCATE ALL", "PREPARE list AS " + query.SQL} {
		if _, err := tx.Exec(t.Context(), statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	var text []byte
	literals := make([]string, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case []job.State:
			literals[i] = "'{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(a), " ", ","), "[]") + "}'"
		case time.Time:
			literals[i] = "'" + a.Format(time.RFC3339) + "'"
		default:
			literals[i] = fmt.Sprintf("'%v'", a)
		}
	}
	explain := "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE list(" + strings.Join(literals, ", ") + ")"
	if err := tx.QueryRow(t.Context(), explain, pgx.QueryExecModeSimpleProtocol).Scan(&text); err != nil {
		t.Fatal(err)
	}
	var plans []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
		Time float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal(text, &plans); err != nil {
		t.Fatal(err)
	}
	// A page of 100 jobs of each of seven states is 700 rows; a row is a page of the table at most.
	if pages := plans[0].Plan.Hit + plans[0].Plan.Read; pages > 1500 || strings.Contains(string(text), "Seq Scan") {
		t.Errorf("%v reads %d pages in %.1f ms: %s", args, pages, plans[0].Time, text)
	}
	return plans[0].Time
}

// A list has jobs in brief, also those of a program that did not store it.
func TestListsAreBrief(t *testing.T) {
	t.Parallel()
	s := open(t)
	v := prices(t, s)
	for _, c := range []struct {
		spec job.Spec
		want job.Brief
	}{
		{job.Spec{Dataset: "prices", Assets: []string{"A", "B"}, Horizon: 3, Priority: 7}, job.Brief{Dataset: "prices", AssetCount: 2, Assets: []string{"A", "B"}, Model: "auto", Horizon: 3, Priority: 7}},
		{job.Spec{Dataset: "prices@1", Assets: []string{"*"}, Horizon: 1}, job.Brief{Dataset: "prices@1", Model: "auto", Horizon: 1}},
		{job.Spec{Dataset: "prices", Assets: []string{strings.Repeat("x", 1000)}, Horizon: 1}, job.Brief{Dataset: "prices", AssetCount: 1, Model: "auto", Horizon: 1}},
		{job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 2, Kind: job.KindBacktest, Origins: 4, Models: []string{"naive", "ar"}},
			job.Brief{Dataset: "prices", Kind: job.KindBacktest, Model: "naive", Models: []string{"naive", "ar"}, Origins: 4, Horizon: 2}},
	} {
		made, _, err := s.CreateJob(t.Context(), NewJob{Owner: "mia", Subject: "u1", Spec: c.spec.Defaulted(), Dataset: v.Dataset})
		if err != nil {
			t.Fatal(err)
		}
		for _, old := range []bool{false, true} {
			want := made.Summary()
			want.Spec = c.want
			if old {
				if _, err := s.pool.Exec(t.Context(), "UPDATE job SET brief = NULL"); err != nil {
					t.Fatal(err)
				}
				want.Spec.Assets = nil
			}
			page, err := s.Jobs(t.Context(), Cursor{}, Filter{}, 1)
			if err != nil || len(page) != 1 {
				t.Fatal(page, err)
			}
			want.Spec.Model = made.Spec.Model
			if d := cmp.Diff(want, page[0].Summary); d != "" {
				t.Errorf("%v, old %v: %s", fmt.Sprint(c.spec.Assets)[:4], old, d)
			}
		}
	}
}
