package authtest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
)

// Route is one row of the table route × scope that a service is held to.
type Route struct {
	Method string
	Path   string       // as registered, as in /v1/jobs/{id}
	Needs  []auth.Scope // nil means that any good token will do
	Public bool         // needs no token at all
}

// Walk sends requests to every operation of api, which handler serves, and
// fails the test where one passes that must not, or the other way round: without a token,
// with each bad token of issuer, with each role, with each needed scope taken away,
// and with just the needed scopes. Every operation must stand in the table,
// and every row of the table must be an operation. The requests have no body
// and 0 for each parameter in the path, so that those who may pass do no harm.
func Walk(t *testing.T, issuer *Issuer, handler http.Handler, api huma.API, table []Route) {
	t.Helper()
	compare(t, api, table)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	for _, route := range table {
		t.Run(route.Method+" "+route.Path, func(t *testing.T) {
			walkRoute(t, issuer, server.URL, route)
		})
	}
}

// compare holds the table against the operations that are registered.
func compare(t *testing.T, api huma.API, table []Route) {
	t.Helper()
	var got, want []string
	for path, item := range api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch,
			http.MethodDelete: item.Delete, http.MethodHead: item.Head, http.MethodOptions: item.Options, http.MethodTrace: item.Trace,
		} {
			if op != nil {
				got = append(got, method+" "+path)
			}
		}
	}
	for _, route := range table {
		want = append(want, route.Method+" "+route.Path)
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("operation %s is not in the table of this test", name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("the table of this test names %s, which is no operation", name)
		}
	}
}

func walkRoute(t *testing.T, issuer *Issuer, base string, route Route) {
	if route.Public {
		expect(t, base, route, "no token", "", pass)
		return
	}
	expect(t, base, route, "no token", "", http.StatusUnauthorized)
	for name, token := range issuer.Bad() {
		expect(t, base, route, name, token, http.StatusUnauthorized)
	}
	for _, role := range auth.AllRoles() {
		expect(t, base, route, "role "+string(role), issuer.Token(role), outcome(role.Scopes(), route.Needs))
	}
	expect(t, base, route, "a service account with just the scopes", issuer.Service("walker", route.Needs...), pass)
	for _, needed := range route.Needs {
		rest := slices.DeleteFunc(auth.AllScopes(), func(s auth.Scope) bool { return s == needed })
		expect(t, base, route, "every scope but "+string(needed), issuer.Service("walker", rest...), http.StatusForbidden)
	}
}

// pass stands for every status but 401 and 403.
const pass = 0

// outcome is what a token with the scopes gets.
func outcome(has, needs []auth.Scope) int {
	for _, s := range needs {
		if !slices.Contains(has, s) {
			return http.StatusForbidden
		}
	}
	return pass
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// expect sends one request and looks at its status only: an answer that is a
// stream is not waited for.
func expect(t *testing.T, base string, route Route, bearer, token string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, route.Method, base+parameter.ReplaceAllString(route.Path, "0"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", bearer, err)
	}
	defer resp.Body.Close()
	refused := resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden
	switch {
	case want == pass && refused:
		t.Errorf("%s: got %d, want to pass", bearer, resp.StatusCode)
	case want != pass && resp.StatusCode != want:
		t.Errorf("%s: got %d, want %d", bearer, resp.StatusCode, want)
	case refused && !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer "):
		t.Errorf("%s: %d comes without a challenge", bearer, resp.StatusCode)
	case refused && resp.Header.Get("Content-Type") != "application/problem+json":
		t.Errorf("%s: %d comes with content type %q", bearer, resp.StatusCode, resp.Header.Get("Content-Type"))
	case want == pass && resp.StatusCode >= 500:
		t.Errorf("%s: got %d", bearer, resp.StatusCode)
	}
}
