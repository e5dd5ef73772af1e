package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

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
INSERT INTO job (id, owner, subject, state, started_at, ended_at, created_at, dataset, dataset_version, spec, brief)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'u' || CASE WHEN n < 50 THEN 0 ELSE 1 + n %% 9 END, 's',
       s.state, CASE WHEN s.state NOT IN ('queued', 'cancelled') THEN s.at + interval '1 second' END,
       CASE WHEN s.state NOT IN ('queued', 'running') THEN s.at + (2 + n * 89 %% 9973) * interval '1 second' END, s.at,
       'd' || CASE WHEN n < 25 THEN 0 ELSE 1 + n / 9 %% 9 END, 1, '{"dataset":"d1","assets":["A"],"horizon":1}', '{}'
FROM generate_series(%[1]d + 1, %[1]d + 10000) n
CROSS JOIN LATERAL (SELECT CASE WHEN n %% 50000 = 1 THEN 'dead' ELSE (ARRAY['done', 'done', 'done', 'partial', 'failed', 'cancelled', 'queued'])[1 + n %% 7] END AS state,
       '2026-01-01'::timestamptz + n * interval '1 second' AS at) s`

// Every combination of filters is index scans that read about as many rows as they return, whatever the filter matches: on
// 300,000 jobs they took up to 1.3 s.
func TestListsReadFewRows(t *testing.T) {
	t.Parallel()
	s := open(t)
	statements := []string{tenDatasets}
	for first := 0; first < 100_000; first += 10_000 {
		statements = append(statements, fmt.Sprintf(manyJobs, first))
	}
	for _, statement := range append(statements, "VACUUM ANALYZE job") {
		if _, err := s.pool.Exec(t.Context(), statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	const limit = 100
	slowest := 0.0
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	states := [][]job.State{nil, {job.Done}, {job.Dead}, {job.Running}, {job.Done, job.Dead, job.Queued, job.Running}}
	for _, of := range states {
		for _, order := range job.Orders() {
			for _, f := range []Filter{{}, {Owner: "u0"}, {Owner: "u1"}, {Owner: "nobody"}, {Dataset: "d0"}, {Dataset: "d1"},
				{Owner: "u0", Dataset: "d0"}, {Owner: "u0", Dataset: "d1"}, {Owner: "u1", Dataset: "d1"}} {
				if order.Key() == job.ByDuration && f.Owner+f.Dataset != "" {
					continue
				}
				f.States, f.Order = of, order
				id := job.ID("00000000-0000-0000-0000-000000000000")
				for _, after := range []Cursor{{}, {CreatedAt: noon, EndedAt: noon, Took: 5000 * time.Second, Dataset: "d5", ID: id},
					{CreatedAt: noon.AddDate(-10, 0, 0), EndedAt: noon.AddDate(-10, 0, 0), Took: -time.Hour, Dataset: "a", ID: id}} {
					query, args := s.listing(after, f, limit)
					slowest = max(slowest, checkPlan(t, s, query, args))
				}
			}
		}
	}
	// All ids, the last hundred, and none.
	for _, prefix := range []string{"0000", "00000000-0000-7000-8000-00000001869", "ffff"} {
		p, ok := ParsePrefix(prefix)
		if !ok {
			t.Fatalf("%s is not the beginning of an id", prefix)
		}
		slowest = max(slowest, checkPlan(t, s, s.sql.ListJobsByPrefix, []any{p.first, p.last, limit}))
	}
	for _, keep := range []time.Duration{-100 * 365 * 24 * time.Hour, 100 * 365 * 24 * time.Hour} { // all, and none
		slowest = max(slowest, checkPlan(t, s, s.sql.ListExpired, []any{keep.Seconds(), limit, job.Ended()}))
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
		case time.Duration:
			literals[i] = fmt.Sprintf("'%d microseconds'", a.Microseconds())
		case pgtype.Timestamptz:
			literals[i] = fmt.Sprintf("'%v'", a.InfinityModifier)
		case pgtype.Text:
			literals[i] = map[bool]string{false: "NULL", true: "'" + a.String + "'"}[a.Valid]
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
