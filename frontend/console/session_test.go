package console

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/serve/servetest"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	if got := b.want(b.get("/jobs?state=failed"), http.StatusSeeOther); got.to != "/sign-in?next=%2Fjobs%3Fstate%3Dfailed" {
		t.Errorf("without a session, a page leads to %s", got.to)
	}
	b.want(b.get("/sign-in?next=/jobs"), http.StatusOK, `<input type="hidden" name="next" value="/jobs">`, `autocomplete="current-password"`)
	wrong := b.want(b.post("/sign-in", url.Values{"username": {"manager"}, "password": {"a guess"}, "next": {"/jobs"}}), http.StatusUnauthorized,
		"the username or the password is wrong", `value="manager"`)
	if strings.Contains(wrong.text, "a guess") {
		t.Error("the page repeats the password")
	}
	b.want(b.post("/sign-in", url.Values{"username": {"manager"}, "password": {"guess again"}}), http.StatusTooManyRequests, "try again in 10 s")
	b.want(b.post("/sign-in", url.Values{"username": {"<b>"}, "password": {password}}), http.StatusUnprocessableEntity, "must be 2 to 32 lower-case letters", `aria-invalid="true"`)
	got := b.want(b.post("/sign-in", url.Values{"username": {"manager"}, "password": {password}, "next": {"/jobs"}}), http.StatusSeeOther)
	if got.to != "/jobs" {
		t.Errorf("it leads to %s", got.to)
	}
	cookies := strings.Join(got.header.Values("Set-Cookie"), "\n")
	if !strings.Contains(cookies, "foliocast-session-") || strings.Count(cookies, "HttpOnly") != 2 || !strings.Contains(cookies, "SameSite=Lax") || !strings.Contains(cookies, "SameSite=Strict") {
		t.Errorf("cookies %s", cookies)
	}
	b.want(b.get("/jobs"), http.StatusOK, "Signed in as <strong>manager</strong>")
	w.identity.with(func() {
		last := w.identity.asked[len(w.identity.asked)-1]
		if source := w.identity.sources[len(w.identity.sources)-1]; last.Device != "" || !last.Remember || source != "127.0.0.1 127.0.0.1 Bearer token of the data service" {
			t.Errorf("the identity service heard %+v from %s", last, source)
		}
	})
	b.want(b.post("/sign-in", url.Values{"username": {"manager"}, "password": {password}}), http.StatusSeeOther)
	w.identity.with(func() {
		if last := w.identity.asked[len(w.identity.asked)-1]; last.Device != "device of manager" {
			t.Errorf("the second login is from device %q", last.Device)
		}
	})
}

// A copy of the database signs nobody in: it has neither the secrets of sessions nor their
// tokens in a form that can be read.
func TestTheDatabaseSignsNobodyIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager)
	b.want(b.get("/jobs"), http.StatusOK)
	var dump string
	if err := w.pool.QueryRow(t.Context(), "SELECT string_agg(encode(id, 'escape') || encode(sealed, 'escape'), '') FROM console_session").Scan(&dump); err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(w.url)
	for _, c := range b.http.Jar.Cookies(u) {
		if strings.Contains(dump, c.Value) {
			t.Errorf("the database has the cookie %s", c.Name)
		}
	}
	w.identity.with(func() {
		for token := range w.identity.current {
			if strings.Contains(dump, token) {
				t.Error("the database has a refresh token")
			}
		}
		for token := range w.identity.granted {
			if strings.Contains(dump, token) || strings.Contains(w.log.String(), token) {
				t.Error("the database or the log has an access token")
			}
		}
		if len(w.identity.granted) == 0 {
			t.Error("no access token was granted")
		}
	})
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager)
	u, _ := url.Parse(w.url)
	kept := b.http.Jar.Cookies(u)
	if got := b.want(b.post("/sign-out", nil), http.StatusSeeOther); got.to != "/sign-in?done=signed-out" {
		t.Errorf("it leads to %s", got.to)
	}
	b.want(b.get("/sign-in?done=signed-out"), http.StatusOK, "You are signed out.")
	w.identity.with(func() {
		if w.identity.logouts != 1 {
			t.Errorf("the identity service heard of %d logouts", w.identity.logouts)
		}
	})
	b.http.Jar.SetCookies(u, kept) // somebody has a copy of the cookie
	b.want(b.get("/jobs"), http.StatusSeeOther)
	if got := b.get("/v1/jobs"); got.status != http.StatusUnauthorized {
		t.Errorf("the API answers %d to the cookie of an ended session", got.status)
	}
}

// With the cookie of a session, a browser may use the API; another site may not use it so.
func TestTheCookieOpensTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	b := w.as(auth.Manager)
	if got := b.get("/v1/jobs", "Accept", "application/json"); got.status != http.StatusOK {
		t.Fatalf("got %d, %s", got.status, got.text)
	}
	body := `{"dataset":"prices","assets":["*"],"horizon":1}`
	for name, c := range map[string]struct {
		pairs []string
		want  int
	}{
		"the same site":      {[]string{"Sec-Fetch-Site", "same-origin"}, http.StatusCreated},
		"the same origin":    {[]string{"Sec-Fetch-Site", "", "Origin", w.url}, http.StatusCreated},
		"another site":       {[]string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"a sibling":          {[]string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		"another origin":     {[]string{"Sec-Fetch-Site", "", "Origin", "https://elsewhere.example"}, http.StatusForbidden},
		"a page of a file":   {[]string{"Sec-Fetch-Site", "", "Origin", "null"}, http.StatusForbidden},
		"a program":          {[]string{"Sec-Fetch-Site", ""}, http.StatusForbidden},
		"a program's tokens": {[]string{"Sec-Fetch-Site", "", "Authorization", "Bearer nonsense"}, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			got := b.send(http.MethodPost, "/v1/jobs", strings.NewReader(body), append([]string{"Content-Type", "application/json"}, c.pairs...)...)
			if got.status != c.want {
				t.Errorf("got %d, want %d: %s", got.status, c.want, got.text)
			}
		})
	}
	if got := b.send(http.MethodPost, "/v1/datasets/x", strings.NewReader(prices), "Content-Type", "text/csv"); got.status != http.StatusForbidden {
		t.Errorf("a manager uploads with a cookie: %d", got.status)
	}
}

// Nobody changes anything through the page of another site, signed in or not.
func TestFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Administrator)
	for _, r := range w.door.Router.Routes() {
		if r.Method != http.MethodPost || isAPI(r.Path) {
			continue
		}
		path := strings.NewReplacer(":id", "00000000-0000-0000-0000-000000000000", ":name", "x").Replace(r.Path)
		got := b.post(path, url.Values{"username": {"manager"}, "password": {password}}, "Sec-Fetch-Site", "cross-site")
		if got.status != http.StatusForbidden || !strings.Contains(got.text, "caused by another site") || got.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: got %d", r.Path, got.status)
		}
	}
}

// Access tokens that expire are renewed, once for all pages that wait: a refresh token that
// is used twice ends its session.
func TestTokensAreRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.identity.with(func() { w.identity.life = 30 * time.Second }) // less than early: renewed for each page
	b := w.as(auth.Manager)
	var pages sync.WaitGroup
	for range 8 {
		pages.Go(func() {
			for range 3 {
				if got := b.get("/jobs"); got.status != http.StatusOK {
					t.Errorf("got %d to %s", got.status, got.to)
				}
			}
		})
	}
	pages.Wait()
}

func TestTheIdentityServiceIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager)
	b.want(b.get("/jobs"), http.StatusOK)
	w.identity.with(func() { w.identity.down = true })
	b.want(b.get("/jobs"), http.StatusOK) // the token is good for some minutes
	other := w.browser()
	got := other.want(other.post("/sign-in", url.Values{"username": {"manager"}, "password": {password}}), http.StatusServiceUnavailable, "the identity service does not answer", `value="manager"`)
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	w.identity.with(func() { w.identity.down, w.identity.life = false, 30*time.Second })
	soon := w.as(auth.Manager)
	soon.want(soon.get("/jobs"), http.StatusOK)
	w.identity.with(func() { w.identity.down = true })
	soon.want(soon.get("/jobs"), http.StatusOK) // the old token goes on until it expires
	// Signing out works all the same, and the cookie is worth nothing from then on.
	b.want(b.post("/sign-out", nil), http.StatusSeeOther)
	b.want(b.get("/jobs"), http.StatusSeeOther)
	w.identity.with(func() { w.identity.down = false })
	soon.want(soon.get("/jobs"), http.StatusOK)
}

// Strangers take no more memory than they may.
func TestFormsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	large := url.Values{"username": {"manager"}, "password": {password}, "kept": {strings.Repeat("x", maxKept)}}
	b.want(b.post("/sign-in", large), http.StatusRequestEntityTooLarge, "the form is too large")
	b.want(b.post("/jobs/new", large), http.StatusRequestEntityTooLarge, "the form is too large")
	in := w.as(auth.Manager)
	in.want(in.post("/jobs/new", large), http.StatusUnprocessableEntity)
}

// A session without any token that is still good survives the silence of the identity service.
func TestASessionSurvivesTheSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager) // has a refresh token only
	w.identity.with(func() { w.identity.down = true })
	b.want(b.get("/jobs"), http.StatusServiceUnavailable, "the identity service does not answer")
	if got := b.get("/v1/jobs", "Accept", "application/json"); got.status != http.StatusServiceUnavailable {
		t.Errorf("the API answers %d", got.status)
	}
	w.identity.with(func() { w.identity.down = false })
	b.want(b.get("/jobs"), http.StatusOK)
}

func TestTheUserWasRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, second := w.as(auth.Manager), w.as(auth.Manager)
	b.want(b.get("/jobs"), http.StatusOK)
	w.identity.end()
	servetest.Until(t, "the page asks to sign in", func() bool { return b.get("/jobs").status == http.StatusSeeOther })
	second.want(second.get("/jobs"), http.StatusSeeOther) // its refresh token is refused
	if n := w.sessions(); n != 0 {
		t.Errorf("%d sessions are kept", n)
	}
}

func (w *world) sessions() (n int) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), "SELECT count(*) FROM console_session").Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

func TestSessionsEndByThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, change := range []string{"used_at = clock_timestamp() - interval '61 minutes'", "created_at = clock_timestamp() - interval '8 days'"} {
		b := w.as(auth.Manager)
		b.want(b.get("/jobs"), http.StatusOK)
		if _, err := w.pool.Exec(t.Context(), "UPDATE console_session SET "+change); err != nil {
			t.Fatal(err)
		}
		b.want(b.get("/jobs"), http.StatusSeeOther)
		if err := w.store.PurgeConsoleSessions(t.Context(), w.console.Life()); err != nil || w.sessions() != 0 {
			t.Errorf("%d sessions are left, %v", w.sessions(), err)
		}
	}
}

// Two tabs: one signs out and another user in, and the other tab goes on as the new user.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager)
	b.want(b.post("/sign-in", url.Values{"username": {"secretary"}, "password": {password}}), http.StatusSeeOther)
	b.want(b.get("/"), http.StatusOK, "secretary")
	b.want(b.get("/jobs"), http.StatusForbidden, "jobs:read")
	if n := w.sessions(); n != 1 {
		t.Errorf("%d sessions, want that of the second user alone", n)
	}
}

func TestNextIsOnThisSite(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"": "/", "/jobs": "/jobs", "/jobs?state=done&x=%2F": "/jobs?state=done&x=%2F", "//elsewhere.example": "/", "https://elsewhere.example/": "/", `/\elsewhere.example`: "/",
		"/\t/elsewhere.example": "/", "javascript:alert(1)": "/", "jobs": "/", "/v1/jobs": "/", "/%zz": "/", "/jobs#x": "/jobs", "///x": "/", "/jobs\r\nX: y": "/",
	} {
		if got := local(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

// A page that asks several services at once needs a token for each, and still uses a refresh token once.
func TestTokensForSeveralServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		b := w.as(auth.Administrator)
		b.want(b.get("/audit"), http.StatusOK)
	}
}
