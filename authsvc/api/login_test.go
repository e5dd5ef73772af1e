package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

func TestLoginAndLogout(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, tokens := f.as(t, "admin", adminPassword)
	want := client.Tokens{TokenType: "Bearer", ExpiresIn: 600, Username: "admin", Roles: []auth.Role{auth.Administrator},
		Scope: "audit:read datasets:read datasets:write jobs:read jobs:write queues:write users:write"}
	got := tokens
	got.AccessToken, got.RefreshToken = "", ""
	if d := cmp.Diff(got, want); d != "" {
		t.Error(d)
	}
	me, err := admin.Whoami(t.Context())
	if err != nil || me.Username != "admin" || me.Service || len(me.Roles) != 1 || len(me.Scopes) != 7 {
		t.Errorf("got %+v, %v", me, err)
	}
	other, others := f.as(t, "admin", adminPassword)
	if err := admin.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = admin.Whoami(t.Context())
	wantKind(t, err, problem.Unauthorized)
	_, err = client.New(f.url, nil).Refresh(t.Context(), tokens.RefreshToken, auth.Authsvc)
	wantKind(t, err, problem.Unauthorized)
	if _, err := other.Whoami(t.Context()); err != nil {
		t.Errorf("another session: %v", err)
	}
	if in := f.introspect(t, others.AccessToken, tokens.AccessToken); !cmp.Equal(in, client.Introspection{}) {
		t.Errorf("introspection of an ended session: %+v", in)
	}
}

// TestOtherServicesVerifyByTheKeySet is how every other service checks a token.
func TestOtherServicesVerifyByTheKeySet(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, tokens := f.as(t, "admin", adminPassword)
	v := auth.NewVerifier(auth.NewRemoteKeys(f.url, nil), auth.DefaultIssuer, auth.Queue, nil)
	p, err := v.Verify(t.Context(), tokens.AccessToken)
	if err != nil || p.Name != "admin" || !p.May(auth.UsersWrite) {
		t.Errorf("got %+v, %v", p, err)
	}
	service, err := client.ServiceTokens(f.url, "worker", "secret", auth.Queue).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, err = v.Verify(t.Context(), service)
	if err != nil || !p.Service || p.Name != "worker" || !p.May(auth.QueueLease) || p.May(auth.DatasetsRead) || p.May(auth.QueueEnqueue) {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestWrongPasswordAndUnknownUserLookTheSame(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, wrong := client.New(f.url, nil).Login(t.Context(), "admin", "not the password")
	_, unknown := client.New(f.url, nil).Login(t.Context(), "nobody", "not the password")
	wantKind(t, wrong, problem.Unauthorized)
	wantKind(t, unknown, problem.Unauthorized)
	if wrong.Error() != unknown.Error() {
		t.Errorf("got %q and %q", wrong, unknown)
	}
}

func TestLoginIsThrottled(t *testing.T) {
	t.Parallel()
	f := start(t)
	open := client.New(f.url, nil)
	for range 10 {
		_, err := open.Login(t.Context(), "admin", "not the password")
		wantKind(t, err, problem.Unauthorized)
	}
	resp, text := f.send(t, "POST", "/v1/login", `{"username":"admin","password":"`+adminPassword+`"}`, "Content-Type", "application/json")
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Errorf("got %d %v %s, want 429 with Retry-After", resp.StatusCode, resp.Header, text)
	}
	_, err := open.Login(t.Context(), "somebody", "not the password")
	wantKind(t, err, problem.Unauthorized)
}

func TestRefreshOverHTTP(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, first := f.as(t, "admin", adminPassword)
	open := client.New(f.url, nil)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, err := open.Refresh(t.Context(), first.RefreshToken, auth.Authsvc); err != nil {
				t.Errorf("at the same time: %v", err)
			}
		})
	}
	all.Wait()
	second, err := open.Refresh(t.Context(), first.RefreshToken, auth.Authsvc)
	if err != nil || second.Username != "admin" || second.RefreshToken == first.RefreshToken {
		t.Fatalf("got %+v, %v", second, err)
	}
	if _, err := f.pool.Exec(t.Context(), "UPDATE refresh_token SET rotated_at = rotated_at - interval '21 s'"); err != nil {
		t.Fatal(err)
	}
	_, err = open.Refresh(t.Context(), first.RefreshToken, auth.Authsvc)
	if !problem.Is(err, problem.Unauthorized) || !strings.Contains(err.Error(), "used before") {
		t.Errorf("got %v, want that the token was used before", err)
	}
	_, err = open.Refresh(t.Context(), second.RefreshToken, auth.Authsvc)
	wantKind(t, err, problem.Unauthorized)
	_, err = client.New(f.url, auth.Static(second.AccessToken)).Whoami(t.Context())
	wantKind(t, err, problem.Unauthorized)
}

// TestInstancesAgree: two instances on one database rotate their keys until
// none of the first is left; a token of either is valid at the other at all times.
func TestInstancesAgree(t *testing.T) {
	t.Parallel()
	f := start(t)
	other := store.New(f.pool)
	ring := token.NewRing(other.Keys, nil)
	policy := token.Policy{Age: time.Nanosecond, Ahead: time.Nanosecond, Overlap: time.Hour}
	here := auth.NewVerifier(f.ring, auth.DefaultIssuer, auth.Authsvc, nil)
	there := auth.NewVerifier(ring, auth.DefaultIssuer, auth.Authsvc, nil)
	for range 4 {
		var all sync.WaitGroup
		for _, s := range []*store.Store{f.store, other} {
			all.Go(func() {
				if _, err := s.RotateKeys(t.Context(), policy); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if err := errors.Join(f.ring.Reload(t.Context()), ring.Reload(t.Context())); err != nil {
			t.Fatal(err)
		}
		for issuer, verifier := range map[*token.Ring]*auth.Verifier{f.ring: there, ring: here} {
			access, err := token.NewIssuer(issuer, auth.DefaultIssuer, 0, nil).Service("worker", uuid.Nil, nil, []auth.Audience{auth.Authsvc}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := verifier.Verify(t.Context(), access.Text); err != nil {
				t.Error(err)
			}
		}
	}
}

// Every connection is cut between two logins; each answer is right or 503, and the
// service recovers by itself.
func TestServiceSurvivesItsConnections(t *testing.T) {
	t.Parallel()
	f := start(t)
	open := client.New(f.url, nil)
	for range 3 {
		_, err := f.pool.Exec(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND application_name = current_setting('application_name')`)
		if err != nil {
			t.Fatal(err)
		}
		servetest.Until(t, "the service is back", func() bool {
			_, err := open.Login(t.Context(), "admin", adminPassword)
			if err != nil {
				wantKind(t, err, problem.Unavailable)
			}
			return err == nil
		})
	}
}

// The server takes the statement and never answers. The caller gets an error in
// time.
func TestDatabaseThatHangs(t *testing.T) {
	t.Parallel()
	f := startWith(t, token.NewHasher(), 300*time.Millisecond)
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	if _, err := tx.Exec(t.Context(), "LOCK TABLE users, session"); err != nil {
		t.Fatal(err)
	}
	_, err = client.New(f.url, nil).Login(t.Context(), "admin", adminPassword)
	wantKind(t, err, problem.Unavailable)
}
