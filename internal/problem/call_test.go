package problem

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
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
