package authtest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// Route is one row of the table route × scope that a service is held to.
type Route struct {
	Method string
	Path   string       // as registered, as in /v1/jobs/{id}
	Needs  []auth.Scope // nil means that any good token will do
	Public bool         // needs no token at all
}

// Walk sends requests to every operation of api, which handler serves, and
// fails the test where one passes that must not, or the other way round:
// without a token, with each bad token of issuer, with each role, with each
// needed scope taken away, and with just the needed scopes. Every operation
// must have a row in the table, and every row must be an operation. It must also
// obey the budget of bodies of the service's door, as serve.Door.Admit says it, and
// what answers GET answers HEAD. The
// requests have no body and 0 for each parameter in the path, so that requests
// that pass do no harm.
func Walk(t *testing.T, issuer *Issuer, handler http.Handler, api huma.API, table []Route) {
	t.Helper()
	for _, hole := range append(compare(api, table), headless(handler)...) {
		t.Error(hole)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	for _, route := range table {
		t.Run(route.Method+" "+route.Path, func(t *testing.T) {
			for _, hole := range walkRoute(t.Context(), issuer, server.URL, route) {
				t.Error(hole)
			}
			if hole := unbudgeted(t.Context(), issuer, handler, api, route); hole != "" {
				t.Error(hole)
			}
		})
	}
}

// compare holds the table against the operations that are registered, and
// returns a sentence for each difference.
func compare(api huma.API, table []Route) []string {
	var got, want, holes []string
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
			holes = append(holes, "operation "+name+" is not in the table of this test")
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			holes = append(holes, "the table of this test names "+name+", which is not an operation")
		}
	}
	return holes
}

// headless returns a sentence for each route of a router that takes GET and not HEAD.
func headless(handler http.Handler) (holes []string) {
	router, is := handler.(*gin.Engine)
	if !is {
		return nil
	}
	heads := map[string]bool{}
	for _, r := range router.Routes() {
		heads[r.Path] = heads[r.Path] || r.Method == http.MethodHead
	}
	for _, r := range router.Routes() {
		if r.Method == http.MethodGet && !heads[r.Path] {
			holes = append(holes, "the route "+r.Path+" takes GET and not HEAD")
		}
	}
	return holes
}

// pass stands for every status but 401, 403 and those of a failed service.
const pass = 0

// walkRoute tries one route in every way, and returns a sentence for each
// answer that is not as the table says.
func walkRoute(ctx context.Context, issuer *Issuer, base string, route Route) []string {
	var holes []string
	try := func(bearer, token string, want int) {
		url := base + parameter.ReplaceAllString(route.Path, "0")
		if err := answer(ctx, route.Method, url, token, want); err != nil {
			holes = append(holes, bearer+": "+err.Error())
		}
		if route.Method != http.MethodGet || want == pass {
			return
		}
		if err := answer(ctx, http.MethodHead, url, token, want); err != nil { // every GET is also a HEAD
			holes = append(holes, "HEAD, "+bearer+": "+err.Error())
		}
	}
	if route.Public {
		try("no token", "", pass)
		return holes
	}
	try("no token", "", http.StatusUnauthorized)
	for name, token := range issuer.Bad() {
		try(name, token, http.StatusUnauthorized)
	}
	for _, role := range auth.AllRoles() {
		want := http.StatusForbidden
		if (auth.Principal{Scopes: role.Scopes()}).May(route.Needs...) {
			want = pass
		}
		try("role "+string(role), issuer.Token(role), want)
	}
	try("a service account with just the scopes", issuer.Service("walker", route.Needs...), pass)
	if !slices.ContainsFunc(route.Needs, func(s auth.Scope) bool { return !slices.Contains(auth.Administrator.Scopes(), s) }) {
		try("a personal token with just the scopes", issuer.Personal(route.Needs...), pass)
	}
	for _, needed := range route.Needs {
		rest := slices.DeleteFunc(auth.Administrator.Scopes(), func(s auth.Scope) bool { return s == needed })
		try("a personal token without "+string(needed), issuer.Personal(rest...), http.StatusForbidden)
	}
	for _, needed := range route.Needs {
		rest := slices.DeleteFunc(auth.AllScopes(), func(s auth.Scope) bool { return s == needed })
		try("every scope but "+string(needed), issuer.Service("walker", rest...), http.StatusForbidden)
	}
	return holes
}

// unbudgeted announces a body that is too large, and says when nobody refuses it before it comes.
func unbudgeted(ctx context.Context, issuer *Issuer, handler http.Handler, api huma.API, route Route) string {
	for _, op := range operationsOf(api) {
		if op.Method != route.Method || op.Path != route.Path || op.RequestBody == nil || op.Metadata["streamed"] == true {
			continue
		}
		req, err := http.NewRequestWithContext(ctx, op.Method, "http://service"+parameterPath(op.Path, "0"), strings.NewReader("{}"))
		if err != nil {
			return err.Error()
		}
		req.ContentLength = op.MaxBodyBytes
		if !route.Public {
			req.Header.Set("Authorization", "Bearer "+issuer.Service("walker", route.Needs...))
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "and may have fewer than") {
			return fmt.Sprintf("a body of %d bytes is announced: got %d %.200s, want 413 before it comes", op.MaxBodyBytes, w.Code, w.Body)
		}
	}
	return ""
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// answer sends one request and looks at its status and header only: an answer
// that is a stream is not waited for. The error says how it differs from want.
func answer(ctx context.Context, method, url, token string, want int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	refused := resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden
	switch {
	case want == pass && (refused || resp.StatusCode >= 500):
		return fmt.Errorf("got %d, want to pass", resp.StatusCode)
	case want != pass && resp.StatusCode != want:
		return fmt.Errorf("got %d, want %d", resp.StatusCode, want)
	case refused && !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer "):
		return fmt.Errorf("%d comes without a challenge", resp.StatusCode)
	case refused && resp.Header.Get("Content-Type") != problem.ContentType:
		return fmt.Errorf("%d comes with content type %q", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	return nil
}
