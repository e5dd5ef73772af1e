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
	unreachable := &Unreachable{URL: "http://identity", Err: errors.New("connection refused")}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"the token was refused", &Unsent{fmt.Errorf("get a token: %w", refused)}, "the client secret is wrong"},
		{"no answer about the token", &Unsent{fmt.Errorf("get a token: %w", unreachable)}, "no answer from http://identity: connection refused"},
		{"no answer", errors.New("connection reset"), "no answer from http://queue/v1: connection reset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			call := Call{Method: http.MethodGet, URL: "http://queue/v1"}
			_, err := call.Do(t.Context(), &http.Client{Transport: failing{c.err}})
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if p := Answered(err); p != nil {
				t.Errorf("%v counts as an answer of the service itself", p)
			}
		})
	}
}

// Only a problem document says what the service did: a proxy has pages of its own.
func TestAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		media, body string
		want        bool
	}{
		"the service":           {ContentType, `{"type":"urn:foliocast:problem:not-found","status":404,"detail":"no such thing"}`, true},
		"a page of a proxy":     {"text/html", "<html>not found</html>", false},
		"a document cut short":  {ContentType, `{"type":"urn:foliocast:problem:not-found"`, false},
		"one of another status": {ContentType, `{"type":"urn:foliocast:problem:not-found","status":400}`, false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.media)
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, c.body)
		}))
		t.Cleanup(server.Close)
		_, err := Call{Method: http.MethodGet, URL: server.URL}.Do(t.Context(), server.Client())
		if got := Answered(err); (got != nil) != c.want || !Is(err, NotFound) {
			t.Errorf("%s: got %v of %v, want %v", name, got, err, c.want)
		}
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

// A service that hangs counts as unreachable, and so does one whose answer is
// incomplete or of another form; the receiver of an answer fails with its own error.
func TestCallWithoutAGoodAnswer(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hangs":
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
		{"/hangs", "no answer in time", nil, true},
		{"/half", "read the answer: it is incomplete", &into, true},
		{"/half", "read the answer: it is incomplete", io.Discard, true},
		{"/page", "read the answer: it is not in the form of this service", &into, true},
		{"/good", "no space left", writerFunc(func([]byte) (int, error) { return 0, full }), false},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := Call{Method: http.MethodGet, URL: server.URL + c.path, Into: c.into}.Do(ctx, server.Client())
		cancel()
		_, unanswered := errors.AsType[*Unreachable](err)
		if err == nil || !strings.HasSuffix(err.Error(), c.want) || unanswered != c.unanswered {
			t.Errorf("%s: got %v, want %s", c.path, err, c.want)
		}
		if c.path == "/hangs" && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is not a context.DeadlineExceeded", err)
		}
	}
	limited := &http.Client{Timeout: 50 * time.Millisecond}
	_, err := Call{Method: http.MethodGet, URL: server.URL + "/hangs"}.Do(t.Context(), limited)
	if err == nil || !strings.HasSuffix(err.Error(), ": no answer in time") {
		t.Errorf("a client's limit: got %v", err)
	}
}

// writerFunc is a function as an io.Writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
