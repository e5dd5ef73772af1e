package auth_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

type answer struct{ Body struct{ Name string } }

// door is a service with a public, an open, a guarded and a forgotten route.
func door(v *auth.Verifier) *serve.Door {
	d := serve.NewDoor(serve.Config{Name: "test", Log: slog.New(slog.DiscardHandler)})
	v.Guard(d.API)
	handler := func(ctx context.Context, _ *struct{}) (*answer, error) {
		p, _ := auth.From(ctx)
		a := &answer{}
		a.Body.Name = p.Name
		return a, nil
	}
	register := func(path string, security []map[string][]string) {
		huma.Register(d.API, huma.Operation{Method: http.MethodGet, Path: path, Security: security}, handler)
	}
	register("/public", auth.Public())
	register("/any", auth.Needs())
	register("/one/{id}", auth.Needs(auth.JobsRead))
	register("/two", auth.Needs(auth.JobsWrite, auth.DatasetsRead))
	register("/lease", auth.Needs(auth.QueueLease))
	return d
}

func TestWalk(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	d := door(issuer.Verifier())
	authtest.Walk(t, issuer, d.Router, d.API, []authtest.Route{
		{Method: "GET", Path: "/public", Public: true},
		{Method: "GET", Path: "/any"},
		{Method: "GET", Path: "/one/{id}", Needs: []auth.Scope{auth.JobsRead}},
		{Method: "GET", Path: "/two", Needs: []auth.Scope{auth.JobsWrite, auth.DatasetsRead}},
		{Method: "GET", Path: "/lease", Needs: []auth.Scope{auth.QueueLease}},
	})
}

func get(t *testing.T, h http.Handler, path, authorization string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

func TestGuardPutsThePrincipalIntoTheContext(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	w := get(t, door(issuer.Verifier()).Router, "/any", "bearer "+issuer.Service("worker"))
	if want := `{"Name":"worker"}`; strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("got %d %s, want %s", w.Code, w.Body, want)
	}
}

func TestGuardRefusesAnOperationThatDeclaresNothing(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	d := door(issuer.Verifier())
	for name, security := range map[string][]map[string][]string{
		"nothing": nil, "anonymous": {{}}, "other": {{"basic": {}}}, "either": {{"bearer": {}}, {"bearer": {"jobs:read"}}},
	} {
		huma.Register(d.API, huma.Operation{Method: http.MethodGet, Path: "/" + name, Security: security},
			func(context.Context, *struct{}) (*answer, error) { return &answer{}, nil })
		if w := get(t, d.Router, "/"+name, "Bearer "+issuer.Token(auth.Administrator)); w.Code != http.StatusInternalServerError {
			t.Errorf("%s: got %d, want 500", name, w.Code)
		}
	}
}

func TestGuardSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	d := door(issuer.Verifier())
	for _, c := range []struct{ name, path, authorization, challenge, detail string }{
		{"no token", "/any", "", `Bearer realm="foliocast"`,
			"this needs an access token: log in, and send it as Authorization: Bearer"},
		{"another scheme", "/any", "Basic eDp5", `Bearer realm="foliocast"`,
			"this needs an access token: log in, and send it as Authorization: Bearer"},
		{"expired", "/any", "Bearer " + issuer.Expired(),
			`Bearer realm="foliocast", error="invalid_token", error_description="the access token is expired"`,
			"the access token is expired: log in again"},
		{"one of two scopes", "/two", "Bearer " + issuer.Token(auth.JobsWrite),
			`Bearer realm="foliocast", error="insufficient_scope", scope="datasets:read jobs:write"`,
			"this needs the right datasets:read, which the token does not have"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := get(t, d.Router, c.path, c.authorization)
			if got := w.Header().Get("WWW-Authenticate"); got != c.challenge {
				t.Errorf("challenge: got %s, want %s", got, c.challenge)
			}
			var p problem.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Detail != c.detail {
				t.Errorf("got %q (%v), want %q", p.Detail, err, c.detail)
			}
		})
	}
}

func TestGuardWithoutKeysIsUnavailable(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	keys := auth.NewRemoteKeys(gone.URL, slog.New(slog.DiscardHandler))
	d := door(auth.NewVerifier(keys, auth.DefaultIssuer, auth.Queue, nil))
	w := get(t, d.Router, "/any", "Bearer "+issuer.Token(auth.Manager))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %v, want 503 with Retry-After", w.Code, w.Header())
	}
	if w := get(t, d.Router, "/any", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("without a token: got %d, want 401", w.Code)
	}
}
