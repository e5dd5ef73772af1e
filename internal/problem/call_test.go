package problem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// failing is a transport that fails before it sends anything.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestCallNamesTheServiceThatFailed(t *testing.T) {
	t.Parallel()
	refused := New(Unauthorized, "the client secret is wrong")
	away := &Unreachable{URL: "http://identity", Err: errors.New("connection refused")}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"the token was refused", fmt.Errorf("get a token: %w", refused), "the client secret is wrong"},
		{"no answer about the token", fmt.Errorf("get a token: %w", away), "no answer from http://identity: connection refused"},
		{"no answer", errors.New("connection reset"), "no answer from http://queue/v1: connection reset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			call := Call{Method: http.MethodGet, URL: "http://queue/v1"}
			_, err := call.Do(t.Context(), &http.Client{Transport: failing{c.err}})
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestCallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("told to stop")
	cancel(cause)
	_, err := Call{Method: http.MethodGet, URL: "http://queue/v1"}.Do(ctx, &http.Client{Transport: failing{ctx.Err()}})
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// A service that stands still does not answer, and neither does one whose
// answer is half there or of another kind: only what takes the answer may fail
// for itself.
func TestCallThatGetsNoGoodAnswer(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/still":
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		case "/half":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"a":`)
		case "/page":
			fmt.Fprint(w, "<html>")
		case "/good":
			fmt.Fprint(w, "{}")
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(stop) })
	full := errors.New("no space left")
	var into map[string]any
	for _, c := range []struct {
		path, want string
		into       any
		unanswered bool
	}{
		{"/still", "no answer in time", nil, true},
		{"/half", "read the answer: it breaks off", &into, true},
		{"/half", "read the answer: it breaks off", io.Discard, true},
		{"/page", "read the answer: it is not what this service says", &into, true},
		{"/good", "no space left", taking(func([]byte) (int, error) { return 0, full }), false},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := Call{Method: http.MethodGet, URL: server.URL + c.path, Into: c.into}.Do(ctx, server.Client())
		cancel()
		_, unanswered := errors.AsType[*Unreachable](err)
		if err == nil || !strings.HasSuffix(err.Error(), c.want) || unanswered != c.unanswered {
			t.Errorf("%s: got %v, want %s", c.path, err, c.want)
		}
		if c.path == "/still" && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is no end of a time limit", err)
		}
	}
	slowly := &http.Client{Timeout: 50 * time.Millisecond}
	_, err := Call{Method: http.MethodGet, URL: server.URL + "/still"}.Do(t.Context(), slowly)
	if err == nil || !strings.HasSuffix(err.Error(), ": no answer in time") {
		t.Errorf("a client's limit: got %v", err)
	}
}

// taking is a function as a writer.
type taking func([]byte) (int, error)

func (f taking) Write(p []byte) (int, error) { return f(p) }
