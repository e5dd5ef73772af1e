package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	frontend "foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/tracing/tracetest"
)

// One trace goes from the client to the result, through every program, with the time of each rank; a job whose world is killed
// has a second attempt that follows the first; and a collector that hangs holds no job up.
func TestTrace(t *testing.T) {
	t.Parallel()
	collector := tracetest.New(t)
	c := startCluster(t, 3, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_BSP_SCHEDULE_DELAY=100")
	c.login(t)
	if err := c.upload(t.Context(), "many", manySeries(1500, 200)); err != nil {
		t.Fatal(err)
	}
	submit := func() job.ID {
		return job.ID(strings.TrimSpace(c.foliocast(t, "job", "submit", "--dataset", "many", "--assets", "*", "--model", "auto", "--horizon", "8")))
	}
	first := submit()
	c.waitJob(t, first, 2*time.Minute)
	spans := c.traceOf(t, collector, first, 1)
	one := func(name string) tracetest.Span {
		t.Helper()
		at := slices.IndexFunc(spans, func(s tracetest.Span) bool { return s.Name == name })
		if at < 0 {
			t.Fatalf("the trace has no %s: %v", name, names(spans))
		}
		return spans[at]
	}
	for _, want := range []struct{ name, service, parent string }{
		{"foliocast job submit", "foliocast", ""},
		{"POST /v1/jobs", "frontend", "foliocast job submit"},
		{"job", "frontend", "POST /v1/jobs"},
		{"outbox", "frontend", "job"}, {"queue", "frontend", "job"}, {"attempt", "mpicalc", "job"}, {"result", "frontend", "job"},
		{"POST /v1/messages", "queue", "job"},
		{"prepare", "mpicalc", "attempt"}, {"wait", "mpicalc", "attempt"}, {"scatter", "mpicalc", "attempt"}, {"gather", "mpicalc", "attempt"}, {"answer", "mpicalc", "attempt"},
		{"fit rank 0", "mpicalc", "attempt"}, {"fit rank 1", "mpicalc", "attempt"}, {"fit rank 2", "mpicalc", "attempt"},
	} {
		s := one(want.name)
		if s.Service != want.service || want.parent == "" && s.Parent != "" || want.parent != "" && s.Parent != one(want.parent).ID {
			t.Errorf("%s: got %+v, want it from %s below %q", want.name, s, want.service, want.parent)
		}
	}
	addUp := func(parent string) {
		t.Helper()
		whole := one(parent)
		var parts []tracetest.Span
		for _, s := range spans {
			if s.Parent == whole.ID && !strings.HasPrefix(s.Name, "POST ") {
				parts = append(parts, s)
			}
		}
		if got := covered(parts); math.Abs(got-whole.Seconds()) > 0.05*whole.Seconds() {
			t.Errorf("the parts of %s take %.3f s of %.3f s: %+v", parent, got, whole.Seconds(), parts)
		}
	}
	addUp("job")
	addUp("attempt")

	// The services have the same spans without a collector.
	var shown frontend.Trace
	if err := json.Unmarshal([]byte(c.foliocast(t, "job", "trace", string(first), "--json")), &shown); err != nil {
		t.Fatal(err)
	}
	requests := len(slices.DeleteFunc(names(spans), func(name string) bool {
		return !strings.Contains(name, "POST") && !strings.HasPrefix(name, "foliocast")
	}))
	if shown.Trace != spans[0].Trace || len(shown.Spans) != len(spans)-requests {
		t.Errorf("foliocast job trace shows %+v, the collector has %v", shown, names(spans))
	}
	for _, s := range shown.Spans {
		if at := slices.IndexFunc(spans, func(sent tracetest.Span) bool { return sent.ID == s.ID && sent.Name == s.Name }); at < 0 {
			t.Errorf("the collector has not got %+v", s)
		} else if took := s.End.Sub(s.Begin).Seconds(); math.Abs(took-spans[at].Seconds()) > 0.05*one("job").Seconds() {
			t.Errorf("%s took %.3f s here and %.3f s there", s.Name, took, spans[at].Seconds())
		}
	}

	// A world dies with a job. Another dataset, so that nothing is cached.
	if err := c.upload(t.Context(), "many", manySeries(4000, 250)); err != nil {
		t.Fatal(err)
	}
	second := submit()
	await(t, time.Minute, "the job to run", func() (bool, string) {
		var j job.Job
		err := c.call(t.Context(), "GET", "/v1/jobs/"+string(second), nil, &j)
		return err == nil && j.State == job.Running && j.Progress > 0, fmt.Sprintf("%s %v %v", j.State, j.Progress, err)
	})
	c.kill(t, "rank 1")
	c.waitJob(t, second, 2*time.Minute)
	spans = c.traceOf(t, collector, second, 2)
	var attempts []tracetest.Span
	for _, s := range spans {
		if s.Name == "attempt" {
			attempts = append(attempts, s)
		}
	}
	if len(attempts) != 2 || attempts[0].Service != "frontend" || attempts[0].Fault == "" || attempts[1].Service != "mpicalc" || attempts[1].Fault != "" ||
		!slices.Equal(attempts[1].Links, []string{attempts[0].ID}) {
		t.Errorf("the attempts are %+v", attempts)
	}
	addUp("job")

	collector.Hang()
	third := submit()
	begin := time.Now()
	if j := c.waitJob(t, third, 2*time.Minute); j.State != job.Done {
		t.Errorf("while the collector hangs, the job is %s after %v", j.State, time.Since(begin))
	}
}

// traceOf returns the spans of a job once all have come: as many attempts, and the last ones.
func (c *cluster) traceOf(t *testing.T, collector *tracetest.Collector, id job.ID, attempts int) (spans []tracetest.Span) {
	t.Helper()
	await(t, 30*time.Second, "the spans of job "+string(id), func() (bool, string) {
		counts := map[string]int{}
		for _, s := range collector.Spans("") {
			if s.Name == "job" && s.Attributes["foliocast.job_id"] == string(id) {
				spans = collector.Spans(s.Trace)
			}
		}
		for _, s := range spans {
			counts[s.Name]++
		}
		return counts["attempt"] == attempts && counts["gather"] == 1 && counts["result"] == 1 && counts["foliocast job submit"] == 1 && counts["POST /v1/jobs"] == 1 &&
			counts["POST /v1/messages"] == 1, fmt.Sprint(counts)
	})
	return spans
}

func names(spans []tracetest.Span) (all []string) {
	for _, s := range spans {
		all = append(all, s.Name)
	}
	return all
}

// covered is how many seconds lie within any of the spans, which are in the order of their beginnings.
func covered(spans []tracetest.Span) (sum float64) {
	var until time.Time
	for _, s := range spans {
		from := s.Begin
		if from.Before(until) {
			from = until
		}
		if s.End.After(from) {
			sum += s.End.Sub(from).Seconds()
			until = s.End
		}
	}
	return sum
}
