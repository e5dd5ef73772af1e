package tracing

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/tracing/tracetest"
)

func newTracer(t *testing.T, endpoint string) *Tracer {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
	tracer, err := New("program", "v1", slog.New(slog.DiscardHandler))
	if err != nil || tracer == nil {
		t.Fatalf("got the tracer %v and %v", tracer, err)
	}
	return tracer
}

// A span that is recorded after its end has the id, the parent, the times and the link that were known before.
func TestSpansAreSent(t *testing.T) {
	collector := tracetest.New(t)
	tracer := newTracer(t, collector.URL)
	root := tracer.Begin("", "POST /v1/jobs", true)
	parent := root.Traceparent()
	name, rootID, ok := Trace(parent)
	if !ok {
		t.Fatalf("a span has the traceparent %q", parent)
	}
	begin := time.Unix(1_700_000_000, 5000)
	first, second := ID("attempt", "job-1", "1"), ID("attempt", "job-1", "2")
	tracer.Record(parent, Span{Name: "attempt", ID: second, Parent: rootID, Begin: begin, End: begin.Add(time.Second), Follows: first, Fault: "lease lost",
		Attributes: map[string]any{"ranks": 4, "host": "a", "share": 0.5, "last": true}})
	root.End("", map[string]any{"http.response.status_code": 201})
	tracer.Stop()
	got := collector.Spans(name)
	if len(got) != 2 {
		t.Fatalf("got %d spans, want 2", len(got))
	}
	want := tracetest.Span{Service: "program", Name: "attempt", Trace: name, ID: second.String(), Parent: rootID.String(), Links: []string{first.String()},
		Begin: begin, End: begin.Add(time.Second), Fault: "lease lost", Attributes: map[string]any{"ranks": 4, "host": "a", "share": 0.5, "last": true}}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("the attempt (-want +got):\n%s", diff)
	}
	if got[1].Parent != "" || got[1].ID != rootID.String() || got[1].Attributes["http.response.status_code"] != 201 {
		t.Errorf("the request is %+v", got[1])
	}
}

// A caller that records nothing is followed, and so is one that sends nonsense.
func TestWhatIsNotSampledIsNotSent(t *testing.T) {
	collector := tracetest.New(t)
	tracer := newTracer(t, collector.URL)
	for _, parent := range []string{"", "nonsense", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-00000000000000000000000000000000-b7ad6b7169203331-01"} {
		tracer.Record(parent, Span{Name: "attempt", Parent: ID("job"), Begin: time.Now(), End: time.Now()})
	}
	tracer.Stop()
	if got := collector.Spans(""); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
}

// A collector that hangs, breaks off or answers nonsense holds up neither those who make spans nor the end of the program.
func TestABadCollectorCostsNothing(t *testing.T) {
	hang := make(chan struct{})
	for name, handler := range map[string]http.HandlerFunc{
		"hangs":    func(_ http.ResponseWriter, r *http.Request) { <-hang },
		"breaks":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"nonsense": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("\xff", 1<<16)) },
		"refuses":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			tracer := newTracer(t, server.URL)
			parent := Child("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ID("job"))
			begin := time.Now()
			for range 20_000 {
				tracer.Record(parent, Span{Name: "attempt", Parent: ID("job"), Begin: begin, End: begin})
			}
			recorded := time.Since(begin)
			tracer.Stop()
			if took := time.Since(begin); recorded > 5*time.Second || took > recorded+stopTime+5*time.Second {
				t.Errorf("20,000 spans took %v, and their end %v", recorded, took-recorded)
			}
			if name == "hangs" {
				close(hang)
			}
			server.Close()
		})
	}
}

func TestATracerThatIsOffAllocatesNothing(t *testing.T) {
	var off *Tracer
	begin := time.Now()
	if n := testing.AllocsPerRun(100, func() {
		span := off.Begin("", "attempt", false)
		_ = span.Traceparent()
		span.End("", nil)
		off.Record("", Span{Name: "attempt", Begin: begin, End: begin})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	off.Stop()
}

func TestTheEnvironmentDecides(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"
	for _, test := range []struct {
		settings string
		on       bool
		wrong    string // the variable that is invalid
	}{
		{"", false, ""},
		{endpoint, true, ""},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces", true, ""},
		{"OTEL_TRACES_EXPORTER=otlp", true, ""},
		{endpoint + " OTEL_TRACES_EXPORTER=none", false, ""},
		{endpoint + " OTEL_SDK_DISABLED=true", false, ""},
		{endpoint + " OTEL_TRACES_EXPORTER=zipkin", false, "OTEL_TRACES_EXPORTER"},
		{endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", true, ""},
		{endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=grpc", false, "OTEL_EXPORTER_OTLP_PROTOCOL"},
		{endpoint + " OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_PROTOCOL=grpc", true, ""},
	} {
		on, err := wanted(func(name string) string {
			for setting := range strings.FieldsSeq(test.settings) {
				if value, ok := strings.CutPrefix(setting, name+"="); ok {
					return value
				}
			}
			return ""
		})
		if on != test.on || (err != nil) != (test.wrong != "") || err != nil && !strings.HasPrefix(err.Error(), test.wrong+" ") {
			t.Errorf("%s: got %v and %v, want %v and %q", test.settings, on, err, test.on, test.wrong)
		}
	}
}
