package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

// TestTokenEndpoint holds the endpoint against RFC 6749, sections 2.3.1, 3.2,
// 4.4, 5.1, 5.2 and 6.
func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	f := start(t)
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, contentType, body, authorization string
		status                                 int
		code, scope                            string
	}{
		{"Basic", form, "grant_type=client_credentials", basic("worker", "secret"), 200, "", "datasets:read queue:lease"},
		{"form", form + "; charset=utf-8", "grant_type=client_credentials&client_id=worker&client_secret=secret", "", 200, "", "datasets:read queue:lease"},
		{"narrowed", form, "grant_type=client_credentials&scope=queue:lease", basic("worker", "secret"), 200, "", "queue:lease"},
		{"empty scope", form, "grant_type=client_credentials&scope=", basic("worker", "secret"), 200, "", "datasets:read queue:lease"},
		{"too wide", form, "grant_type=client_credentials&scope=users:write", basic("worker", "secret"), 400, "invalid_scope", ""},
		{"wrong secret", form, "grant_type=client_credentials", basic("worker", "Secret"), 401, "invalid_client", ""},
		{"unknown client", form, "grant_type=client_credentials", basic("nobody", "secret"), 401, "invalid_client", ""},
		{"a zero byte", form, "grant_type=client_credentials", basic("a%00b", "x"), 401, "invalid_client", ""},
		{"broken UTF-8", form, "grant_type=client_credentials&client_id=%ff&client_secret=x", "", 401, "invalid_client", ""},
		{"empty secret", form, "grant_type=client_credentials", basic("nobody", ""), 401, "invalid_client", ""},
		{"no client", form, "grant_type=client_credentials", "", 401, "invalid_client", ""},
		{"another scheme", form, "grant_type=client_credentials", "Bearer x", 401, "invalid_client", ""},
		{"two ways", form, "grant_type=client_credentials&client_secret=secret", basic("worker", "secret"), 400, "invalid_request", ""},
		{"two names", form, "grant_type=client_credentials&client_id=frontend", basic("worker", "secret"), 400, "invalid_request", ""},
		{"no grant type", form, "client_id=worker", "", 400, "invalid_request", ""},
		{"another grant type", form, "grant_type=password&username=admin&password=x", "", 400, "unsupported_grant_type", ""},
		{"twice", form, "grant_type=client_credentials&grant_type=client_credentials", "", 400, "invalid_request", ""},
		{"no form", form, "%zz", "", 400, "invalid_request", ""},
		{"JSON", "application/json", `{"grant_type":"client_credentials"}`, "", 400, "invalid_request", ""},
		{"no refresh token", form, "grant_type=refresh_token", "", 400, "invalid_request", ""},
		{"unknown refresh token", form, "grant_type=refresh_token&refresh_token=x", "", 400, "invalid_grant", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, text := f.send(t, "POST", "/v1/token", c.body, "Content-Type", c.contentType, "Authorization", c.authorization)
			if resp.StatusCode != c.status {
				t.Fatalf("got %d %s, want %d", resp.StatusCode, text, c.status)
			}
			if got := resp.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control: %q", got)
			}
			if got := resp.Header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type: %q", got)
			}
			if challenge := resp.Header.Get("WWW-Authenticate"); (challenge != "") != (c.status == 401) {
				t.Errorf("challenge %q with %d", challenge, c.status)
			}
			var got struct {
				client.Tokens
				client.OAuthError
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if got.Code != c.code || got.Scope != c.scope || (got.AccessToken != "") != (c.status == 200) || got.RefreshToken != "" {
				t.Errorf("got %s", text)
			}
		})
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, tokens := f.as(t, "admin", adminPassword)
	got := f.introspect(t, tokens.AccessToken, tokens.AccessToken)
	if !got.Active || got.Username != "admin" || got.Scope != tokens.Scope || got.Expires-got.Issued != 600 ||
		got.Issuer != auth.DefaultIssuer || len(got.Audience) != 3 || got.ClientID != "foliocast" || got.TokenType != "Bearer" {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"nonsense", tokens.RefreshToken, tokens.AccessToken + "x"} {
		if got := f.introspect(t, tokens.AccessToken, bad); !cmp.Equal(got, client.Introspection{}) {
			t.Errorf("%.10s…: got %+v", bad, got)
		}
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	f := start(t)
	resp, text := f.send(t, "GET", "/.well-known/oauth-authorization-server", "")
	var m client.Metadata
	if err := json.Unmarshal([]byte(text), &m); err != nil || resp.StatusCode != 200 || m.Issuer != auth.DefaultIssuer || m.JWKS != auth.DefaultIssuer+"/.well-known/jwks.json" {
		t.Errorf("got %d %s", resp.StatusCode, text)
	}
}

func FuzzReadForm(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "grant_type=a&b=%20", "Basic dzp4")
	f.Add("text/plain", "", "")
	f.Add("application/x-www-form-urlencoded", "a=1&a=2;b", "basic "+base64.StdEncoding.EncodeToString([]byte("%zz:%")))
	f.Fuzz(func(t *testing.T, contentType, body, authorization string) {
		form, err := readForm(contentType, []byte(body))
		if err != nil {
			return
		}
		for name, values := range form {
			if len(values) != 1 || values[0] == "" {
				t.Errorf("field %q has the values %q", name, values)
			}
		}
		id, secret, err := credentials(authorization, form)
		if err == nil && authorization == "" && (id == "" || secret == "") {
			t.Error("a client without id or secret is taken")
		}
	})
}

// A scope that is refused must not use up the refresh token: its next use would
// look like that of a thief.
func TestRefreshWithTooWideAScopeChangesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, tokens := f.as(t, "admin", adminPassword)
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.RefreshToken}, "scope": {"queue:lease"}}
	resp, text := f.send(t, "POST", "/v1/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, invalidScope) {
		t.Errorf("got %d %s, want %s", resp.StatusCode, text, invalidScope)
	}
	if _, err := f.pool.Exec(t.Context(), "UPDATE refresh_token SET rotated_at = rotated_at - interval '21 s'"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.New(f.url, nil).Refresh(t.Context(), tokens.RefreshToken, auth.Authsvc); err != nil {
		t.Errorf("the session has ended: %v", err)
	}
}

// refresh exchanges a refresh token, for tokens with fewer scopes when some are named.
func (f *fixture) refresh(t *testing.T, old, scope string) (*http.Response, client.Tokens) {
	t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}, "scope": {scope}}
	resp, text := f.send(t, "POST", "/v1/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var tokens client.Tokens
	if err := json.Unmarshal([]byte(text), &tokens); err != nil {
		t.Fatal(err)
	}
	return resp, tokens
}

func TestNarrowedSessionStaysNarrow(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, tokens := f.as(t, "admin", adminPassword)
	_, narrow := f.refresh(t, tokens.RefreshToken, "jobs:read datasets:read")
	if narrow.Scope != "datasets:read jobs:read" {
		t.Fatalf("got the scope %q", narrow.Scope)
	}
	_, again := f.refresh(t, narrow.RefreshToken, "")
	if again.Scope != narrow.Scope {
		t.Errorf("without a scope: got %q, want %q", again.Scope, narrow.Scope)
	}
	if resp, _ := f.refresh(t, again.RefreshToken, "users:write"); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a scope that was given up: got %d, want 400", resp.StatusCode)
	}
	if _, less := f.refresh(t, again.RefreshToken, "jobs:read"); less.Scope != "jobs:read" {
		t.Errorf("narrowed again: got %q", less.Scope)
	}
	if _, first := f.refresh(t, tokens.RefreshToken, ""); first.Scope != "jobs:read" {
		t.Errorf("the token before, within its grace: got %q", first.Scope)
	}
}

// All exchanges of one refresh token give the same successor: a session has one
// branch, and the one who comes second is noticed.
func TestRefreshTokenHasOneSuccessor(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, first := f.as(t, "admin", adminPassword)
	successors := make([]string, 6)
	var all sync.WaitGroup
	for i := range successors {
		all.Go(func() {
			got, err := client.New(f.url, nil).Refresh(t.Context(), first.RefreshToken, auth.Authsvc)
			if err != nil {
				t.Error(err)
			}
			successors[i] = got.RefreshToken
		})
	}
	all.Wait()
	if slices.Sort(successors); successors[0] != successors[5] || successors[0] == first.RefreshToken {
		t.Errorf("got the successors %q, want one", successors)
	}
}

// A token names the services at which it has a right, or the one that was asked for.
func TestTokensAreForTheirServicesOnly(t *testing.T) {
	t.Parallel()
	f := start(t)
	const everywhere = "foliocast:authsvc foliocast:frontend foliocast:queue"
	for _, c := range []struct{ name, form, to, scope string }{
		{"all that it may", "", everywhere, "datasets:read queue:lease"},
		{"by scope", "&scope=queue:lease", "foliocast:authsvc foliocast:queue", "queue:lease"},
		{"by resource", "&resource=foliocast:queue", "foliocast:queue", "queue:lease"},
		{"the identity service", "&resource=foliocast:authsvc", "foliocast:authsvc", ""},
		{"no right there", "&scope=queue:lease&resource=foliocast:frontend", "", ""},
		{"no such service", "&resource=elsewhere", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, text := f.send(t, "POST", "/v1/token", "grant_type=client_credentials"+c.form,
				"Content-Type", "application/x-www-form-urlencoded", "Authorization", basic("worker", "secret"))
			if c.to == "" {
				if resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, invalidTarget) {
					t.Errorf("got %d %s, want %s", resp.StatusCode, text, invalidTarget)
				}
				return
			}
			var tokens client.Tokens
			if err := json.Unmarshal([]byte(text), &tokens); err != nil || tokens.Scope != c.scope {
				t.Fatalf("got %s, want the scope %q", text, c.scope)
			}
			for _, service := range auth.AllAudiences() {
				_, err := auth.NewVerifier(f.ring, auth.DefaultIssuer, service, nil).Verify(t.Context(), tokens.AccessToken)
				if want := strings.Contains(c.to, string(service)); (err == nil) != want {
					t.Errorf("at %s: %v", service, err)
				}
			}
		})
	}
	_, tokens := f.as(t, "admin", adminPassword)
	narrow, err := client.New(f.url, nil).Refresh(t.Context(), tokens.RefreshToken, auth.Queue)
	if err != nil || narrow.Scope != "audit:read queues:write" {
		t.Fatalf("got %+v, %v", narrow, err)
	}
	_, err = client.New(f.url, auth.Static(narrow.AccessToken)).Users(t.Context())
	wantKind(t, err, problem.Unauthorized)
	if in := f.introspect(t, tokens.AccessToken, narrow.AccessToken); !in.Active || !slices.Equal(in.Audience, []string{"foliocast:queue"}) {
		t.Errorf("introspection: %+v", in)
	}
	if wide, err := client.New(f.url, nil).Refresh(t.Context(), narrow.RefreshToken, auth.Frontend); err != nil || wide.Scope != "audit:read datasets:read datasets:write jobs:read jobs:write" {
		t.Errorf("a resource narrowed the session: %+v, %v", wide, err)
	}
}
