package e2e

import (
	"fmt"
	"testing"
	"time"

	"foliocast/internal/job"
)

// A user's single job waits for what the worker holds, not for another user's flood.
func TestAFloodDelaysNobody(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	c.addNoise(t, 40, 300)
	flooding, other := c.addUser(t, "flooding", "manager"), c.addUser(t, "other", "manager")
	const batches, size, held = 4, 1000, 256 // held by a worker, by default
	spec := job.Spec{Dataset: "noise", Assets: []string{"*"}, Horizon: 5, Model: "auto"}
	var ids []job.BatchID
	for i := range batches {
		flood := map[string]any{"name": fmt.Sprint("flood ", i), "jobs": make([]job.Spec, size)}
		for k := range size {
			different := spec // else its forecasts would be remembered
			different.Levels = []float64{50 + float64(size*i+k)/100}
			flood["jobs"].([]job.Spec)[k] = different
		}
		var b job.Batch
		if err := c.callAs(t.Context(), flooding, c.run.url("frontend"), "POST", "/v1/batches", flood, &b); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, b.ID)
	}
	ended := func() (n int) {
		for _, id := range ids {
			var b job.Batch
			if err := c.callAs(t.Context(), flooding, c.run.url("frontend"), "GET", "/v1/batches/"+string(id), nil, &b); err != nil {
				t.Fatal(err)
			}
			n += b.Counts.Done
		}
		return n
	}
	await(t, time.Minute, "the flood to be under way", func() (bool, string) {
		n := ended()
		return n > 0, fmt.Sprint(n)
	})

	before := ended()
	var j job.Job
	if err := c.callAs(t.Context(), other, c.run.url("frontend"), "POST", "/v1/jobs", spec, &j); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); !j.State.Final() && time.Since(begun) < time.Minute; {
		if err := c.callAs(t.Context(), other, c.run.url("frontend"), "GET", "/v1/jobs/"+string(j.ID)+"?wait=5s", nil, &j); err != nil {
			t.Fatal(err)
		}
	}
	after := ended()
	t.Logf("%d of %d jobs had ended before, %d after", before, batches*size, after)
	if before > batches*size/2 {
		t.Fatal("the flood was over too soon to show anything")
	}
	if j.State != job.Done {
		t.Fatalf("the single job is %s: %v", j.State, j.Error)
	}
	// What was held, and what went on while this test asked.
	if after-before > 4*held {
		t.Errorf("%d jobs of the flood ended before the single one, want %d at most", after-before, 4*held)
	}
}
