package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

type echoInput struct {
	Body struct {
		Name     string `json:"name" minLength:"2"`
		Password string `json:"password" maxLength:"3"`
		Items    []struct {
			N int `json:"n" minimum:"1"`
		} `json:"items"`
	}
}

const testMetrics = "a token for the metrics"

func testDoor(t *testing.T, perSecond float64) (*httptest.Server, *servetest.Log) {
	t.Helper()
	log := &servetest.Log{}
	d := NewDoor(Config{Name: "test", Version: "0", Log: log.Logger(), RateLimit: perSecond, MetricsToken: testMetrics})
	huma.Post(d.API, "/echo", func(context.Context, *echoInput) (*struct{}, error) { return nil, nil })
	huma.Get(d.API, "/broken", func(context.Context, *struct{}) (*struct{}, error) {
		return nil, errors.New("the database said: secret")
	})
	huma.Get(d.API, "/away", func(context.Context, *struct{}) (*struct{}, error) {
		return nil, problem.New(problem.Unavailable, "the queue is away").Because(errors.New("dial: secret"))
	})
	huma.Get(d.API, "/panic", func(context.Context, *struct{}) (*struct{}, error) { panic("secret") })
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	return server, log
}

func fetch(t *testing.T, method, url, body string) (int, *problem.Problem, string) {
	t.Helper()
	resp, text := servetest.Send(t, method, url, strings.NewReader(body), "Content-Type", "application/json")
	var p problem.Problem
	if resp.StatusCode >= 400 {
		if resp.Header.Get("Content-Type") != problem.ContentType {
			t.Errorf("%s %s: content type %q", method, url, resp.Header.Get("Content-Type"))
		}
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if p.RequestID == "" || p.RequestID != resp.Header.Get(problem.RequestIDHeader) {
			t.Errorf("%s: request id %q, header %q", url, p.RequestID, resp.Header.Get(problem.RequestIDHeader))
		}
	}
	return resp.StatusCode, &p, text
}

func TestBadInputNamesEveryField(t *testing.T) {
	t.Parallel()
	server, _ := testDoor(t, 0)
	status, p, text := fetch(t, "POST", server.URL+"/echo", `{"name":"x","password":"hunter2","items":[{"n":0}],"more":1}`)
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d: %s", status, text)
	}
	got := map[string]bool{}
	for _, f := range p.Faults {
		got[f.Pointer] = true
	}
	for _, want := range []string{"/name", "/password", "/items/0/n", "/more"} {
		if !got[want] {
			t.Errorf("no fault at %s in %s", want, text)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Error("the answer repeats a password")
	}
}

func TestAMissingFieldIsNamed(t *testing.T) {
	t.Parallel()
	server, _ := testDoor(t, 0)
	_, p, text := fetch(t, "POST", server.URL+"/echo", `{"name":"abcd","items":[{}]}`)
	for _, want := range []problem.Fault{{Pointer: "/password", Detail: "is required"}, {Pointer: "/items/0/n", Detail: "is required"}} {
		if !slices.Contains(p.Faults, want) {
			t.Errorf("%s lacks %v", text, want)
		}
	}
}

func TestProblemsOutsideTheTypedRoutes(t *testing.T) {
	t.Parallel()
	server, _ := testDoor(t, 0)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/nowhere", "", 404},
		{"DELETE", "/echo", "", 405},
		{"POST", "/echo", "{", 400},
		{"POST", "/echo", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, 413},
		{"GET", "/broken", "", 500},
		{"GET", "/away", "", 503},
		{"GET", "/panic", "", 500},
	} {
		if status, _, text := fetch(t, c.method, server.URL+c.path, c.body); status != c.status {
			t.Errorf("%s %s: got %d, want %d: %s", c.method, c.path, status, c.status, text)
		}
	}
}

func TestCausesGoToTheLogOnly(t *testing.T) {
	t.Parallel()
	server, log := testDoor(t, 0)
	for _, path := range []string{"/broken", "/away", "/panic"} {
		_, p, text := fetch(t, "GET", server.URL+path, "")
		if strings.Contains(text, "secret") {
			t.Errorf("%s tells the caller: %s", path, text)
		}
		found := false
		for line := range strings.Lines(log.String()) {
			found = found || strings.Contains(line, p.RequestID) && strings.Contains(line, "secret")
		}
		if !found {
			t.Errorf("%s: no cause under %s in the log:\n%s", path, p.RequestID, log)
		}
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	server, _ := testDoor(t, 1)
	refused := 0
	for range 20 {
		if status, p, _ := fetch(t, "POST", server.URL+"/echo", `{"name":"xy","password":"x","items":[]}`); status == 429 {
			refused++
			if p.Kind() != problem.TooMany {
				t.Errorf("kind %s", p.Kind())
			}
		}
	}
	if refused < 15 {
		t.Errorf("%d of 20 were refused at 1 a second", refused)
	}
}

func TestRunLetsAnswersEnd(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-Draining(r.Context())
		_, _ = io.WriteString(w, "late")
	})
	s := servetest.Start(t, func(ctx context.Context, log *slog.Logger) error {
		return Run(ctx, log, Listening{Address: "127.0.0.1:0"}, handler)
	})
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get(s.URL)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answer <- string(text)
	}()
	<-entered
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if got := <-answer; got != "late" {
		t.Errorf("got %q, want the answer that was under way", got)
	}
}

func TestACallerWhoHangsUpIsNotAFailure(t *testing.T) {
	t.Parallel()
	log := &servetest.Log{}
	d := NewDoor(Config{Name: "test", Version: "0", Log: log.Logger()})
	began := make(chan struct{})
	d.Router.GET("/wait", func(g *gin.Context) {
		close(began)
		<-g.Request.Context().Done()
		abort(g, problem.New(problem.Unavailable, "nobody reads this"))
	})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	ctx, hangUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/wait", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-began; hangUp() }()
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Fatal("got an answer")
	}
	servetest.Until(t, "the request is logged", func() bool { return strings.Contains(log.String(), `"route":"/wait"`) })
	if !strings.Contains(log.String(), `"status":499`) {
		t.Errorf("got log %s, want status 499", log.String())
	}
}
