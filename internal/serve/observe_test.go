package serve

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// A caller may send any number of methods and of long paths. Before labels came
// from a closed set, each method stayed in memory and in every scrape.
func TestWhatACallerInventsIsNeitherALabelNorALongLogField(t *testing.T) {
	t.Parallel()
	server, log := testDoor(t, 0)
	before := len(log.String())
	const requests = 20
	for i := range requests {
		method := strings.Repeat("M", 10_000) + string(rune('A'+i))
		servetest.Send(t, method, server.URL+"/"+strings.Repeat("p", 10_000), nil,
			problem.RequestIDHeader, strings.Repeat("i", 10_000), "User-Agent", strings.Repeat("u", 10_000))
	}
	_, metrics := servetest.Send(t, http.MethodGet, server.URL+"/metrics", nil, "Authorization", "Bearer "+testMetrics)
	if !strings.Contains(metrics, `foliocast_http_request_duration_seconds_count{method="other",route="none",status="404"} 20`) {
		t.Error("the requests are not counted under one label")
	}
	if len(metrics) > 50_000 {
		t.Errorf("the metrics have %d bytes", len(metrics))
	}
	if got := len(log.String()) - before; got > requests*1000 {
		t.Errorf("%d requests have %d bytes of log", requests, got)
	}
}

func TestHeadersOfAnAnswer(t *testing.T) {
	t.Parallel()
	server, _ := testDoor(t, 0)
	for _, path := range []string{"/healthz", "/nope", "/broken", "/panic", "/openapi.json"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			resp, text := servetest.Send(t, method, server.URL+path, nil)
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
				if got := resp.Header.Get(name); got != want {
					t.Errorf("%s %s: %s is %q, want %q", method, path, name, got, want)
				}
			}
			if resp.Header.Get("RateLimit") == "" || resp.Header.Get("RateLimit-Policy") != `"address";q=5000;w=1` {
				t.Errorf("%s %s: rate limit %q of %q", method, path, resp.Header.Get("RateLimit"), resp.Header.Get("RateLimit-Policy"))
			}
			if method == http.MethodHead && text != "" {
				t.Errorf("HEAD %s: got a body", path)
			}
			if resp.StatusCode == http.StatusMethodNotAllowed {
				t.Errorf("%s %s: not allowed", method, path)
			}
		}
	}
	if resp, _ := servetest.Send(t, http.MethodGet, server.URL+"/away", nil); resp.Header.Get("Retry-After") == "" {
		t.Error("a 503 does not say when to try again")
	}
}

func TestARequestIDIsPassedOn(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Get(problem.RequestIDHeader) }))
	t.Cleanup(other.Close)
	ctx := problem.WithRequestID(t.Context(), "r-1")
	if _, err := (problem.Call{Method: http.MethodGet, URL: other.URL}).Do(ctx, http.DefaultClient); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != "r-1" {
		t.Errorf("got the request id %q, want r-1", got)
	}
}

func TestALogLineHasTheSubject(t *testing.T) {
	t.Parallel()
	b := budgetDoor(t, Budget{}, nil)
	servetest.Send(t, http.MethodPost, b.url+"/take", strings.NewReader(`{}`), "X-Who", "ada")
	var line struct{ Subject, Route string }
	for text := range strings.Lines(b.log.String()) {
		if json.Unmarshal([]byte(text), &line) == nil && line.Route == "/take" && line.Subject == "ada" {
			return
		}
	}
	t.Errorf("no line of /take with the subject ada:\n%s", b.log)
}
