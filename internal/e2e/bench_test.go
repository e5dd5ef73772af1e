package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// BenchmarkJobs measures jobs a second from the first submission to the last
// result: 2,000 jobs of four assets each a round, sent by 16 connections, with
// every service, PostgreSQL and a world of two ranks on this machine.
//
//	go test -run '^$' -bench Jobs -benchtime 3x ./internal/e2e
func BenchmarkJobs(b *testing.B) {
	c := startCluster(b, 2)
	c.addPrices(b)
	round := 0
	for b.Loop() {
		round++
		ids := c.submitMany(b, 2000, fmt.Sprintf("round-%d", round))
		c.awaitAll(b, ids)
	}
	b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
}

// BenchmarkAnswer measures the time from sending one job to a quiet cluster
// until its result is there: the median of all.
func BenchmarkAnswer(b *testing.B) {
	c := startCluster(b, 2)
	c.addPrices(b)
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		id := c.submit(b, begun.String())
		c.waitJob(b, id, 10*time.Second)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
}

// submitMany sends n jobs by 16 connections.
func (c *cluster) submitMany(t testing.TB, n int, name string) []job.ID {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	defer client.CloseIdleConnections()
	ids := make([]job.ID, n)
	var wg sync.WaitGroup
	for sender := range 16 {
		wg.Go(func() {
			for i := sender; i < n; i += 16 {
				spec := job.Spec{Dataset: "prices", Assets: []string{"A", "B", "C", "D"}, Horizon: 5, Model: "auto"}
				var created job.Job
				header := http.Header{"Authorization": {"Bearer " + c.token}, "Idempotency-Key": {fmt.Sprintf("%s-%d", name, i)}}
				if _, err := (problem.Call{Method: "POST", URL: c.run.url("frontend") + "/v1/jobs",
					Header: header, Body: spec, Into: &created}).Do(t.Context(), client); err != nil {
					t.Error(err)
					return
				}
				ids[i] = created.ID
			}
		})
	}
	wg.Wait()
	return ids
}

// awaitAll waits for every job and fetches the result of each.
func (c *cluster) awaitAll(t testing.TB, ids []job.ID) {
	t.Helper()
	for _, id := range ids {
		if j := c.waitJob(t, id, 2*time.Minute); j.State != job.Done {
			t.Fatalf("job %s ended as %s: %v", id, j.State, j.Error)
		}
	}
}
