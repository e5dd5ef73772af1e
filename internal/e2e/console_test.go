package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
)

// visitor uses the web console, as a browser without scripts does.
type visitor struct {
	testing.TB
	base string
	http *http.Client
}

// visit asks for a page, or sends a form, and follows to the page that it leads to.
func (v *visitor) visit(path string, form url.Values) string {
	v.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(v.Context(), method, v.base+path, body)
	if err != nil {
		v.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := v.http.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 400 {
		v.Fatalf("%s: %d, %v\n%s", path, resp.StatusCode, err, text)
	}
	return string(text)
}

// has fails the test unless a page has the texts.
func (v *visitor) has(page string, texts ...string) {
	v.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			v.Errorf("the page lacks %q:\n%s", text, page)
		}
	}
}

// visitor signs in at the console as the administrator.
func (c *cluster) visitor(t testing.TB) *visitor {
	t.Helper()
	return c.visitorAs(t, c.admin(t))
}

func (c *cluster) visitorAs(t testing.TB, who credentials) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, c.run.url("frontend"), &http.Client{Jar: jar}}
	v.has(v.visit("/jobs", nil), "<h1>Sign in</h1>")
	v.has(v.visit("/sign-in", url.Values{"username": {who.Username}, "password": {who.Password}, "next": {"/datasets"}}), "<h1>Datasets</h1>")
	return v
}

// console signs in at the real identity service, goes from a form to a result, and manages
// what an administrator may.
func (c *cluster) console(t *testing.T) {
	who := c.admin(t)
	v := c.visitor(t)
	v.has(v.visit("/datasets", nil), "<h1>Datasets</h1>", "prices")
	page := v.visit("/jobs/new", url.Values{"dataset": {"prices"}, "which": {"some"}, "asset": {"A", "B"}, "amount A": {"3"}, "amount B": {"1"}, "combine": {"mean"}, "model": {"drift"}, "horizon": {"3"}, "levels": {"80"}})
	v.has(page, "The job is submitted.", "Forecast of prices")
	id := job.ID(regexp.MustCompile(`data-job="([0-9a-f-]+)"`).FindStringSubmatch(page)[1])
	if got := c.waitJob(t, id, time.Minute); got.State != job.Done || got.Owner != who.Username {
		t.Fatalf("it ended as %s of %s: %v", got.State, got.Owner, got.Error)
	}
	v.has(v.visit("/jobs/"+string(id), nil), "state done", "185.000", "80 % from", "drift") // (3·220 + 80) / 4
	v.has(v.visit("/jobs/"+string(id)+"?asset=B", nil), `<h2 id="chart-title">B</h2>`, `<td class="number">80</td>`)
	v.has(v.visit("/jobs/"+string(id)+"/result.csv", nil), "unique_id,ds,model")
	v.has(v.visit("/v1/jobs/"+string(id)+"/history?last=1", nil), `"y":[184.5]`) // (3·219 + 81) / 4
	v.has(v.visit("/queues", nil), "<h1>Queues</h1>", "active")
	v.has(v.visit("/users", url.Values{"username": {"grace"}, "role": {"manager"}}), "User <strong>grace</strong> is added", `class="secret"`)
	v.has(v.visit("/users/grace", url.Values{"action": {"roles"}, "role": {"secretary"}}), "The change is made.", "secretary")
	v.has(v.visit("/users/grace", url.Values{"action": {"remove"}, "sure": {"grace"}}), "The change is made.")
	v.has(v.visit("/sign-out", url.Values{}), "You are signed out.")
	v.has(v.visit("/jobs", nil), "<h1>Sign in</h1>")
}
