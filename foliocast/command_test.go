package foliocast

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// script answers requests by "METHOD /path", and records them. It replaces all
// three services where a test needs an answer that real ones would not give.
type script struct {
	url     string
	mu      sync.Mutex
	answers map[string]http.HandlerFunc
	asked   []string
}

func newScript(t *testing.T, answers map[string]http.HandlerFunc) *script {
	t.Helper()
	s := &script{answers: answers}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Method + " " + r.URL.Path
		s.mu.Lock()
		s.asked = append(s.asked, name)
		answer := s.answers[name]
		s.mu.Unlock()
		if answer == nil {
			answer = refuse(problem.New(problem.NotFound, "there is no "+r.URL.Path))
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// count is how often a request came.
func (s *script) count(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, asked := range s.asked {
		if asked == name {
			n++
		}
	}
	return n
}

// answer is a 2xx answer with a JSON body; nil for none.
func answer(status int, v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if v != nil {
			_ = json.NewEncoder(w).Encode(v)
		}
	}
}

// refuse is an answer with a problem.
func refuse(p *problem.Problem) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", problem.ContentType)
		w.WriteHeader(p.Status)
		_ = json.NewEncoder(w).Encode(p)
	}
}

// tokens is the answer of a login.
func tokens(access string, life time.Duration) http.HandlerFunc {
	return answer(http.StatusOK, map[string]any{"access_token": access, "token_type": "Bearer",
		"expires_in": int(life.Seconds()), "refresh_token": "refresh of " + access, "scope": "jobs:read",
		"username": "ann", "roles": []string{"manager"}})
}

// person is a user without a terminal, with a home directory of their own.
type person struct {
	t   *testing.T
	env map[string]string
}

func newPerson(t *testing.T, s *script) *person {
	t.Helper()
	return &person{t: t, env: map[string]string{"XDG_CONFIG_HOME": t.TempDir(),
		"FOLIOCAST_URL": s.url, "FOLIOCAST_AUTH_URL": s.url, "FOLIOCAST_QUEUE_URL": s.url}}
}

// result is what a command did.
type result struct {
	code     int
	out, err string
}

func (p *person) types(stdin string, args ...string) result {
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(stdin), out: &out, err: &errs, version: "test", env: func(k string) string { return p.env[k] }}
	code := a.run(p.t.Context(), args)
	return result{code, out.String(), errs.String()}
}

// signIn gives the person a valid session.
func (p *person) signIn() {
	p.t.Helper()
	url := p.env["FOLIOCAST_AUTH_URL"]
	v := vault{path: p.env["XDG_CONFIG_HOME"] + "/foliocast/session.json"}
	err := v.change(func(s *sessions) error {
		mine := session{Username: "ann", RefreshToken: "another", Access: map[auth.Audience]access{}}
		for _, to := range auth.AllAudiences() {
			mine.Access[to] = access{"a token", time.Now().Add(time.Hour)}
		}
		s.ByAuth[url] = mine
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

func (r result) check(t *testing.T, code int, out, err string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d: %s", r.code, code, r.err)
	}
	if !strings.Contains(r.out, out) {
		t.Errorf("stdout %q lacks %q", r.out, out)
	}
	if !strings.Contains(r.err, err) {
		t.Errorf("stderr %q lacks %q", r.err, err)
	}
}

func TestLoginKeepsTheSession(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/login":  tokens("first", time.Hour),
		"GET /v1/whoami":  func(w http.ResponseWriter, r *http.Request) { whoami(w, r, "Bearer first") },
		"POST /v1/logout": answer(http.StatusNoContent, nil),
	})
	p := newPerson(t, s)
	p.types("", "whoami").check(t, exitDenied, "", "you are not signed in at "+s.url)
	p.types("secret\n", "login", "--username", "ann", "--password-stdin").check(t, exitOK, "signed in as ann (manager)", "")
	// Without any address: that of the sign-in.
	p.env = map[string]string{"XDG_CONFIG_HOME": p.env["XDG_CONFIG_HOME"]}
	p.types("", "whoami").check(t, exitOK, "ann", "")
	p.types("", "whoami", "--json").check(t, exitOK, `"username": "ann"`, "")
	p.types("", "logout").check(t, exitOK, "signed out", "")
}

func whoami(w http.ResponseWriter, r *http.Request, want string) {
	if r.Header.Get("Authorization") != want {
		refuse(problem.New(problem.Unauthorized, "the access token is expired"))(w, r)
		return
	}
	answer(http.StatusOK, map[string]any{"subject": "1", "username": "ann", "roles": []string{"manager"},
		"scopes": []string{"jobs:read"}, "expires_at": time.Now()})(w, r)
}

func TestLoginIsRefused(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/login": refuse(problem.New(problem.Unauthorized, "the name or the password is wrong")),
	})
	p := newPerson(t, s)
	r := p.types("secret", "login", "--username", "ann", "--password-stdin")
	r.check(t, exitDenied, "", "the name or the password is wrong")
	if strings.Contains(r.err, "foliocast login") {
		t.Errorf("the advice does not help: %q", r.err)
	}
	p.types("", "login", "--username", "ann", "--password-stdin").check(t, exitUsage, "", "standard input is empty")
	p.types("secret", "login", "--password-stdin").check(t, exitUsage, "", "needs --username")
	p.types("secret", "login").check(t, exitUsage, "", "--password-stdin")
}

// Many commands at once refresh an expired token once: a second use of the
// refresh token would end the session.
func TestRefreshHappensOnce(t *testing.T) {
	t.Parallel()
	s := newScript(t, nil)
	s.answers = map[string]http.HandlerFunc{
		"POST /v1/login": tokens("old", 0),
		"POST /v1/token": func(w http.ResponseWriter, r *http.Request) {
			if text, _ := io.ReadAll(r.Body); !strings.Contains(string(text), "refresh+of+old") {
				refuse(problem.New(problem.Unauthorized, "reused"))(w, r)
				return
			}
			tokens("new", time.Hour)(w, r)
		},
		"GET /v1/whoami": func(w http.ResponseWriter, r *http.Request) { whoami(w, r, "Bearer new") },
	}
	p := newPerson(t, s)
	p.types("secret", "login", "--username", "ann", "--password-stdin").check(t, exitOK, "", "")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { p.types("", "whoami").check(t, exitOK, "ann", "") })
	}
	wg.Wait()
	if n := s.count("POST /v1/token"); n != 1 {
		t.Errorf("refreshed %d times", n)
	}
}

func TestSessionThatHasEnded(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/login": tokens("old", 0),
		"POST /v1/token": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant","error_description":"the session has ended"}`)
		},
	})
	p := newPerson(t, s)
	p.types("secret", "login", "--username", "ann", "--password-stdin").check(t, exitOK, "", "")
	p.types("", "whoami").check(t, exitDenied, "", "has ended\nSign in with: foliocast login")
	p.types("", "whoami").check(t, exitDenied, "", "you are not signed in")
}

// A token that the service refuses, as after it lost its database, is replaced
// by the next command.
func TestRefusedTokenIsForgotten(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/login": tokens("old", time.Hour),
		"POST /v1/token": tokens("new", time.Hour),
		"GET /v1/whoami": func(w http.ResponseWriter, r *http.Request) { whoami(w, r, "Bearer new") },
	})
	p := newPerson(t, s)
	p.types("secret", "login", "--username", "ann", "--password-stdin").check(t, exitOK, "", "")
	p.types("", "whoami").check(t, exitDenied, "", "expired")
	p.types("", "whoami").check(t, exitOK, "ann", "")
}

func TestUnreachableServiceIsNamed(t *testing.T) {
	t.Parallel()
	s := newScript(t, nil)
	p := newPerson(t, s)
	p.signIn()
	p.env["FOLIOCAST_QUEUE_URL"] = "http://127.0.0.1:1"
	p.types("", "queue", "list").check(t, exitUnreachable, "", "the message service (queue) at http://127.0.0.1:1 does not answer")
	p.types("", "queue", "list").check(t, exitUnreachable, "", "foliocast up")
	p.env["FOLIOCAST_AUTH_URL"] = "http://127.0.0.1:1"
	p.types("x", "login", "--username", "ann", "--password-stdin").check(t, exitUnreachable, "", "the identity service (authsvc)")
}

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	p := newPerson(t, newScript(t, nil))
	p.signIn()
	empty := t.TempDir()
	for _, c := range []struct{ line, err string }{
		{"nonsense", `foliocast has no command "nonsense"`},
		{"queue nonsense", `queue has no command "nonsense"`},
		{"whoami extra", `whoami takes no arguments, but was given "extra"`},
		{"whoami --nonsense", "whoami has no flag --nonsense"},
		{"queue add", "queue add takes NAME, but was given nothing"},
		{"queue limit a -- -1", "must be a whole number"},
		{"queue set a", "name what to change"},
		{"queue redrive", "name the messages, or choose them by"},
		{"queue redrive --all x", "name the messages, or choose them by"},
		{"user add ann", "--role"},
		{"user add ann --role boss", `"boss" is not a role`},
		{"user role ann", "user role takes NAME ROLE..., but was given \"ann\""},
		{"up --np -1", "--np must not be negative"},
		{"job show ../x", `JOB cannot be "../x"`},
		{"dataset show a/b", `NAME cannot be "a/b"`},
		{"dataset add .. x.csv", `NAME cannot be ".."`},
		{"user remove a/b", `NAME cannot be "a/b"`},
		{"job submit --idempotency-key a\x01b", `--idempotency-key must be one line, is "a\x01b"`},
		{"up --np x", `--np must be a whole number, is "x"`},
		{"up --port-base 0", "--port-base must be 1 to 65533"},
		{"whoami --url nonsense", "is not the address of a service"},
		{"whoami --state " + empty, "nothing runs in " + empty},
	} {
		t.Run(c.line, func(t *testing.T) {
			p.types("", strings.Fields(c.line)...).check(t, exitUsage, "", c.err)
		})
	}
}

func TestEveryCommandHelps(t *testing.T) {
	t.Parallel()
	p := newPerson(t, newScript(t, nil))
	a := &app{env: func(string) string { return "" }}
	for _, c := range a.root().Commands() {
		p.types("", c.Name(), "--help").check(t, exitOK, "Usage:\n  foliocast "+c.Name(), "")
		if c.Short == "" {
			t.Errorf("%s has no sentence", c.Name())
		}
		for _, sub := range c.Commands() {
			if sub.Short == "" {
				t.Errorf("%s %s has no sentence", c.Name(), sub.Name())
			}
			p.types("", c.Name(), sub.Name(), "--help").check(t, exitOK, "foliocast "+c.Name()+" "+sub.Name(), "")
		}
	}
	p.types("").check(t, exitOK, "Exit codes:", "")
	p.types("", "version").check(t, exitOK, "foliocast version test", "")
	p.types("", "version", "--json").check(t, exitOK, `"version": "test"`, "")
}

func TestProblemFieldByField(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/users": refuse(problem.New(problem.Invalid, "the request has faults",
			problem.Fault{Pointer: "/username", Detail: "must begin with a letter"},
			problem.Fault{Pointer: "/password", Detail: "must have at least 10 characters"})),
		"DELETE /v1/users/ann": refuse(problem.New(problem.Conflict, "the last administrator stays")),
		"GET /v1/users": func(w http.ResponseWriter, r *http.Request) {
			p := problem.New(problem.Internal, "the service failed")
			p.RequestID = "r-1"
			refuse(p)(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("short", "user", "add", "1", "--role", "manager", "--password-stdin").check(t, exitUsage, "",
		"foliocast: the request has faults\n  username must begin with a letter\n  password must have at least 10 characters\n")
	p.types("", "user", "remove", "ann").check(t, exitConflict, "", "the last administrator stays")
	p.types("", "user", "remove", "bob").check(t, exitNotFound, "", "there is no /v1/users/bob")
	p.types("", "user", "list").check(t, exitFailure, "", "The request id is r-1.")
}

// The device that a login answers is sent with the next one, even after a logout.
func TestLoginKeepsTheDevice(t *testing.T) {
	t.Parallel()
	var sent []string
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/login": func(w http.ResponseWriter, r *http.Request) {
			var body struct {
				Device   string
				Remember bool
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil || !body.Remember {
				t.Errorf("got %+v, %v", body, err)
			}
			sent = append(sent, body.Device)
			answer(http.StatusOK, map[string]any{"access_token": "a", "expires_in": 600, "refresh_token": "r", "username": "ann", "device": "this one"})(w, r)
		},
		"POST /v1/logout": answer(http.StatusNoContent, nil),
	})
	p := newPerson(t, s)
	for range 2 {
		p.types("secret\n", "login", "--username", "ann", "--password-stdin").check(t, exitOK, "", "")
		p.types("", "logout").check(t, exitOK, "", "")
	}
	if len(sent) != 2 || sent[0] != "" || sent[1] != "this one" {
		t.Errorf("got the devices %q", sent)
	}
}
