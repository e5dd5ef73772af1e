package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// endpoint is a token endpoint that counts its answers.
type endpoint struct {
	mu     sync.Mutex
	calls  int
	answer func(n int, w http.ResponseWriter)
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	e.calls++
	n := e.calls
	answer := e.answer
	e.mu.Unlock()
	if answer != nil {
		answer(n, w)
		return
	}
	json.NewEncoder(w).Encode(Tokens{AccessToken: fmt.Sprint("access", n), TokenType: "Bearer", ExpiresIn: 600, RefreshToken: fmt.Sprint("refresh", n)})
}

func (e *endpoint) set(answer func(int, http.ResponseWriter)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

func (e *endpoint) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls
}

func serve(t *testing.T) (*endpoint, string) {
	t.Helper()
	e := &endpoint{}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return e, server.URL
}

// status answers with a status and a body of a type.
func status(code int, contentType, body string) func(int, http.ResponseWriter) {
	return func(_ int, w http.ResponseWriter) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func wantToken(t *testing.T, s *Source, want string) {
	t.Helper()
	if got, err := s.Token(t.Context()); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestServiceTokensAreFetchedOnceAndInTime(t *testing.T) {
	t.Parallel()
	e, url := serve(t)
	s := ServiceTokens(url, "worker", "secret", auth.Queue)
	now := time.Now()
	s.now = func() time.Time { return now }
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { wantToken(t, s, "access1") })
	}
	all.Wait()
	now = now.Add(9*time.Minute - time.Second)
	wantToken(t, s, "access1")
	now = now.Add(time.Second)
	wantToken(t, s, "access2")
	s.Forget("access1")
	wantToken(t, s, "access2")
	s.Forget("access2")
	wantToken(t, s, "access3")
	if n := e.count(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestServiceTokensOutliveTheService(t *testing.T) {
	t.Parallel()
	e, url := serve(t)
	s := ServiceTokens(url, "worker", "secret", auth.Queue)
	now := time.Now()
	s.now = func() time.Time { return now }
	wantToken(t, s, "access1")
	e.set(status(http.StatusServiceUnavailable, "text/plain", "unavailable"))
	now = now.Add(9*time.Minute + 30*time.Second)
	for range 5 {
		wantToken(t, s, "access1")
	}
	if n := e.count(); n != 2 {
		t.Errorf("asked %d times, want a pause between", n)
	}
	now = now.Add(31 * time.Second)
	if token, err := s.Token(t.Context()); !problem.Is(err, problem.Unavailable) {
		t.Errorf("after the end of the token: got %q, %v", token, err)
	}
	e.set(nil)
	wantToken(t, s, "access4")
}

func TestServiceTokensSayWhatToDo(t *testing.T) {
	t.Parallel()
	e, url := serve(t)
	e.set(status(http.StatusUnauthorized, "application/json", `{"error":"invalid_client","error_description":"the client is unknown or its secret is wrong"}`))
	_, err := ServiceTokens(url, "worker", "x", auth.Queue).Token(t.Context())
	if !problem.Is(err, problem.Unauthorized) || !strings.Contains(err.Error(), `make a new secret with "authsvc service add worker" and a --scope for each`) || !strings.Contains(err.Error(), url) {
		t.Errorf("got %v", err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err = ServiceTokens(gone.URL, "worker", "x", auth.Queue).Token(t.Context())
	if u, ok := errors.AsType[*problem.Unreachable](err); !ok || !strings.HasPrefix(u.URL, gone.URL) {
		t.Errorf("got %v", err)
	}
}

func TestNonsenseIsNoToken(t *testing.T) {
	t.Parallel()
	e, url := serve(t)
	for _, body := range []string{"", "nonsense", "null", "{}", `{"access_token":"a"}`, `{"access_token":"a","expires_in":-1}`, `{"access_token":7}`} {
		e.set(status(http.StatusOK, "application/json", body))
		_, err := ServiceTokens(url, "worker", "x", auth.Queue).Token(t.Context())
		if _, ok := errors.AsType[*problem.Unreachable](err); !ok {
			t.Errorf("%q: got %v", body, err)
		}
	}
}

func TestRefusalsAreProblems(t *testing.T) {
	t.Parallel()
	e, url := serve(t)
	for _, c := range []struct {
		name   string
		answer func(int, http.ResponseWriter)
		kind   problem.Kind
		text   string
	}{
		{"grant", status(400, "application/json", `{"error":"invalid_grant","error_description":"log in again"}`), problem.Unauthorized, "log in again"},
		{"no right there", status(400, "application/json", `{"error":"invalid_target","error_description":"no right"}`), problem.Forbidden, "no right"},
		{"code alone", status(400, "application/json", `{"error":"invalid_scope"}`), problem.Malformed, "invalid_scope"},
		{"problem", status(503, problem.ContentType, `{"type":"urn:foliocast:problem:unavailable","status":503,"detail":"busy"}`), problem.Unavailable, "busy"},
		{"a proxy", status(502, "text/html", "<h1>bad gateway</h1>"), problem.Internal, "answered 502: <h1>bad gateway</h1>"},
	} {
		e.set(c.answer)
		_, err := New(url, nil).Refresh(t.Context(), "x", auth.Queue)
		if !problem.Is(err, c.kind) || err.Error() != c.text {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestOneCallerThatGivesUpDoesNotEndTheOthers(t *testing.T) {
	t.Parallel()
	e, url := serve(t)
	arrived, hold := make(chan struct{}), make(chan struct{})
	e.set(func(n int, w http.ResponseWriter) {
		close(arrived)
		<-hold
		json.NewEncoder(w).Encode(Tokens{AccessToken: "late", ExpiresIn: 600})
	})
	s := ServiceTokens(url, "worker", "secret", auth.Queue)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, err := s.Token(ctx); first <- err }()
	<-arrived
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(hold)
	wantToken(t, s, "late")
	if n := e.count(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
