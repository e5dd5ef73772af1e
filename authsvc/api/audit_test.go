package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// TestEveryChangeHasAName makes each change that the service offers.
func TestEveryChangeHasAName(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	ctx := t.Context()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const password, second, third = "an unusual phrase", "another unusual phrase", "a third unusual phrase"
	var ada *client.Client
	var tokens client.Tokens
	var made client.AddedPersonalToken
	audittest.Walk(t, f.door.API, f.store.Trail, []audittest.Change{
		{Route: "POST /v1/users", Call: func(t *testing.T) {
			_, err := admin.AddUser(ctx, client.NewUser{Username: "ada", Password: password, Roles: []auth.Role{auth.Manager}})
			must(t, err)
		}},
		{Route: "PUT /v1/users/{name}/roles", Call: func(t *testing.T) {
			_, err := admin.SetRoles(ctx, "ada", auth.Manager, auth.Secretary)
			must(t, err)
		}},
		{Route: "PUT /v1/users/{name}/password", Call: func(t *testing.T) { must(t, admin.SetPassword(ctx, "ada", second)) }},
		{Route: "POST /v1/login", Call: func(t *testing.T) { ada, tokens = f.as(t, "ada", second) }},
		{Route: "POST /v1/token", Call: func(t *testing.T) { // which narrows the session
			resp, text := f.send(t, "POST", "/v1/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.RefreshToken}, "scope": {"jobs:read"}}.Encode(),
				"Content-Type", "application/x-www-form-urlencoded")
			if resp.StatusCode != http.StatusOK {
				t.Fatal(text)
			}
		}},
		{Route: "POST /v1/tokens", Call: func(t *testing.T) {
			var err error
			made, err = admin.AddPersonalToken(ctx, client.NewPersonalToken{Name: "ci", Scopes: []auth.Scope{auth.JobsRead}})
			must(t, err)
		}},
		{Route: "DELETE /v1/tokens/{id}", Call: func(t *testing.T) { must(t, admin.EndPersonalToken(ctx, made.ID)) }},
		{Route: "POST /v1/services", Call: func(t *testing.T) {
			_, err := admin.AddService(ctx, client.NewService{Name: "exporter", Scopes: []auth.Scope{auth.ResultsRead}})
			must(t, err)
		}},
		{Route: "PUT /v1/services/{name}/scopes", Call: func(t *testing.T) {
			_, err := admin.SetServiceScopes(ctx, "exporter", auth.AuditRead)
			must(t, err)
		}},
		{Route: "POST /v1/services/{name}/secret", Call: func(t *testing.T) {
			_, err := admin.RotateSecret(ctx, "exporter", time.Hour)
			must(t, err)
		}},
		{Route: "DELETE /v1/services/{name}", Call: func(t *testing.T) { must(t, admin.RemoveService(ctx, "exporter")) }},
		{Route: "POST /v1/logout", Call: func(t *testing.T) { must(t, ada.Logout(ctx)) }},
		{Route: "PUT /v1/whoami/password", Call: func(t *testing.T) {
			ada, _ = f.as(t, "ada", second)
			must(t, ada.ChangePassword(ctx, second, third))
		}},
		{Route: "DELETE /v1/users/{name}", Call: func(t *testing.T) { must(t, admin.RemoveUser(ctx, "ada")) }},
		{Route: "POST /v1/introspect", NoChange: "it reads"},
	})
	text, err := json.Marshal(audittest.List(t, f.store.Trail, audit.Filter{}))
	must(t, err)
	for _, secret := range []string{password, second, third, adminPassword, tokens.AccessToken, tokens.RefreshToken, "$argon2"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the trail has the secret %q", secret)
		}
	}
	removed := audittest.List(t, f.store.Trail, audit.Filter{Action: "set-roles", Object: audit.Object{Kind: "user", ID: "ada"}})
	if len(removed) != 1 || removed[0].Actor.Name != "admin" ||
		!strings.Contains(string(removed[0].Before), `"roles":["manager"]`) || !strings.Contains(string(removed[0].After), `"roles":["manager","secretary"]`) {
		t.Errorf("got %+v, want before and after", removed)
	}
}

// run runs the desk of a fixture until the test ends.
func (f *fixture) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); f.desk.Run(ctx, f.store.Trail, 400*24*time.Hour) }()
	t.Cleanup(func() { cancel(); <-done })
}

// await returns the only event that a filter selects, once it is there.
func (f *fixture) await(t *testing.T, filter audit.Filter) (e audit.Event) {
	t.Helper()
	servetest.Until(t, "the event is in the trail", func() bool {
		events := audittest.List(t, f.store.Trail, filter)
		if len(events) == 1 {
			e = events[0]
		}
		return len(events) == 1
	})
	return e
}

func TestRefusalsAreRecorded(t *testing.T) {
	t.Parallel()
	f := start(t)
	if _, err := f.store.AddUser(t.Context(), "ada", f.hash(t, "an unusual phrase"), []auth.Role{auth.Manager}); err != nil {
		t.Fatal(err)
	}
	ada, _ := f.as(t, "ada", "an unusual phrase")
	wantKind(t, ada.RemoveUser(t.Context(), "admin"), problem.Forbidden)
	open := client.New(f.url, nil)
	_, err := open.Login(t.Context(), "ada", "wrong")
	wantKind(t, err, problem.Unauthorized)
	_, err = open.Login(t.Context(), "my-passw0rd-by-mistake", "ada")
	wantKind(t, err, problem.Unauthorized)
	_, err = open.Credentials(t.Context(), "worker", "wrong", auth.Queue)
	wantKind(t, err, problem.Unauthorized)
	admin, tokens := f.as(t, "admin", adminPassword)
	wantKind(t, admin.RemoveUser(t.Context(), "admin"), problem.Conflict)
	wantKind(t, admin.ChangePassword(t.Context(), "wrong", "an unusual phrase"), problem.Invalid)
	_, err = open.Refresh(t.Context(), "no token", auth.Authsvc)
	if err == nil {
		t.Error("a made-up refresh token is taken")
	}
	f.run(t)

	e := f.await(t, audit.Filter{Actor: "ada", Action: "remove-user", Outcome: audit.Refused})
	if e.Object != (audit.Object{Kind: "user", ID: "admin"}) || !strings.Contains(e.Reason, "users:write") || e.RequestID == "" || e.Source != "127.0.0.1" || e.Actor.Token == "" {
		t.Errorf("got %+v", e)
	}
	e = f.await(t, audit.Filter{Action: "login", Object: audit.Object{Kind: "user", ID: "ada"}, Outcome: audit.Refused})
	if e.Times != 1 || e.Actor.Subject != "" || !strings.Contains(e.Reason, "password is wrong") {
		t.Errorf("got %+v", e)
	}
	f.await(t, audit.Filter{Action: "login", Object: audit.Object{Kind: "login"}, Outcome: audit.Refused})
	e = f.await(t, audit.Filter{Actor: "admin", Action: "remove-user", Outcome: audit.Refused})
	if !strings.Contains(e.Reason, "last administrator") || e.Actor.Session == "" {
		t.Errorf("got %+v, %s", e, tokens.Scope)
	}
	f.await(t, audit.Filter{Actor: "admin", Action: "change-password", Outcome: audit.Refused})
	for _, e := range audittest.List(t, f.store.Trail, audit.Filter{Action: "token", Outcome: audit.Refused}) {
		if e.Reason == "" {
			t.Errorf("got %+v", e)
		}
	}
	if n := len(audittest.List(t, f.store.Trail, audit.Filter{Action: "token", Outcome: audit.Refused})); n != 2 {
		t.Errorf("%d refused tokens are recorded, want that of the secret and of the refresh token", n)
	}
	text, err := json.Marshal(audittest.List(t, f.store.Trail, audit.Filter{}))
	if err != nil || strings.Contains(string(text), "by-mistake") {
		t.Errorf("the trail has what nobody's name is: %s, %v", text, err)
	}
}

// A flood of refusals leaves few events.
func TestFloodOfRefusalsIsOneEvent(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.run(t)
	for range 300 {
		f.send(t, "DELETE", "/v1/users/ada", "")
	}
	servetest.Until(t, "the flood is in the trail", func() bool {
		return len(audittest.List(t, f.store.Trail, audit.Filter{Action: "remove-user"})) > 0
	})
	// The rest is written a minute later, as one.
	if n := len(audittest.List(t, f.store.Trail, audit.Filter{Action: "remove-user"})); n != 1 {
		t.Errorf("300 refusals are %d events, want 1", n)
	}
}

func TestShowAudit(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, tokens := f.as(t, "admin", adminPassword)
	bearer := "Bearer " + tokens.AccessToken
	const many = 1234
	events := make([]audit.Event, many)
	for i := range events {
		events[i] = audit.Event{Action: "many", Object: audit.Object{Kind: "thing", ID: "a:b"}}
	}
	if err := f.store.Trail.AddAll(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for next := "?action=many&limit=1000"; next != ""; {
		resp, text := f.send(t, "GET", audit.Path+next, "", "Authorization", bearer)
		var page audit.Page
		if err := json.Unmarshal([]byte(text), &page); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("got %d %s", resp.StatusCode, text)
		}
		for _, e := range page.Events {
			seen[e.Position] = true
		}
		next = ""
		if page.Next != 0 {
			next = "?" + audit.Filter{Action: "many", Before: page.Next}.Query().Encode()
		}
	}
	exported := 0
	err := audit.Each(t.Context(), &http.Client{Transport: &auth.Transport{Source: auth.Static(tokens.AccessToken)}}, f.url,
		audit.Filter{Action: "many", Object: audit.Object{Kind: "thing", ID: "a:b"}}, func(audit.Event) (bool, error) { exported++; return true, nil })
	if err != nil || exported != many || len(seen) != 1000+100+100+34 {
		t.Errorf("the pages have %d events, the export has %d, want %d (%v)", len(seen), exported, many, err)
	}
	for path, status := range map[string]int{"?since=yesterday": 422, "?outcome=lost": 422, "?limit=0": 422, "?who=ada": 422, "?since=2024-01-01T00:00:00Z": 200} {
		if resp, text := f.send(t, "GET", audit.Path+path, "", "Authorization", bearer); resp.StatusCode != status {
			t.Errorf("%s: got %d %s, want %d", path, resp.StatusCode, text, status)
		}
	}
	if resp, _ := f.send(t, "GET", audit.Path, "", "Authorization", bearer, "Accept", "text/html"); resp.StatusCode != http.StatusNotAcceptable {
		t.Errorf("got %d for HTML", resp.StatusCode)
	}
	manager := auth.Manager
	if _, err := f.store.AddUser(t.Context(), "bob", f.hash(t, "an unusual phrase"), []auth.Role{manager}); err != nil {
		t.Fatal(err)
	}
	_, tokens = f.as(t, "bob", "an unusual phrase")
	if resp, _ := f.send(t, "GET", audit.Path, "", "Authorization", "Bearer "+tokens.AccessToken); resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %d for a manager", resp.StatusCode)
	}
}

// The service and its commands act, too.
func TestWhatTheSystemDoesIsRecorded(t *testing.T) {
	t.Parallel()
	f := start(t)
	if events := audittest.List(t, f.store.Trail, audit.Filter{Actor: "system", Action: "rotate-keys"}); len(events) != 1 || !strings.Contains(string(events[0].After), `"current"`) {
		t.Errorf("got %+v, want the keys of the first start", events)
	}
	// A refresh token that is used again long after its successor ends its session.
	_, tokens := f.as(t, "admin", adminPassword)
	open := client.New(f.url, nil)
	if _, err := open.Refresh(t.Context(), tokens.RefreshToken, auth.Authsvc); err != nil {
		t.Fatal(err)
	}
	if _, err := f.pool.Exec(t.Context(), "UPDATE refresh_token SET rotated_at = rotated_at - interval '1 hour'"); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Refresh(t.Context(), tokens.RefreshToken, auth.Authsvc); err == nil {
		t.Fatal("the token is taken")
	}
	if events := audittest.List(t, f.store.Trail, audit.Filter{Actor: "system", Action: "end-session"}); len(events) != 1 || events[0].Object.Kind != "session" {
		t.Errorf("got %+v, want the end of the session", events)
	}
	if err := f.store.Sealing(nil).RemoveKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := store.New(f.pool).SetService(t.Context(), "walker", token.Digest("x"), nil); err != nil {
		t.Fatal(err)
	}
	if err := f.store.RemoveService(t.Context(), "walker"); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"reset-keys", "set-service", "remove-service"} {
		if len(audittest.List(t, f.store.Trail, audit.Filter{Action: action})) == 0 {
			t.Errorf("there is no %s", action)
		}
	}
}
