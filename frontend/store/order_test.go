package store

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/job"
)

// Pages of every order, one after the other, are what the server sorts without them.
func TestOrders(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, statement := range []string{tenDatasets, fmt.Sprintf(manyJobs, 0),
		"DELETE FROM job WHERE created_at > '2026-01-01'::timestamptz + interval '90 seconds'",
		"UPDATE job SET ended_at = '2026-02-01' WHERE state = 'done'",                         // many at once
		"UPDATE job SET started_at = ended_at + interval '1 second' WHERE state = 'failed'"} { // by clocks that differ
		if _, err := s.pool.Exec(t.Context(), statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	keys := map[job.Order]string{job.BySubmission: "created_at", job.ByEnd: "ended_at", job.ByDuration: "ended_at - started_at", job.ByDataset: "dataset"}
	for _, order := range job.Orders() {
		for _, f := range []Filter{{}, {Owner: "u1"}, {Dataset: "d1"}, {Owner: "u1", Dataset: "d1"}, {States: []job.State{job.Failed, job.Done, job.Done, job.Queued}}} {
			if order.Key() == job.ByDuration && f.Owner+f.Dataset != "" {
				continue
			}
			f.Order = order
			down := ""
			if order.Descending() {
				down = " DESC"
			}
			states := f.States
			if states == nil {
				states = job.States()
			}
			rows, err := s.pool.Query(t.Context(), fmt.Sprintf("SELECT id FROM job WHERE (%[1]s) IS NOT NULL AND state = ANY ($1) AND $2 IN ('', owner) AND $3 IN ('', dataset) ORDER BY %[1]s%[2]s, id%[2]s",
				keys[order.Key()], down), states, f.Owner, f.Dataset) // ids are in the order of submission here
			if err != nil {
				t.Fatal(err)
			}
			want, err := pgx.CollectRows(rows, pgx.RowTo[job.ID])
			if err != nil || len(want) == 0 {
				t.Fatal(want, err)
			}
			var got []job.ID
			for after := (Cursor{}); ; {
				page, err := s.Jobs(t.Context(), after, f, 3)
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range page {
					got = append(got, j.ID)
				}
				if len(page) < 3 || len(got) > len(want) {
					break
				}
				after = page[2].Cursor()
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s, %+v: %s", order, f, d)
			}
		}
	}
	if slices.Contains(job.Orders(), "") || job.Order("").Known() || job.Order("--ended").Known() {
		t.Error("an order has no name")
	}
}
