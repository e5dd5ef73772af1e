package relay

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/jobtrace"
	"foliocast/internal/problem"
	"foliocast/internal/tracing"
	"foliocast/internal/tracing/tracetest"
	"foliocast/queue/message"
)

// The span of a request reaches the message of its job, the spans of the run are sent once it has ended, without those of its
// workers, and a retry follows the run before in the same trace.
func TestARunIsTraced(t *testing.T) {
	collector := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	tracer, err := tracing.New("frontend", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.relay.Tracer = tracer
	const request, trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c"
	j, _, err := w.store.CreateJob(problem.WithTraceparent(t.Context(), request), store.NewJob{Owner: "mia", Subject: "u1", Spec: w.spec(1), Dataset: w.dataset})
	w.must(err)
	untraced := w.submit(1)
	w.send()
	if got := w.queue.Traceparent(j.Key()); got != tracing.Child(request, jobtrace.ID(j.Key())) || w.queue.Traceparent(untraced.Key()) != "" {
		t.Errorf("the message is below %q", got)
	}
	steps := func() string {
		_, run, err := w.relay.Trace(t.Context(), j.ID)
		w.must(err)
		var names []string
		for _, s := range run.Spans(time.Now()) {
			names = append(names, s.Name)
		}
		return strings.Join(names, " ")
	}
	if got := steps(); got != "job outbox queue" {
		t.Errorf("while it waits, the steps are %s", got)
	}
	w.queue.Lease(j.Key(), 0)
	if got := steps(); got != "job outbox queue attempt" {
		t.Errorf("while it runs, the steps are %s", got)
	}
	lost := message.PastLease{Token: 1, Worker: "w1", LeasedAt: time.Now(), EndedAt: time.Now(), Lost: true, Error: "lease expired"}
	w.queue.End(j.Key(), message.Result{Outcome: message.Failed, Error: "bad luck", Token: 2, Past: []message.PastLease{lost}})
	w.queue.End(untraced.Key(), done(untraced.ID))
	w.collect()
	if got := steps(); got != "job outbox queue attempt queue attempt result" {
		t.Errorf("after the end, the steps are %s", got)
	}
	w.must(w.store.Retry(t.Context(), j.ID))
	w.send()
	again := w.read(j.ID)
	w.queue.Lease(again.Key(), 0)
	w.queue.End(again.Key(), message.Result{Outcome: message.Completed, Result: []byte(
		`{"job":"` + string(j.ID) + `","state":"done","overall":null,"provenance":{"seconds":{},"times":{"prepared":0.5,"started":1,"dealt":2,"arrived":2,"gathered":3,"ranks":[{"rank":1,"begin":1,"end":3,"busy":2}],"core_seconds":4.5}}}`)})
	w.collect()
	day := time.Now().UTC()
	used, err := w.store.Usage(t.Context(), day.AddDate(0, 0, -1), day.AddDate(0, 0, 2), "", 10)
	if w.must(err); len(used) != 1 || used[0].CoreSeconds != 4.5 || used[0].Runs != 3 {
		t.Errorf("the runs took %+v, want one of 4.5 core-seconds and two that do not say", used)
	}
	if got := steps(); got != "job outbox queue attempt prepare wait scatter fit rank 1 gather answer result" {
		t.Errorf("after the retry, the steps are %s", got)
	}
	if _, _, err := w.relay.Trace(t.Context(), job.ID("019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b")); !problem.Is(err, problem.NotFound) {
		t.Errorf("no such job: %v", err)
	}
	tracer.Stop()
	var names []string
	runs := map[string]tracetest.Span{}
	for _, s := range collector.Spans("") {
		names = append(names, s.Name)
		if s.Name == "job" {
			runs[s.ID] = s
		}
		if s.Trace != trace {
			t.Errorf("%s is in the trace %s", s.Name, s.Trace)
		}
	}
	if got := strings.Join(names, " "); got != "job outbox queue attempt queue result job outbox queue result" {
		t.Errorf("the service sent %s", got)
	}
	first, second := runs[jobtrace.ID(j.Key()).String()], runs[jobtrace.ID(again.Key()).String()]
	if first.Parent != "b7ad6b7169203331" || first.Fault != "bad luck" || first.Attributes["foliocast.state"] != "failed" {
		t.Errorf("the first run is %+v", first)
	}
	if second.Parent != first.Parent || len(second.Links) != 1 || second.Links[0] != first.ID || second.Fault != "" || second.Attributes["foliocast.run"] != 2 {
		t.Errorf("the second run is %+v", second)
	}
}
