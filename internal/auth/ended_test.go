package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
)

// remote is a verifier that follows the sessions of an issuer, and a switch that makes
// the issuer fail.
func remote(t *testing.T, issuer *authtest.Issuer) (*auth.Verifier, *atomic.Bool) {
	t.Helper()
	down := &atomic.Bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		http.Redirect(w, r, issuer.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	return auth.NewRemote(server.URL, nil, auth.DefaultIssuer, auth.Queue, nil, slog.New(slog.DiscardHandler)), down
}

func run(t *testing.T, v *auth.Verifier) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); v.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func TestTheEndOfASessionEndsItsRequests(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	v, down := remote(t, issuer)
	run(t, v)
	d := door(v)
	begun := make(chan struct{})
	work := serve.Backend[int]{Service: "test", Unreachable: func(error) bool { return false }}
	work.Attach(1)
	huma.Register(d.API, huma.Operation{Method: http.MethodGet, Path: "/long", OperationID: "long", Security: auth.Needs()},
		serve.Handler(&work, time.Hour, func(ctx context.Context, _ *int, _ *struct{}) (*struct{}, error) {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		}))
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	mine, other := issuer.Claims(auth.JobsRead), issuer.Claims(auth.JobsRead)
	answer := make(chan *http.Response, 1)
	go func() {
		resp, _ := servetest.Send(t, http.MethodGet, server.URL+"/long", nil, "Authorization", "Bearer "+issuer.Sign(mine))
		answer <- resp
	}()
	<-begun
	issuer.End(mine)
	if resp := <-answer; resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("got %d with the challenge %q", resp.StatusCode, resp.Header.Get("WWW-Authenticate"))
	}
	if _, err := v.Verify(t.Context(), issuer.Sign(mine)); !isBad(err) {
		t.Errorf("got %v, want a bad token", err)
	}
	// While the identity service is down, what is known stays.
	down.Store(true)
	for range 3 {
		if _, err := v.Verify(t.Context(), issuer.Sign(mine)); !isBad(err) {
			t.Errorf("got %v, want a bad token", err)
		}
		if _, err := v.Verify(t.Context(), issuer.Sign(other)); err != nil {
			t.Errorf("another session: %v", err)
		}
	}
}

// A service that has just started does not take a token before it knows which
// sessions have ended.
func TestTokensWaitForTheFirstList(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	v, _ := remote(t, issuer)
	claims := issuer.Claims()
	issuer.End(claims)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Verify(ctx, issuer.Sign(claims)); err == nil || isBad(err) {
		t.Errorf("before the first list: got %v", err)
	}
	run(t, v)
	servetest.Until(t, "the token is refused", func() bool {
		_, err := v.Verify(t.Context(), issuer.Sign(claims))
		return isBad(err)
	})
}

func isBad(err error) bool {
	_, bad := errors.AsType[*auth.BadToken](err)
	return bad
}
