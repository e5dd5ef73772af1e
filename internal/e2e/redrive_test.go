package e2e

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/queue/message"
)

// A job dies with its world. An administrator redrives it: it is in flight again, is shown so, and
// can be cancelled; another one ends.
func TestRedrivenJobs(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1, "FOLIOCAST_MAX_ATTEMPTS=1", "FOLIOCAST_LEASE=3s")
	c.addNoise(t, 40, 300)
	operate := func(path string, body any) {
		t.Helper()
		if err := c.callAs(t.Context(), c.token, c.run.url("queue"), "POST", path, body, nil); err != nil {
			t.Fatal(err)
		}
	}
	rank0 := c.victim(t, "rank 0")
	jobs := c.submitMany(t, 100, "redriven", func(i int) job.Spec { // else their forecasts would be remembered
		return job.Spec{Dataset: "noise", Assets: []string{"*"}, Horizon: 5, Model: "auto", Levels: []float64{50 + float64(i)/10}}
	})
	await(t, time.Minute, "jobs to run", func() (bool, string) {
		all := c.inState(t, job.Running)
		return len(all) > 1, fmt.Sprint(len(all))
	})
	if err := syscall.Kill(rank0, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var dead []job.ID
	await(t, time.Minute, "jobs to die", func() (bool, string) {
		dead = c.inState(t, job.Dead)
		return len(dead) > 1, fmt.Sprint(len(dead), " of ", len(jobs))
	})
	cancelled, done := dead[0], dead[1]
	operate("/v1/queues/default/pause", nil)
	kill9(t, rank0)
	operate("/v1/dead/redrive", message.Selection{All: true})
	for _, id := range []job.ID{cancelled, done} {
		await(t, time.Minute, "the job to be queued again", func() (bool, string) {
			all := c.inState(t, job.Queued)
			return slices.Contains(all, id), fmt.Sprint(len(all))
		})
	}
	if err := c.call(t.Context(), "DELETE", fmt.Sprint("/v1/jobs/", cancelled), nil, nil); err != nil {
		t.Fatal(err)
	}
	if j := c.waitJob(t, cancelled, time.Minute); j.State != job.Cancelled {
		t.Errorf("job %s is %s, want cancelled", cancelled, j.State)
	}
	operate("/v1/queues/default/resume", nil)
	if j := c.waitJob(t, done, time.Minute); j.State != job.Done {
		t.Errorf("job %s is %s, want done: %v", done, j.State, j.Error)
	}
}

// inState lists jobs that are shown in a state.
func (c *cluster) inState(t testing.TB, state job.State) (ids []job.ID) {
	t.Helper()
	var page struct {
		Items []job.Summary `json:"items"`
	}
	if err := c.call(t.Context(), "GET", fmt.Sprint("/v1/jobs?limit=500&state=", state), nil, &page); err != nil {
		t.Fatal(err)
	}
	for _, j := range page.Items {
		ids = append(ids, j.ID)
	}
	return ids
}
