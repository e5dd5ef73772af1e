package authtest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/internal/serve"
)

// TestWalkFindsHoles: a walk is useful only when it finds what is wrong. Each
// route has one fault, or none.
func TestWalkFindsHoles(t *testing.T) {
	t.Parallel()
	issuer := New(t)
	d := serve.NewDoor(serve.Config{Name: "test", Log: slog.New(slog.DiscardHandler)})
	issuer.Verifier().Guard(d.API)
	for path, security := range map[string][]map[string][]string{
		"/good": auth.Needs(auth.JobsWrite), "/open": auth.Public(), "/any": auth.Needs(), "/weaker": auth.Needs(auth.JobsRead),
		"/stricter": auth.Needs(auth.JobsWrite, auth.UsersWrite), "/forgotten": nil, "/unknown": auth.Public(),
	} {
		huma.Register(d.API, huma.Operation{Method: http.MethodGet, Path: path, Security: security},
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	}
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	needs := []auth.Scope{auth.JobsWrite}
	for path, want := range map[string]string{
		"/good":      "",
		"/open":      "HEAD, no token: got 204, want 401",
		"/any":       "role secretary: got 204, want 403",
		"/weaker":    "every scope but jobs:write: got 204, want 403",
		"/stricter":  "role manager: got 403, want to pass",
		"/forgotten": "no token: got 500, want 401",
	} {
		holes := strings.Join(walkRoute(t.Context(), issuer, server.URL, Route{Method: http.MethodGet, Path: path, Needs: needs}), "\n")
		if want == "" && holes != "" || !strings.Contains(holes, want) {
			t.Errorf("%s: got %q, want %q", path, holes, want)
		}
	}
	table := []Route{{Method: "GET", Path: "/missing"}}
	for _, path := range []string{"/good", "/open", "/any", "/weaker", "/stricter", "/forgotten"} {
		table = append(table, Route{Method: "GET", Path: path})
	}
	want := "operation GET /unknown is not in the table of this test\nthe table of this test names GET /missing, which is not an operation"
	if got := strings.Join(compare(d.API, table), "\n"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
