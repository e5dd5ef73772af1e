package e2e

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Every part is killed once while 200 jobs are under way. Each job must end
// with exactly one result, without help.
func TestNoJobIsLostWhenPartsAreKilled(t *testing.T) {
	t.Parallel()
	// Work comes back when its lease ends: normally after 30 s, here after 3.
	c := startCluster(t, 2, "FOLIOCAST_LEASE=3s")
	c.addPrices(t)
	const jobs = 200
	ids := make([]job.ID, jobs)
	victims := []string{"rank 1", "rank 0", "queue", "frontend"}
	for i := range ids {
		if i%50 == 40 {
			c.kill(t, victims[i/50])
		}
		ids[i] = c.submit(t, fmt.Sprintf("key-%d", i))
	}
	c.eachDone(t, ids)
}

// eachDone checks that each job has ended with the one result that is its own.
func (c *cluster) eachDone(t testing.TB, ids []job.ID) {
	t.Helper()
	for _, id := range ids {
		j := c.waitJob(t, id, 3*time.Minute)
		if j.State != job.Done {
			t.Errorf("job %s ended as %s: %v", id, j.State, j.Error)
			continue
		}
		var answer job.Answer
		if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(id)+"/result", nil, &answer); err != nil {
			t.Errorf("result of %s: %v", id, err)
		} else if len(answer.Assets) != 4 || answer.Job != id {
			t.Errorf("job %s has the answer of %s with %d assets", id, answer.Job, len(answer.Assets))
		}
	}
	c.listedOnce(t)
}

// submit creates one job: it repeats the request under the same key until it is
// answered.
func (c *cluster) submit(t testing.TB, key string) job.ID {
	t.Helper()
	spec := job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 40, Model: "auto"}
	var created job.Job
	c.retry(t, time.Minute, func() error {
		header := http.Header{"Authorization": {"Bearer " + c.token}, "Idempotency-Key": {key}}
		_, err := problem.Call{Method: "POST", URL: c.run.url("frontend") + "/v1/jobs",
			Header: header, Body: spec, Into: &created}.Do(t.Context(), c.http)
		return err
	})
	c.sent = append(c.sent, created.ID)
	return created.ID
}

// kill ends one part without warning.
func (c *cluster) kill(t testing.TB, victim string) {
	t.Helper()
	kill9(t, c.victim(t, victim))
}

// victim is the process of a part, or of a rank.
func (c *cluster) victim(t testing.TB, name string) int {
	t.Helper()
	c.reload(t)
	rank, isRank := strings.CutPrefix(name, "rank ")
	if !isRank {
		return c.run.pid(t, name)
	}
	var pid int
	await(t, time.Minute, "a world with "+name, func() (bool, string) {
		c.reload(t)
		pid = rankPID(t, c.run.pid(t, "mpicalc"), rank)
		return pid != 0, "no such process"
	})
	return pid
}

// rankPID returns the process of a rank, a child of mpirun, or 0.
func rankPID(t testing.TB, mpirun int, rank string) int {
	for _, pid := range children(t, mpirun) {
		environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err == nil && strings.Contains("\x00"+string(environment), "\x00OMPI_COMM_WORLD_RANK="+rank+"\x00") {
			return pid
		}
	}
	return 0
}

// listedOnce checks that the list of jobs has each submitted job once.
func (c *cluster) listedOnce(t testing.TB) {
	t.Helper()
	want := slices.Sorted(slices.Values(c.sent))
	var got []job.ID
	for cursor := ""; ; {
		var page struct {
			Items []job.Job `json:"items"`
			Next  string    `json:"next"`
		}
		if err := c.call(t.Context(), "GET", "/v1/jobs?limit=100&cursor="+cursor, nil, &page); err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Items {
			got = append(got, j.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the list has %d jobs, and %d were submitted", len(got), len(want))
	}
}
