package api

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", "step,A\n1,1\n2,2\n3,3\n")
	now := time.Now()
	for i, subject := range []string{"u1", "u2", "u3"} {
		j, _, err := s.store.CreateJob(t.Context(), store.NewJob{Owner: "name of " + subject, Subject: subject, Spec: job.Spec{Dataset: "prices", Assets: []string{"A"}, Horizon: 1, Model: "naive"},
			Dataset: job.Dataset{Name: "prices", Version: 1}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.store.End(t.Context(), store.Outcome{Job: j.ID, Run: 1, State: job.Done, EndedAt: &now, CoreSeconds: float64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	today := now.UTC().Format(time.DateOnly)
	c := s.as(auth.Manager)
	got, err := c.Usage(t.Context(), today, today)
	want := client.UsagePage{From: today, To: today, Owners: []client.Usage{{Subject: "u1", Owner: "name of u1", Runs: 1}, {Subject: "u2", Owner: "name of u2", Runs: 1, CoreSeconds: 1},
		{Subject: "u3", Owner: "name of u3", Runs: 1, CoreSeconds: 2}}}
	if diff := cmp.Diff(got, want); err != nil || diff != "" {
		t.Errorf("%v, (-got +want)\n%s", err, diff)
	}
	if got, err := c.Usage(t.Context(), "", ""); err != nil || len(got.Owners) != 3 || got.From != now.UTC().AddDate(0, 0, -29).Format(time.DateOnly) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := c.Usage(t.Context(), "2020-01-01", "2020-01-31"); err != nil || len(got.Owners) != 0 || got.To != "2020-01-31" {
		t.Errorf("%+v, %v", got, err)
	}
	pages := 0
	for cursor := ""; pages == 0 || cursor != ""; pages++ {
		var page client.UsagePage
		a := s.send("GET", "/v1/usage?limit=1&cursor="+cursor, "")
		if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != 200 || len(page.Owners) != 1 {
			t.Fatalf("page %d: %v, %d, %s", pages, err, a.status, a.body)
		}
		cursor = page.Next
	}
	if pages != 3 {
		t.Errorf("%d pages of one owner each, want 3", pages)
	}
	for _, bad := range [][2]string{{"yesterday", ""}, {"", "2026-02-30"}, {"2026-02-02", "2026-02-01"}, {"0000-01-01", ""}} {
		if _, err := c.Usage(t.Context(), bad[0], bad[1]); !problem.Is(err, problem.Invalid) {
			t.Errorf("from %q to %q: %v, want that it is invalid", bad[0], bad[1], err)
		}
	}
}

// Thirty days by default, the last one included.
func TestUsageDays(t *testing.T) {
	t.Parallel()
	in := usageInput{To: "2026-03-01"}
	from, before, err := in.days(time.Time{})
	if err != nil || from.Format(time.DateOnly) != "2026-01-31" || before.Format(time.DateOnly) != "2026-03-02" {
		t.Errorf("%s to %s, %v", from, before, err)
	}
}
