package worker_test

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/tracing"
	"foliocast/internal/tracing/tracetest"
	"foliocast/mpicalc/worker"
)

// The spans of a lease are below the one that the lease names, say what each rank did, and cover the time from the lease to the
// answer, whose times the data service gets, too.
func TestTheSpansOfALease(t *testing.T) {
	collector := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	tracer, err := tracing.New("mpicalc", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := newDataService(t, 40, 60)
	q := newFakeQueue(t, s.task("job", func(spec *job.Spec) { spec.Assets = []string{"*"}; spec.Model = "auto" }))
	q.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	pause := ranks{pause: 2 * time.Millisecond}
	if err := workWith(t.Context(), t, q, s, worker.Config{Drain: true, Tracer: tracer}, pause); err != nil {
		t.Fatal(err)
	}
	tracer.Stop()
	all := collector.Spans("0af7651916cd43dd8448eb211c80319c")
	at := slices.IndexFunc(all, func(s tracetest.Span) bool { return s.Name == "attempt" })
	if at < 0 || all[at].Parent != "b7ad6b7169203331" || all[at].Attributes["foliocast.worker"] != "w1" || all[at].Fault != "" {
		t.Fatalf("got %+v", all)
	}
	attempt := all[at]
	all = slices.Delete(all, at, at+1)
	slices.SortFunc(all, func(a, b tracetest.Span) int { return cmp.Or(a.Begin.Compare(b.Begin), a.End.Compare(b.End)) })
	var names []string
	covered, until := 0.0, attempt.Begin
	for _, s := range all {
		names = append(names, s.Name)
		if s.Parent != attempt.ID || s.Begin.Before(attempt.Begin) || s.End.After(attempt.End) || s.End.Before(s.Begin) {
			t.Errorf("%s is not within its parent: %+v", s.Name, s)
		}
		if s.End.After(until) {
			covered += s.End.Sub(until.Add(max(s.Begin.Sub(until), 0))).Seconds()
			until = s.End
		}
		if strings.HasPrefix(s.Name, "fit") && s.Attributes["foliocast.busy_seconds"].(float64) <= 0 {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	slices.Sort(names)
	if got := strings.Join(names, ", "); got != "answer, fit rank 0, fit rank 1, gather, prepare, scatter, wait" {
		t.Errorf("the spans are %s", got)
	}
	if share := covered / attempt.Seconds(); share < 0.95 {
		t.Errorf("the spans cover %.2f of the attempt: %+v", share, all)
	}
	times := q.answer(0).Provenance.Times
	if times == nil || len(times.Ranks) != 2 || times.Gathered < times.Ranks[0].End || times.Gathered > attempt.Seconds() {
		t.Errorf("the answer says %+v", times)
	}
	busy := 0.0
	for _, r := range times.Ranks {
		busy += r.Busy
	}
	if times.Cores < busy*0.999 { // of one thread or more
		t.Errorf("%v core-seconds of ranks that were busy for %v s", times.Cores, busy)
	}
}

// A job that a worker gives back, or cannot read, has a span that says so.
func TestAFaultIsInTheSpan(t *testing.T) {
	collector := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	tracer, err := tracing.New("mpicalc", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := newDataService(t, 2, 40)
	q := newFakeQueue(t, map[string]string{"job": ""})
	q.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if err := work(t.Context(), t, q, s, worker.Config{Drain: true, Tracer: tracer}); err != nil {
		t.Fatal(err)
	}
	tracer.Stop()
	if all := collector.Spans(""); len(all) != 1 || !strings.HasPrefix(all[0].Fault, "the task cannot be read") {
		t.Errorf("got %+v", all)
	}
}
