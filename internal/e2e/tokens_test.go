package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// A personal access token works at every service for longer than access tokens live, through a
// restart of the identity service and while it hangs, and ends everywhere within ten seconds.
func TestTokensThatLast(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1, "FOLIOCAST_ACCESS_LIFE=5s")
	c.foliocast(t, "login")
	token := strings.TrimSpace(c.foliocast(t, "token", "create", "nightly", "--expires", "2h",
		"--scope", "jobs:write,jobs:read,datasets:write,datasets:read,queues:write"))
	services := []struct{ name, path string }{{"authsvc", "/v1/whoami"}, {"frontend", "/v1/jobs?limit=1"}, {"queue", "/v1/queues"}}
	ask := func(name, path, token string) error {
		return c.callAs(t.Context(), token, c.run.url(name), "GET", path, nil, nil)
	}
	everywhere := func(when string) {
		t.Helper()
		for _, s := range services {
			if err := ask(s.name, s.path, token); err != nil {
				t.Errorf("%s, at %s: %v", when, s.name, err)
			}
		}
	}
	everywhere("at first")
	short := c.token
	c.token = token
	c.addPrices(t)
	flat := `{"series":{"y":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20],"sizes":[20]},"freq":"D","h":2,"model":"timegpt-1"}`
	if got := c.flat(t, "forecast", flat); len(got.Mean) != 2 {
		t.Errorf("got %v", got.Mean)
	}
	await(t, time.Minute, "the end of an access token", func() (bool, string) {
		err := ask("frontend", "/v1/jobs?limit=1", short)
		return problem.Is(err, problem.Unauthorized), fmt.Sprint(err)
	})
	if got := c.flat(t, "forecast", flat); len(got.Mean) != 2 {
		t.Errorf("after access tokens have expired: got %v", got.Mean)
	}
	kill9(t, c.run.pid(t, "authsvc"))
	c.retry(t, time.Minute, func() error { return ask("authsvc", "/v1/whoami", token) })
	c.reload(t)
	everywhere("after a restart of authsvc")
	c.measureTokens(t, token)

	t.Run("hang", c.hangAuth)
	if listed := c.foliocast(t, "token", "list", "--output", "csv"); !strings.Contains(listed, "nightly,") || strings.Contains(listed, ",,") {
		t.Errorf("the list lacks the last use: %s", listed)
	}
	t.Run("environment", func(t *testing.T) { c.tokenInTheEnvironment(t, token) })

	c.foliocast(t, "token", "revoke", "nightly")
	begin := time.Now()
	for _, s := range services {
		await(t, time.Minute, "the end of the token at "+s.name, func() (bool, string) {
			err := ask(s.name, s.path, token)
			return problem.Is(err, problem.Unauthorized), fmt.Sprint(err)
		})
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	} else {
		t.Logf("refused by every service after %v", took)
	}
	t.Run("logins", c.loginsAreForwarded)
}

// measureTokens compares the time of requests with a personal token to that of requests with
// an access token, in turns. Neither asks the identity service.
func (c *cluster) measureTokens(t *testing.T, personal string) {
	access := c.signIn(t, c.admin(t))
	times := map[string][]time.Duration{}
	for range 200 { // in less than the life of the access token
		for name, token := range map[string]string{"access": access, "personal": personal} {
			begin := time.Now()
			if err := c.callAs(t.Context(), token, c.run.url("queue"), "GET", "/v1/owners", nil, nil); err != nil {
				t.Fatalf("with the %s token: %v", name, err)
			}
			times[name] = append(times[name], time.Since(begin))
		}
	}
	for _, all := range times {
		slices.Sort(all)
	}
	a, p := times["access"][100], times["personal"][100]
	t.Logf("p50 of 200 requests to the queue: %v with an access token, %v with a personal one", a, p)
	if p > 2*a+2*time.Millisecond {
		t.Errorf("p50 is %v with a personal token, and %v with an access token", p, a)
	}
}

// hangAuth stops the identity service for a while: a token that a service knows works on, and
// another one is not refused as bad.
func (c *cluster) hangAuth(t *testing.T) {
	known := strings.TrimSpace(c.foliocast(t, "token", "create", "known", "--scope", "jobs:read"))
	unknown := strings.TrimSpace(c.foliocast(t, "token", "create", "other", "--scope", "jobs:read"))
	pid := c.run.pid(t, "authsvc")
	if err := c.callAs(t.Context(), known, c.run.url("frontend"), "GET", "/v1/jobs?limit=1", nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(pid, syscall.SIGCONT)
		c.retry(t, time.Minute, func() error {
			return c.callAs(t.Context(), unknown, c.run.url("frontend"), "GET", "/v1/jobs?limit=1", nil, nil)
		})
	}()
	if err := c.callAs(t.Context(), known, c.run.url("frontend"), "GET", "/v1/jobs?limit=1", nil, nil); err != nil {
		t.Errorf("the known token: %v", err)
	}
	header, err := problem.Call{Method: "GET", URL: c.run.url("frontend") + "/v1/jobs?limit=1", Header: http.Header{"Authorization": {"Bearer " + unknown}}}.Do(t.Context(), c.http)
	if !problem.Is(err, problem.Unavailable) || header.Get("Retry-After") == "" {
		t.Errorf("the unknown token: got %v, %v, want 503 with Retry-After", err, header)
	}
}

// tokenInTheEnvironment uses the client without a sign-in.
func (c *cluster) tokenInTheEnvironment(t *testing.T, token string) {
	cmd := c.program(program(t, "foliocast"), "--state", c.state, "job", "list")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "FOLIOCAST_TOKEN=" + token}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	cmd = c.program(program(t, "foliocast"), "--state", c.state, "user", "list")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "FOLIOCAST_TOKEN=" + token}
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "this needs the right users:write") {
		t.Errorf("beyond the token's scopes: %v: %s", err, out)
	}
}

// loginsAreForwarded guesses a password at the console from one address, and signs in from
// another one: under foliocast up, wrong passwords count for the browser's address.
func (c *cluster) loginsAreForwarded(t *testing.T) {
	signIn := func(address, password string) int {
		t.Helper()
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
		jar, _ := cookiejar.New(nil)
		browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		form := url.Values{"username": {c.admin(t).Username}, "password": {password}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.run.url("frontend")+"/sign-in", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"text/html"}, "Sec-Fetch-Site": {"same-origin"}}
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for range 10 {
		if status := signIn("127.0.0.2", "a wrong password"); status != http.StatusUnauthorized {
			t.Fatalf("a wrong password: got %d", status)
		}
	}
	if status := signIn("127.0.0.2", c.admin(t).Password); status != http.StatusTooManyRequests {
		t.Errorf("the password from the address of the guesses: got %d", status)
	}
	if status := signIn("127.0.0.3", c.admin(t).Password); status != http.StatusSeeOther {
		t.Errorf("the password from another address: got %d", status)
	}
	found := false
	client := &http.Client{Transport: &auth.Transport{Source: auth.Static(c.signIn(t, c.admin(t)))}}
	err := audit.Each(context.Background(), client, c.run.url("authsvc"), audit.Filter{Action: "login", Outcome: audit.Done}, func(e audit.Event) (bool, error) {
		found = found || e.Source == "127.0.0.3"
		return !found, nil
	})
	if err != nil || !found {
		t.Errorf("the trail does not name the browser's address (%v)", err)
	}
}
