package foliocast

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// wellFormed is a token that is well formed.
func wellFormed() string { return auth.Marked(auth.PersonalPrefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") }

// oneToken has a user with one token.
func oneToken(asked *map[string]any) map[string]http.HandlerFunc {
	const id = "01890a5d-ac96-774b-bcce-b302099a8057"
	made := map[string]any{"id": id, "name": "nightly", "scopes": []string{"jobs:read"}, "created_at": time.Now(), "expires_at": time.Now().Add(time.Hour)}
	return map[string]http.HandlerFunc{
		"GET /v1/whoami": func(w http.ResponseWriter, r *http.Request) { whoami(w, r, "Bearer a token") },
		"GET /v1/tokens": answer(http.StatusOK, map[string]any{"tokens": []any{made}, "most": 50, "longest_life": 86400}),
		"POST /v1/tokens": func(w http.ResponseWriter, r *http.Request) {
			_ = json.NewDecoder(r.Body).Decode(asked)
			made["token"] = wellFormed()
			answer(http.StatusCreated, made)(w, r)
		},
		"DELETE /v1/tokens/" + id: answer(http.StatusNoContent, nil),
	}
}

func TestTokenCommands(t *testing.T) {
	t.Parallel()
	asked := map[string]any{}
	s := newScript(t, oneToken(&asked))
	p := newPerson(t, s)
	p.signIn()
	r := p.types("", "token", "create", "nightly", "--scope", "jobs:read,datasets:read", "--expires", "30d")
	r.check(t, exitOK, "", "made the token nightly (jobs:read), valid until ")
	if r.out != wellFormed()+"\n" { // alone, for TOKEN=$(…)
		t.Errorf("standard output is %q", r.out)
	}
	if text, _ := json.Marshal(asked); string(text) != `{"expires_in":2592000,"name":"nightly","scopes":["jobs:read","datasets:read"]}` {
		t.Errorf("asked for %s", text)
	}
	p.types("", "token", "list").check(t, exitOK, "nightly", "")
	p.types("", "token", "list", "--output", "csv").check(t, exitOK, "token,may,state,expires,last_used,created,id", "")
	p.types("", "token", "revoke", "nightly").check(t, exitOK, "revoked the token nightly", "")
	p.types("", "token", "revoke", "weekly").check(t, exitNotFound, "", "you have no token weekly")
	for line, want := range map[string]string{
		"token create x":                                    "--scope is missing",
		"token create x --scope queue:lease":                `"queue:lease" is not a scope`,
		"token create x --scope jobs:read --expires 3":      "--expires must be a time of at least 1m",
		"token create x --scope jobs:read --expires -3d":    "--expires must be a time",
		"token create x --scope jobs:read --expires 9e9d":   "--expires must be a time",
		"token create x --scope jobs:read --expires 99999d": "--expires must be a time",
		"service add x":                      "--scope is missing",
		"service scopes x jobs:all":          `"jobs:all" is not a scope`,
		"service rotate x --overlap -1s":     "--overlap must be a time of at least 0",
		"login --token-stdin --username ann": "--token-stdin needs neither",
	} {
		p.types("", strings.Fields(line)...).check(t, exitUsage, "", want)
	}
}

func TestServiceCommands(t *testing.T) {
	t.Parallel()
	now := time.Now()
	account := map[string]any{"name": "exporter", "scopes": []string{"results:read"}, "created_at": now, "changed_at": now,
		"client_secret": "flcs_X", "previous_secret": map[string]any{"valid_until": now.Add(time.Hour)}}
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/services":                  answer(http.StatusOK, map[string]any{"services": []any{account}}),
		"POST /v1/services":                 answer(http.StatusCreated, account),
		"POST /v1/services/exporter/secret": answer(http.StatusCreated, account),
		"PUT /v1/services/exporter/scopes":  answer(http.StatusOK, account),
		"DELETE /v1/services/exporter":      answer(http.StatusNoContent, nil),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "service", "list").check(t, exitOK, "exporter", "")
	for _, c := range []struct{ line, out, err string }{
		{"service add exporter --scope results:read", "flcs_X\n", "added the service account exporter (results:read)"},
		{"service rotate exporter --overlap 7d", "flcs_X\n", "the old one is valid until"},
		{"service scopes exporter results:read", "exporter may now results:read\n", ""},
		{"service remove exporter", "removed exporter\n", ""},
	} {
		r := p.types("", strings.Fields(c.line)...)
		r.check(t, exitOK, "", c.err)
		if r.out != c.out {
			t.Errorf("%s: standard output is %q", c.line, r.out)
		}
	}
}

// A script needs neither a password nor a home directory.
func TestTokensInsteadOfASession(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/whoami": func(w http.ResponseWriter, r *http.Request) { whoami(w, r, "Bearer "+wellFormed()) },
		"GET /v1/users":  refuse(problem.New(problem.Unauthorized, "the personal access token was ended: make another one")),
	})
	p := newPerson(t, s)
	delete(p.env, "XDG_CONFIG_HOME")
	p.env["FOLIOCAST_TOKEN"] = wellFormed()
	p.types("", "whoami").check(t, exitOK, "ann", "")
	p.types("", "user", "list").check(t, exitDenied, "", "Set FOLIOCAST_TOKEN to another token")
	p.types("", "logout").check(t, exitUsage, "", "FOLIOCAST_TOKEN is set")
	for _, bad := range []string{wellFormed()[:20], wellFormed() + "A", "two words"} {
		p.env["FOLIOCAST_TOKEN"] = bad
		p.types("", "whoami").check(t, exitUsage, "", "FOLIOCAST_TOKEN is not a whole token")
	}
	delete(p.env, "FOLIOCAST_TOKEN")
	p.env["XDG_CONFIG_HOME"] = t.TempDir()
	p.types("flc_A", "login", "--token-stdin").check(t, exitUsage, "", "standard input is not a whole token")
	p.types("password", "login", "--token-stdin").check(t, exitUsage, "", "they begin with flc_")
	p.types(auth.Marked(auth.PersonalPrefix, "OTHER"), "login", "--token-stdin").check(t, exitDenied, "", "is expired")
	p.types("", "whoami").check(t, exitDenied, "", "you are not signed in")
	p.types(wellFormed()+"\n", "login", "--token-stdin").check(t, exitOK, "signed in as ann with a token (jobs:read)", "")
	p.env = map[string]string{"XDG_CONFIG_HOME": p.env["XDG_CONFIG_HOME"]}
	p.types("", "whoami").check(t, exitOK, "ann", "")
	p.types("", "logout").check(t, exitOK, "signed out", "")
	if n := s.count("POST /v1/logout"); n != 0 {
		t.Error("the token's session was ended at the service")
	}
	p.types("", "whoami").check(t, exitDenied, "", "you are not signed in")
}
