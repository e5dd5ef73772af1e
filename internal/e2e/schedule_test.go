package e2e

import (
	"fmt"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/serve/servetest"
)

// schedules runs a chain, a batch, a job with a time and a schedule through the real services.
func (c *cluster) schedules(t *testing.T) {
	spec := job.Spec{Dataset: "prices", Assets: []string{"A"}, Model: "naive", Horizon: 1}
	post := func(path string, body, into any) {
		t.Helper()
		if err := c.call(t.Context(), "POST", path, body, into); err != nil {
			t.Fatal(err)
		}
	}
	chain := make([]job.Job, 3)
	for i := range chain {
		next := spec
		if i == 0 {
			next.NotBefore = time.Now().Add(2 * time.Second)
		} else {
			next.After = []job.ID{chain[i-1].ID}
		}
		post("/v1/jobs", next, &chain[i])
	}
	var batch job.Batch
	post("/v1/batches", map[string]any{"name": "night", "jobs": []job.Spec{spec, spec, spec}}, &batch)
	ended := make([]job.Job, 3)
	for i, j := range chain {
		if ended[i] = c.waitJob(t, j.ID, time.Minute); ended[i].State != job.Done {
			t.Fatalf("job %d of the chain ended as %s: %+v", i, ended[i].State, ended[i].Error)
		}
		if i > 0 && ended[i].StartedAt.Before(*ended[i-1].EndedAt) {
			t.Errorf("job %d began at %s, before the end of the one before at %s", i, ended[i].StartedAt, ended[i-1].EndedAt)
		}
	}
	if begun := *ended[0].StartedAt; begun.Before(ended[0].Spec.NotBefore) {
		t.Errorf("the first job began at %s, and not before %s", begun, ended[0].Spec.NotBefore)
	}
	if err := c.call(t.Context(), "GET", "/v1/batches/"+string(batch.ID)+"?wait=60s", nil, &batch); err != nil || *batch.Counts != (job.Counts{Done: 3}) {
		t.Errorf("the batch: %+v, %v", batch.Counts, err)
	}
	c.schedule(t, spec)
}

// schedule fires each second for a manager, until the manager is removed.
func (c *cluster) schedule(t *testing.T, spec job.Spec) {
	token := c.addUser(t, "sam", "manager")
	body := map[string]any{"name": "often", "cron": "* * * * * *", "zone": "Europe/Berlin", "job": spec}
	if err := c.callAs(t.Context(), token, c.run.url("frontend"), "POST", "/v1/schedules", body, nil); err != nil {
		t.Fatal(err)
	}
	var now job.Schedule
	until := func(what string, met func() bool) {
		t.Helper()
		servetest.Until(t, what, func() bool {
			if err := c.call(t.Context(), "GET", "/v1/schedules/often", nil, &now); err != nil {
				t.Fatal(err)
			}
			return met()
		})
	}
	until("it has fired twice", func() bool { return now.Fired >= 2 })
	if j := c.waitJob(t, now.LastJob, time.Minute); j.State != job.Done || j.Owner != "sam" {
		t.Errorf("its job of %s ended as %s: %+v", j.Owner, j.State, j.Error)
	}
	if err := c.callAs(t.Context(), c.token, c.run.url("authsvc"), "DELETE", "/v1/users/sam", nil, nil); err != nil {
		t.Fatal(err)
	}
	until("it is paused", func() bool { return now.Paused && now.PausedReason != "" })
	if err := c.call(t.Context(), "DELETE", "/v1/schedules/often", nil, nil); err != nil {
		t.Error(fmt.Errorf("remove it: %w", err))
	}
}
