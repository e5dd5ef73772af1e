package serve

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/internal/tracing"
	"foliocast/internal/tracing/tracetest"
)

// A request that brings a traceparent has a span below it, under which the service calls others. Of the rest, only one that
// may change something begins a trace, and only where the service wants that.
func TestRequestsHaveSpans(t *testing.T) {
	collector := tracetest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	tracer, err := tracing.New("test", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	const brought = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	var inside string
	for _, begins := range []bool{false, true} {
		door := NewDoor(Config{Name: "test", Log: slog.New(slog.DiscardHandler), Tracer: tracer, BeginTraces: begins})
		door.Router.Any("/things/:id", func(g *gin.Context) {
			inside = problem.Traceparent(g.Request.Context())
			g.Status(http.StatusServiceUnavailable)
		})
		server := httptest.NewServer(door.Router)
		for _, r := range []struct {
			method, path, traceparent string
			traced                    bool
		}{
			{http.MethodGet, "/things/1", "", false},
			{http.MethodGet, "/things/1", "nonsense", false},
			{http.MethodGet, "/things/1", brought, true},
			{http.MethodPost, "/things/1", "", begins},
			{http.MethodPost, "/things/1", "00-zz", begins},
			{http.MethodPost, "/things/1", brought, true},
		} {
			inside = ""
			servetest.Send(t, r.method, server.URL+r.path, nil, problem.TraceparentHeader, r.traceparent)
			if traced := inside != ""; traced != r.traced || inside == brought {
				t.Errorf("begins %v, %s with %q: the handler calls others under %q", begins, r.method, r.traceparent, inside)
			}
		}
		server.Close()
	}
	tracer.Stop()
	got := collector.Spans("0af7651916cd43dd8448eb211c80319c")
	if len(got) != 4 || len(collector.Spans("")) != 6 {
		t.Fatalf("got %d spans in the trace and %d in all, want 4 and 6", len(got), len(collector.Spans("")))
	}
	if s := got[1]; s.Name != "POST /things/:id" || s.Parent != "b7ad6b7169203331" || s.Fault != "503 Service Unavailable" ||
		s.Attributes["http.response.status_code"] != 503 || s.Attributes["foliocast.request_id"] == "" {
		t.Errorf("got %+v", s)
	}
}
