package e2e

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"foliocast/internal/job"
)

// BenchmarkTabs opens 200 tabs of ten people with the list of jobs, as far as the data service can tell: each has fetched the page, follows
// the events with the cookie of its session, and fetches the page again when a job is submitted. It reports the memory (RssAnon) of the data
// service beyond what it had when all had signed in: with the tabs open, and when all have fetched the page again at once.
func BenchmarkTabs(b *testing.B) {
	for b.Loop() {
		c := startCluster(b, 1)
		c.addPrices(b)
		pid := c.run.pid(b, "frontend")
		var people []*visitor
		for n := range 10 {
			who := credentials{Username: fmt.Sprintf("manager%d", n)}
			if err := c.callAs(b.Context(), c.token, c.run.url("authsvc"), "POST", "/v1/users", map[string]any{"username": who.Username, "roles": []string{"manager"}}, &who); err != nil {
				b.Fatal(err)
			}
			people = append(people, c.visitorAs(b, who))
			people[n].visit("/jobs", nil)
		}
		before := anonymousMemory(b, pid)
		var told, done sync.WaitGroup
		var streams []*http.Response
		for n := range 200 {
			v := people[n%len(people)]
			v.visit("/jobs", nil)
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, v.base+"/v1/events?kind=job", nil)
			if err != nil {
				b.Fatal(err)
			}
			resp, err := v.http.Do(req)
			if err != nil || resp.StatusCode != http.StatusOK {
				b.Fatalf("a stream: %v, %v", resp, err)
			}
			streams = append(streams, resp)
			told.Add(1)
			done.Go(func() {
				lines := bufio.NewScanner(resp.Body)
				for lines.Scan() && !strings.HasPrefix(lines.Text(), "data:") {
				}
				v.visit("/jobs", nil)
				told.Done()
				for lines.Scan() {
				}
			})
		}
		open := anonymousMemory(b, pid)
		c.submitMany(b, 1, "tabs", func(int) job.Spec {
			return job.Spec{Dataset: "prices", Assets: []string{"A"}, Horizon: 3, Model: "naive"}
		})
		told.Wait()
		b.ReportMetric(float64(open-before)/1e6, "MB-open")
		b.ReportMetric(float64(anonymousMemory(b, pid)-before)/1e6, "MB-again")
		for _, s := range streams {
			s.Body.Close()
		}
		done.Wait()
	}
}
