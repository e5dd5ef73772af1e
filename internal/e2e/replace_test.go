package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// replaced changes a job that the queue holds: the cluster computes what it asks for
// last, and a job that has ended cannot be changed.
func (c *cluster) replaced(t *testing.T) {
	queue := func(method, path string, into any) {
		if err := c.callAs(t.Context(), c.token, c.run.url("queue"), method, "/v1/queues"+path, nil, into); err != nil {
			t.Fatal(err)
		}
	}
	// held waits until the paused queue holds the job's message, and only that.
	held := func() {
		await(t, time.Minute, "the job's message", func() (bool, string) {
			var q struct{ Queues []struct{ Waiting int } }
			queue("GET", "", &q)
			return len(q.Queues) == 1 && q.Queues[0].Waiting == 1, fmt.Sprintf("%+v", q)
		})
	}
	queue("POST", "/default/pause", nil)
	defer queue("POST", "/default/resume", nil)
	spec := job.Spec{Dataset: "prices", Assets: []string{"A"}, Model: "drift", Horizon: 1, Levels: []float64{}}
	var j job.Job
	if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
		t.Fatal(err)
	}
	held()
	change := func(etag string) (string, error) {
		header := http.Header{"Authorization": {"Bearer " + c.token}, "If-Match": {etag}}
		answer, err := problem.Call{Method: "PUT", URL: c.run.url("frontend") + "/v1/jobs/" + string(j.ID), Header: header, Body: spec, Into: &j}.Do(t.Context(), c.http)
		return answer.Get("ETag"), err
	}
	etag := `"1"`
	for spec.Horizon = 2; spec.Horizon <= 3; spec.Horizon++ {
		var err error
		if etag, err = change(etag); err != nil || j.State != job.Queued || j.Spec.Horizon != spec.Horizon {
			t.Fatalf("the change to horizon %d: got %s, horizon %d, %v", spec.Horizon, j.State, j.Spec.Horizon, err)
		}
		held()
	}
	queue("POST", "/default/resume", nil)
	if got := c.waitJob(t, j.ID, time.Minute); got.State != job.Done {
		t.Fatalf("ended as %s: %v", got.State, got.Error)
	}
	if got := c.answer(t, j.ID); len(got.Overall.Mean) != 3 {
		t.Errorf("the answer has %d steps, want those of the last change, 3", len(got.Overall.Mean))
	}
	if _, err := change(etag); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job that has ended: got %v, want conflict", err)
	}
}
