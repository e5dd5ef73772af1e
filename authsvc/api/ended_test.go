package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"foliocast/authsvc/client"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// remote verifies tokens as another service does.
func (f *fixture) remote(t *testing.T, at auth.Audience) *auth.Verifier {
	t.Helper()
	v := auth.NewRemote(f.url, nil, auth.DefaultIssuer, at, nil, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); v.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return v
}

// What ends a session here ends its tokens at every other service, within ten seconds.
func TestOtherServicesHearThatSessionsEnd(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	for name, end := range map[string]func(context.Context, *client.Client) error{
		"logout":  func(ctx context.Context, own *client.Client) error { return own.Logout(ctx) },
		"removal": func(ctx context.Context, _ *client.Client) error { return admin.RemoveUser(ctx, "removal") },
		"password": func(ctx context.Context, _ *client.Client) error {
			return admin.SetPassword(ctx, "password", "another one of ours")
		},
		"roles": func(ctx context.Context, _ *client.Client) error {
			_, err := admin.SetRoles(ctx, "roles", auth.Secretary)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			added, err := admin.AddUser(t.Context(), client.NewUser{Username: name, Roles: []auth.Role{auth.Manager}})
			if err != nil {
				t.Fatal(err)
			}
			own, tokens := f.as(t, name, added.Password)
			_, others := f.as(t, "admin", adminPassword)
			wantEnd(t, f.remote(t, auth.Frontend), tokens.AccessToken, others.AccessToken, func() error { return end(t.Context(), own) })
		})
	}
	for name, end := range map[string]func(context.Context, string) error{
		"secret": func(ctx context.Context, name string) error {
			return f.store.SetService(ctx, name, token.Digest("new"), []auth.Scope{auth.DatasetsRead})
		},
		"account": f.store.RemoveService,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := f.store.SetService(t.Context(), name, token.Digest("secret"), []auth.Scope{auth.DatasetsRead}); err != nil {
				t.Fatal(err)
			}
			tokens, err := client.New(f.url, nil).Credentials(t.Context(), name, "secret", auth.Frontend)
			if err != nil {
				t.Fatal(err)
			}
			_, others := f.as(t, "admin", adminPassword)
			wantEnd(t, f.remote(t, auth.Frontend), tokens.AccessToken, others.AccessToken, func() error { return end(t.Context(), name) })
		})
	}
}

// wantEnd ends something, and waits until it ended one token but not another.
func wantEnd(t *testing.T, v *auth.Verifier, text, other string, end func() error) {
	t.Helper()
	if _, err := v.Verify(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	servetest.Until(t, "the token has ended", func() bool {
		_, err := v.Bearer(t.Context(), "Bearer "+text)
		return problem.Is(err, problem.Unauthorized)
	})
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := v.Verify(t.Context(), other); err != nil {
		t.Errorf("another session: %v", err)
	}
}

// The list is public: however many ask for it, the database looks twice a second.
func TestCallersShareTheListOfEndedSessions(t *testing.T) {
	t.Parallel()
	f := start(t)
	begin, before := time.Now(), f.pool.Stat().AcquireCount()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if resp, text := f.send(t, "GET", auth.EndedPath, ""); resp.StatusCode != http.StatusOK || text != `{"sessions":[]}`+"\n" {
					t.Errorf("got %d %q", resp.StatusCode, text)
				}
			}
		})
	}
	all.Wait()
	looks, most := f.pool.Stat().AcquireCount()-before, 1+int64(time.Since(begin)/endedAge)
	if looks > most {
		t.Errorf("80 calls looked %d times, want at most %d", looks, most)
	}
}

// A caller that hangs up while others wait for the list, too, is no fault of the service, which would be logged as one.
func TestACallerThatHangsUpIsNoFault(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	list := endedList{}
	list.flight.DoChan("", func() (any, error) { <-t.Context().Done(); return nil, nil }) // a look that takes long
	_, err := list.get(ctx)
	if err = failure(ctx, err); !problem.Is(err, problem.Unavailable) {
		t.Errorf("got %v, want that the service is unavailable", err)
	}
}
