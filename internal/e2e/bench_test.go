package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// BenchmarkJobs measures jobs a second from the first submission to the last
// result: 2,000 jobs of four assets each a round, sent by 16 connections, with
// every service, PostgreSQL and a world of two ranks on this machine. The jobs
// of a round are all equal, and computed once; or ask for straight lines, which
// are cheap; or are all new.
//
//	go test -run '^$' -bench Jobs -benchtime 3x ./internal/e2e
func BenchmarkJobs(b *testing.B) {
	same := job.Spec{Dataset: "prices", Assets: []string{"A", "B", "C", "D"}, Horizon: 5, Model: "auto"}
	lines := same
	lines.Model = "trend"
	for _, c := range []struct {
		name string
		ask  func(round, i int) job.Spec
	}{
		{"same", func(int, int) job.Spec { return same }},
		{"lines", func(int, int) job.Spec { return lines }},
		{"new", func(round, i int) job.Spec {
			return job.Spec{Dataset: "noise", Assets: noiseAssets(4*i, 4), Horizon: 1 + round%8, Model: "auto"}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			cluster := startCluster(b, 2)
			cluster.addPrices(b)
			cluster.addNoise(b, 8000, 300)
			round := 0
			for b.Loop() {
				round++
				cluster.awaitAll(b, cluster.submitMany(b, 2000, fmt.Sprintf("round-%d", round), func(i int) job.Spec { return c.ask(round, i) }))
			}
			b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}

// noiseAssets names n assets of the dataset noise, from number i on.
func noiseAssets(i, n int) []string {
	names := make([]string, n)
	for k := range names {
		names[k] = fmt.Sprint("N", i+k)
	}
	return names
}

// addNoise uploads the dataset noise: assets N0, N1, … of independent noise
// around a level, on the given number of working days.
func (c *cluster) addNoise(t testing.TB, assets, days int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("date," + strings.Join(noiseAssets(0, assets), ","))
	day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for range days {
		b.WriteString("\n" + day.Format(time.DateOnly))
		for i := range assets {
			fmt.Fprintf(&b, ",%.2f", float64(100+i%50)+5*random.NormFloat64())
		}
		for day = day.AddDate(0, 0, 1); day.Weekday()%6 == 0; day = day.AddDate(0, 0, 1) {
		}
	}
	if err := c.upload(t.Context(), "noise", b.String()); err != nil {
		t.Fatalf("upload: %v", err)
	}
}

// BenchmarkAnswer reports the median time from the submission of one job to an
// idle cluster until its result is there.
func BenchmarkAnswer(b *testing.B) {
	c := startCluster(b, 2)
	c.addPrices(b)
	var took []time.Duration
	for b.Loop() {
		begun := time.Now()
		id := c.submit(b, begun.String())
		c.waitJob(b, id, time.Minute)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
}

// submitMany submits n jobs over 16 connections. spec makes each.
func (c *cluster) submitMany(t testing.TB, n int, name string, spec func(i int) job.Spec) []job.ID {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	defer client.CloseIdleConnections()
	ids := make([]job.ID, n)
	var wg sync.WaitGroup
	for sender := range 16 {
		wg.Go(func() {
			for i := sender; i < n; i += 16 {
				var created job.Job
				header := http.Header{"Authorization": {"Bearer " + c.token}, "Idempotency-Key": {fmt.Sprintf("%s-%d", name, i)}}
				if _, err := (problem.Call{Method: "POST", URL: c.run.url("frontend") + "/v1/jobs",
					Header: header, Body: spec(i), Into: &created}).Do(t.Context(), client); err != nil {
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
