package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// budgeted is a door with a budget. Its operation waits for the test.
type budgeted struct {
	url  string
	log  *servetest.Log
	door *Door
}

type whoKey struct{}

// budgetDoor serves POST /take, which calls wait. The header X-Who names the
// subject, in place of a token.
func budgetDoor(t *testing.T, b Budget, wait func()) budgeted {
	t.Helper()
	log := &servetest.Log{}
	d := NewDoor(Config{Name: "test", Version: "0", Log: log.Logger(), Budget: b})
	d.API.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		next(huma.WithValue(ctx, whoKey{}, humagin.Unwrap(ctx).GetHeader("X-Who")))
	})
	d.Admit(func(ctx context.Context) string { who, _ := ctx.Value(whoKey{}).(string); return who })
	huma.Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/take", MaxBodyBytes: 1 << 20},
		func(context.Context, *struct{ RawBody []byte }) (*struct{}, error) {
			if wait != nil {
				wait()
			}
			return nil, nil
		})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	return budgeted{server.URL, log, d}
}

// take posts a body of n bytes as somebody, and returns the status and the problem.
func (b budgeted) take(t *testing.T, who string, n int) (int, problem.Problem, http.Header) {
	t.Helper()
	resp, text := servetest.Send(t, http.MethodPost, b.url+"/take", strings.NewReader(strings.Repeat("x", n)), "X-Who", who, "Content-Type", "text/plain")
	var p problem.Problem
	if resp.StatusCode >= 400 {
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Errorf("got %q", text)
		}
	}
	return resp.StatusCode, p, resp.Header
}

// refused checks a refusal: its status, a number in its sentence, and the header
// that says when to try again.
func refused(t *testing.T, status int, p problem.Problem, h http.Header, want int, number string) {
	t.Helper()
	if status != want || !strings.Contains(p.Detail, number) || h.Get("Retry-After") == "" {
		t.Errorf("got %d %q, Retry-After %q; want %d with %s", status, p.Detail, h.Get("Retry-After"), want, number)
	}
}

// holding returns a door at which requests of some callers wait in the operation
// until the test ends.
func holding(t *testing.T, b Budget, who []string, size int) budgeted {
	t.Helper()
	entered := make(chan struct{})
	door := budgetDoor(t, b, func() {
		select {
		case entered <- struct{}{}:
			<-t.Context().Done()
		case <-t.Context().Done():
		}
	})
	for _, w := range who {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, door.url+"/take", strings.NewReader(strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Who", w)
		go func() {
			if resp, err := http.DefaultClient.Do(req); err == nil {
				resp.Body.Close()
			}
		}()
		<-entered
	}
	return door
}

func TestACallerHasItsShareOfTheRequests(t *testing.T) {
	t.Parallel()
	door := holding(t, Budget{Requests: 2}, []string{"ada", "ada"}, 1)
	status, p, h := door.take(t, "ada", 1)
	refused(t, status, p, h, http.StatusTooManyRequests, "2")
	if door.door.budget.requests != 2 {
		t.Errorf("%d requests are counted, want 2", door.door.budget.requests)
	}
}

// Without a token, a holder of many IPv6 addresses is one caller.
func TestANetworkIsOneCaller(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}), make(chan struct{})
	door := budgetDoor(t, Budget{Requests: 1}, func() { begun <- struct{}{}; <-end })
	take := func(from string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/take", strings.NewReader("x"))
		r.RemoteAddr = from
		answer := httptest.NewRecorder()
		door.door.Router.ServeHTTP(answer, r)
		return answer.Code
	}
	done := make(chan int)
	go func() { done <- take("[2001:db8:1:1::1]:1") }()
	<-begun
	go func() { done <- take("[2001:db8:1:2::1]:1") }()
	select {
	case got := <-done:
		if got != http.StatusTooManyRequests {
			t.Errorf("got %d", got)
		}
	case <-begun:
		t.Error("a second request of the network is taken")
		end <- struct{}{}
		<-done
	}
	end <- struct{}{}
	<-done
}

func TestAServiceTakesSoManyRequests(t *testing.T) {
	t.Parallel()
	door := holding(t, Budget{All: 2}, []string{"ada", "bob"}, 1)
	status, p, h := door.take(t, "eve", 1)
	refused(t, status, p, h, http.StatusServiceUnavailable, "2")
}

func TestBodiesInFlightAreBounded(t *testing.T) {
	t.Parallel()
	const size = 200_000
	door := holding(t, Budget{Bodies: 500_000, Wait: 50 * time.Millisecond}, []string{"ada", "bob"}, size)
	status, p, h := door.take(t, "ada", size)
	refused(t, status, p, h, http.StatusTooManyRequests, "250000")
	status, p, h = door.take(t, "eve", size)
	refused(t, status, p, h, http.StatusServiceUnavailable, "500000")
}

func TestABodyBeyondItsDoorIsNotRead(t *testing.T) {
	t.Parallel()
	door := budgetDoor(t, Budget{}, nil)
	if status, p, _ := door.take(t, "ada", 2<<20); status != http.StatusRequestEntityTooLarge || !strings.Contains(p.Detail, "1048576") {
		t.Errorf("got %d %s", status, p.Detail)
	}
}

func TestABudgetIsGivenBack(t *testing.T) {
	t.Parallel()
	door := budgetDoor(t, Budget{Requests: 1, All: 1, Bodies: 100_000}, nil)
	for range 5 {
		if status, p, _ := door.take(t, "ada", 300_000); status != http.StatusNoContent { // more than all, and alone
			t.Errorf("got %d %s", status, p.Detail)
		}
	}
	if got := len(door.door.budget.callers); got != 0 {
		t.Errorf("%d callers are remembered after their requests", got)
	}
}

func TestABodyThatIsHeldHasATime(t *testing.T) {
	t.Parallel()
	streamed := map[string]any{Streamed: true}
	for _, c := range []struct {
		name string
		op   huma.Operation
		want time.Duration
	}{
		{"of its own", huma.Operation{BodyReadTimeout: time.Minute}, time.Minute},
		{"by default", huma.Operation{}, 5 * time.Second},
		{"streamed", huma.Operation{Metadata: streamed}, 0},
		{"streamed, of its own", huma.Operation{Metadata: streamed, BodyReadTimeout: time.Hour}, time.Hour},
	} {
		if got := bodyTime(&c.op); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
