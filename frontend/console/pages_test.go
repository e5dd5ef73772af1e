package console

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/queuetest"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// The address of the service answers people with a page and programs with JSON.
func TestTheFront(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	for accept, want := range map[string]int{"text/html,*/*;q=0.8": http.StatusSeeOther, "*/*": http.StatusOK, "application/json": http.StatusOK, "": http.StatusOK} {
		got := b.get("/", "Accept", accept)
		if got.status != want || want == http.StatusOK && !strings.Contains(got.text, `"openapi":"/openapi.json"`) {
			t.Errorf("Accept %q: got %d, %s", accept, got.status, got.text)
		}
	}
	if got := b.get("/nowhere", "Accept", "*/*"); got.status != http.StatusNotFound || got.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a program gets %d, %s", got.status, got.text)
	}
	in := w.as(auth.Manager)
	in.want(in.get("/nowhere"), http.StatusNotFound, "there is no such page")
	in.want(in.get("/jobs/nothing"), http.StatusUnprocessableEntity)
	in.want(in.get("/jobs/00000000-0000-0000-0000-000000000000"), http.StatusNotFound, "there is no job")
	in.want(in.get("/v1/nowhere"), http.StatusNotFound, `"status":404`)
	w.upload("prices", prices)
	w.submit(spec("DAX"))
	if text := in.want(in.get("/"), http.StatusOK, "Under way").text; strings.Contains(text, "Ranks busy") {
		t.Error("a manager sees the whole service")
	}
	w.queue.Fault(func(out http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/v1/queues":
			queuetest.Answer(out, message.Queues{Queues: []message.Queue{{Name: "a", Waiting: 1200, Leased: 1, OldestAge: 90}, {Name: "b", Waiting: 34}}})
		case "/v1/workers":
			queuetest.Answer(out, message.Workers{Workers: []message.Worker{{Report: message.Report{RankCount: 4, Busy: 0.75}}, {Report: message.Report{RankCount: 2}}}})
		default:
			return false
		}
		return true
	})
	operator := w.as(auth.Administrator)
	operator.want(operator.get("/"), http.StatusOK, "1,234 jobs", "the oldest for 1 min 30 s", ">1 job<", "3 of 6", "in 2 worlds")
}

func TestJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	first := w.submit(spec("DAX"))
	for range jobsPerPage {
		w.submit(spec("*"))
	}
	w.finish(first, job.Answer{State: job.Failed, Error: &job.Error{Code: "short", Detail: "too few values"}})
	b := w.as(auth.Manager)
	page := b.want(b.get("/jobs"), http.StatusOK, "all assets", `<span class="state queued">queued</span>`, ">Next page</a>")
	if strings.Contains(page.text, string(first)) {
		t.Error("the oldest job is on the first page")
	}
	older := regexp.MustCompile(`href="(/jobs\?cursor=[^"]+)"`).FindStringSubmatch(page.text)
	if older == nil {
		t.Fatal("no address of the next page")
	}
	b.want(b.get(older[1]), http.StatusOK, string(first), "too few values", ">First page</a>")
	b.want(b.get("/jobs?state=failed&dataset=prices"), http.StatusOK, string(first), `value="failed" checked`)
	b.want(b.get("/jobs?owner=nobody"), http.StatusOK, "No job matches.")
	b.want(b.get("/jobs?dataset=A+B"), http.StatusUnprocessableEntity, "the name of a dataset", `aria-invalid="true"`)
	b.want(b.get("/jobs?state=lost"), http.StatusUnprocessableEntity, "must be one of queued")
	b.want(b.get("/jobs?sort=ended"), http.StatusOK, string(first), `aria-sort="ascending"><a class="sort" href="/jobs?sort=-ended">Ended`, "have no place in this order", `<option value="ended" selected>`, `href="/jobs?sort=-duration"`)
	page = b.want(b.get("/jobs?sort=submitted&state=queued&state=failed"), http.StatusOK, string(first), `aria-sort="ascending"><a class="sort" href="/jobs?state=queued&amp;state=failed">Submitted`)
	newer := regexp.MustCompile(`href="(/jobs\?cursor=[^"]+)"`).FindStringSubmatch(page.text)
	if page = b.want(b.get(strings.ReplaceAll(newer[1], "&amp;", "&")), http.StatusOK, `aria-sort="ascending"`); strings.Contains(page.text, string(first)) || !strings.Contains(page.text, `<tr data-job="`) {
		t.Error("the second page is not the rest of the first")
	}
	page = b.want(b.get("/jobs?sort=-duration&owner=tester"), http.StatusUnprocessableEntity, "cannot be by duration beside an owner or a dataset", `aria-sort="descending"><a class="sort" href="/jobs?owner=tester&amp;sort=submitted">Submitted`)
	if strings.Contains(page.text, "sort=-duration\"") || !strings.Contains(page.text, `<tr data-job="`) {
		t.Error("the page offers an order that is refused, or lists no jobs")
	}
}

func TestManyJobsAreChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	var ids []job.ID
	for range 7 {
		ids = append(ids, w.submit(spec("DAX")))
	}
	b := w.as(auth.Manager)
	page := b.want(b.get("/jobs/change?action=cancel&dataset=prices"), http.StatusOK, "<strong>7 jobs</strong> match", "Cancel 7 jobs")
	w.submit(spec("FTSE")) // after they were counted
	b.want(b.post("/jobs/change", fieldsOf(page.text)), http.StatusOK, "7 jobs cancelled.")
	b.want(b.get("/jobs?state=cancelled"), http.StatusOK, string(ids[0]), string(ids[6]))
	b.want(b.get("/jobs?state=queued"), http.StatusOK, "FTSE")
	retry := b.want(b.get("/jobs/change?action=retry&id="+string(ids[0])+"&id="+string(ids[1])), http.StatusOK, "<strong>2 jobs</strong> chosen", "Retry 2 jobs")
	b.want(b.post("/jobs/change", fieldsOf(retry.text)), http.StatusOK, "2 jobs queued again.")
	b.want(b.post("/jobs/change", fieldsOf(retry.text)), http.StatusOK, "0 jobs queued again, 2 jobs left as they were", "only a failed, dead or cancelled job can be retried")
	b.want(b.get("/jobs/change?action=retry&state=done"), http.StatusOK, "No job that can be retried matches.")
	b.want(b.get("/jobs/change?action=remove"), http.StatusUnprocessableEntity)
	reader := w.as(auth.Secretary)
	reader.want(reader.post("/jobs/change", fieldsOf(retry.text)), http.StatusForbidden)
}

var fieldPattern = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// fieldsOf are the hidden fields of the last form of a page.
func fieldsOf(text string) url.Values {
	text = text[strings.LastIndex(text, `<form method="post"`):]
	form := url.Values{}
	for _, m := range fieldPattern.FindAllStringSubmatch(text, -1) {
		form.Add(m[1], strings.NewReplacer("&#43;", "+", "&amp;", "&", "&#34;", `"`).Replace(m[2]))
	}
	return form
}

// form returns the body of a form with a file.
func uploadBody(t *testing.T, file, text string, fields ...string) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

func TestUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Secretary)
	send := func(file, text string, fields ...string) shown {
		body, kind := uploadBody(t, file, text, fields...)
		return b.send(http.MethodPost, "/datasets", body, "Content-Type", kind)
	}
	got := b.want(send("My Prices.csv", prices, "name", ""), http.StatusSeeOther)
	if got.to != "/datasets/my-prices?version=1&done=uploaded" {
		t.Errorf("it leads to %s", got.to)
	}
	b.want(b.get(got.to), http.StatusOK, "The dataset has a new version.", "my-prices", "2024-01-01 to 2024-01-03", "DAX", "SHA-256")
	if got := b.want(send("My Prices.csv", prices, "name", ""), http.StatusSeeOther); got.to != "/datasets/my-prices?version=1&done=same" {
		t.Errorf("the same file again leads to %s", got.to)
	}
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, prices)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	if got := b.want(send("Packed.csv.gz", packed.String(), "name", ""), http.StatusSeeOther); got.to != "/datasets/packed?version=1&done=uploaded" {
		t.Errorf("a packed file leads to %s", got.to)
	}
	bad := strings.Replace(prices, "DAX,2024-01-02,11", "DAX,2024-01-02,11\nDAX,2024-01-02,12", 1)
	b.want(send("prices.csv", bad, "name", "prices"), http.StatusUnprocessableEntity, "the file is rejected", "line 4", `value="prices"`)
	b.want(send("bad.csv", bad, "name", ""), http.StatusUnprocessableEntity, `name="name" value=""`) // the next file may be another
	b.want(send("prices.csv", prices, "name", "Not A Name"), http.StatusUnprocessableEntity, "1 to 64 of a-z 0-9", `aria-invalid="true"`)
	b.want(send("prices.csv", prices, "name", "prices", "value", "nope"), http.StatusUnprocessableEntity, "nope", "<details open>")
	b.want(send("prices.exe", prices, "name", "prices"), http.StatusUnsupportedMediaType, "must end with .csv")
	b.want(send("", "", "name", "prices"), http.StatusUnprocessableEntity, "choose a file")
	b.want(send("prices.csv", strings.Repeat("x", 1<<20+1), "name", "prices"), http.StatusRequestEntityTooLarge, "may have at most")
	b.want(b.get("/datasets"), http.StatusOK, "my-prices")
	b.want(b.get("/datasets/my-prices/remove?version=1"), http.StatusOK, "removes 1 version")
	b.want(b.post("/datasets/my-prices/remove", url.Values{"version": {"1"}}), http.StatusSeeOther)
	b.want(b.get("/datasets/my-prices"), http.StatusNotFound)
	m := w.as(auth.Manager)
	if page := m.want(m.get("/datasets"), http.StatusOK); strings.Contains(page.text, "Upload a file") {
		t.Error("a manager is offered to upload")
	}
	body, kind := uploadBody(t, "prices.csv", prices, "name", "prices")
	m.want(m.send(http.MethodPost, "/datasets", body, "Content-Type", kind), http.StatusForbidden)
}

func TestANewJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	b := w.as(auth.Manager)
	b.want(b.get("/jobs/new?dataset=prices"), http.StatusOK, "FTSE", "2024-01-04 to 2024-01-10", `name="amount DAX"`, `aria-label="Last values: 7, between 5 and 7"`)
	form := url.Values{"dataset": {"prices"}, "which": {"some"}, "asset": {"DAX", "FTSE"}, "amount DAX": {"0.7"}, "amount FTSE": {"much"}, "combine": {"mean"}, "horizon": {"five"},
		"levels": {"80, 195"}, "model": {"auto"}, "key": {"k"}}
	page := b.want(b.post("/jobs/new", form), http.StatusUnprocessableEntity, "the request has faults", `value="five"`, `value="much"`, `value="80, 195"`)
	for _, field := range []string{"horizon", "levels"} {
		if !regexp.MustCompile(`id="` + field + `-error"><li>`).MatchString(page.text) {
			t.Errorf("the fault of %s is not at its field:\n%s", field, page.text)
		}
	}
	form.Set("horizon", "3")
	form.Set("levels", "80, 95")
	form.Set("amount FTSE", "0.3")
	form.Set("more", "NIKKEI = 0.1")
	b.want(b.post("/jobs/new", form), http.StatusUnprocessableEntity, "has no asset &#34;NIKKEI&#34;")
	form.Set("more", "")
	got := b.want(b.post("/jobs/new", form), http.StatusSeeOther)
	again := b.want(b.post("/jobs/new", form), http.StatusSeeOther)
	if got.to != again.to {
		t.Errorf("sending the form twice makes two jobs: %s and %s", got.to, again.to)
	}
	id := job.ID(strings.TrimSuffix(strings.TrimPrefix(got.to, "/jobs/"), "?done=submitted"))
	j, err := w.data().Job(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %d %v %s", j.Spec.Weights, j.Spec.Horizon, j.Spec.Levels, j.Owner); text != "map[DAX:0.7 FTSE:0.3] 3 [80 95] manager" {
		t.Errorf("the job is %s", text)
	}
	form.Set("look", "dates")
	b.want(b.post("/jobs/new", form), http.StatusOK, "2024-01-04 to 2024-01-08")
}

// A copy of a job is the same job, with all its fields.
func TestACopyLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	s := job.Spec{Dataset: "prices@1", Assets: []string{"DAX", "FTSE"}, Combine: job.Value, Holdings: map[string]float64{"DAX": 1.5, "FTSE": -2}, Model: "theta", Horizon: 4, Freq: "B", Season: []int{5},
		Levels: []float64{50}, Quantiles: []float64{0.1, 0.9}, Risk: []float64{95}, Point: job.PointMean, Integers: true, Explain: true, From: "2024-01-01", Stale: "off", Missing: job.MissingLinear,
		OnError: job.Fail, Priority: 7, Currency: map[string]string{"DAX": "USD"}, Base: "USD"}.Defaulted()
	id := w.submit(s)
	b := w.as(auth.Manager)
	b.want(b.get("/jobs/new?copy="+string(id)), http.StatusOK, "currency")
	values, err := valuesOf(s)
	if err != nil {
		t.Fatal(err)
	}
	got := b.want(b.post("/jobs/new", values), http.StatusSeeOther)
	copied, err := w.data().Job(t.Context(), job.ID(strings.TrimSuffix(strings.TrimPrefix(got.to, "/jobs/"), "?done=submitted")))
	if err != nil {
		t.Fatal(err)
	}
	one, _ := json.Marshal(s)
	other, _ := json.Marshal(copied.Spec)
	if !bytes.Equal(one, other) {
		t.Errorf("the copy is\n%s, not\n%s", other, one)
	}
}

// What was typed survives the end of the session, with a signing in between.
func TestAFormSurvivesItsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	b := w.as(auth.Manager)
	b.want(b.get("/jobs/new?dataset=prices"), http.StatusOK)
	w.identity.end()
	if _, err := w.pool.Exec(t.Context(), "DELETE FROM console_session"); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"dataset": {"prices"}, "which": {"some"}, "asset": {"DAX"}, "amount DAX": {"0.25"}, "horizon": {"17"}, "levels": {"66"}, "model": {"theta"}, "combine": {"return"},
		"further": {"{\"note\": \"<script>\"}"}}
	page := b.want(b.post("/jobs/new", form), http.StatusUnauthorized, "Your session has ended. What you typed is kept")
	in := fieldsOf(page.text)
	if in.Get("next") != "/jobs/new" {
		t.Errorf("it leads to %s", in.Get("next"))
	}
	in.Set("username", "manager")
	in.Set("password", "wrong")
	again := b.want(b.post("/sign-in", in), http.StatusUnauthorized)
	in = fieldsOf(again.text)
	in.Set("username", "manager")
	in.Set("password", password)
	b.want(b.post("/sign-in", in), http.StatusOK, "the form is as it was", `value="17"`, `value="0.25"`, `value="66"`, `value="return" checked`, "<option selected>theta</option>", "&lt;script&gt;")
	if jobs, err := w.data().JobsPage(t.Context(), filterOf(nil).JobFilter, "", 0); err != nil || len(jobs.Items) != 0 {
		t.Errorf("%d jobs were submitted, %v", len(jobs.Items), err)
	}
}

// Whatever a user can name is text on every page.
func TestNamesAreText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const evil = `<script>alert(1)</script>`
	w.upload("prices", strings.ReplaceAll(prices, "DAX", evil))
	id := w.submit(spec(evil, "FTSE"))
	a := answered()
	a.Assets[0].Asset, a.Assets[0].Model, a.Assets[0].Note, a.Assets[0].Fallback, a.Assets[1].Error.Detail = evil, evil, evil, evil, evil
	a.Overall.Notes, a.Overall.DS[0], a.Provenance.Program, a.Provenance.Hosts = []string{evil}, evil, evil, []string{evil}
	a.Overall.Risk.Components = map[string]job.Component{evil: {}}
	a.Error = &job.Error{Code: evil, Detail: evil}
	w.finish(id, a)
	b := w.as(auth.Manager)
	q := url.QueryEscape(evil)
	for _, path := range []string{"/", "/jobs", "/jobs?owner=" + q, "/jobs?batch=" + q, "/jobs?dataset=" + q, "/jobs/" + string(id), "/jobs/" + string(id) + "?asset=" + q, "/jobs/new?copy=" + string(id),
		"/jobs/new?dataset=prices", "/jobs/new?dataset=" + q, "/datasets", "/datasets/prices", "/datasets?name=" + q, "/" + q, "/sign-in?next=/" + q, "/jobs/change?action=cancel&owner=" + q, "/jobs/change?action=" + q} {
		if got := b.get(path); strings.Contains(got.text, "<script>") || strings.Contains(got.text, "alert(1)</script") {
			t.Errorf("%s has a script:\n%s", path, got.text)
		}
	}
	if got := b.post("/sign-in", url.Values{"username": {evil}, "next": {evil}, "kept": {evil}}); strings.Contains(got.text, "<script>") {
		t.Error("the page for signing in has a script")
	}
}

// Every page protects itself, and nothing in it needs more than its policy allows.
func TestPagesAreProtected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	id := w.submit(spec("DAX", "FTSE"))
	w.finish(id, answered())
	b := w.as(auth.Administrator)
	inline := regexp.MustCompile(`<script(?:>|[^>]*>[^<])|<style|\sstyle=|\son[a-z]+=|javascript:`)
	foreign := regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//`)
	for _, path := range []string{"/", "/jobs", "/jobs/new", "/jobs/" + string(id), "/jobs/change?action=cancel", "/datasets", "/datasets/prices", "/nowhere", "/sign-in", "/queues"} {
		got := b.get(path)
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Content-Security-Policy": policy, "Cache-Control": "no-store"} {
			if got.header.Get(header) != want {
				t.Errorf("%s: %s is %q", path, header, got.header.Get(header))
			}
		}
		if found := inline.FindString(got.text); found != "" {
			t.Errorf("%s has %q, which its policy forbids", path, found)
		}
		if found := foreign.FindString(got.text); found != "" {
			t.Errorf("%s asks another host: %q", path, found)
		}
	}
}

func TestThemes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager)
	b.want(b.get("/jobs"), http.StatusOK, `data-theme="auto"`)
	if got := b.want(b.post("/theme", url.Values{"theme": {"dark"}, "next": {"/jobs?state=done"}}), http.StatusSeeOther); got.to != "/jobs?state=done" {
		t.Errorf("it leads to %s", got.to)
	}
	b.want(b.get("/jobs"), http.StatusOK, `data-theme="dark"`)
	b.want(b.post("/theme", url.Values{"theme": {"auto"}, "next": {"https://elsewhere.example"}}), http.StatusSeeOther)
	b.want(b.get("/jobs"), http.StatusOK, `data-theme="auto"`)
}

func TestUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Administrator)
	b.want(b.get("/users"), http.StatusOK, "administrator", "Add a user")
	b.want(b.post("/users", url.Values{"username": {"grace"}}), http.StatusUnprocessableEntity, "must have at least 1 item", `value="grace"`)
	b.want(b.post("/users", url.Values{"username": {"grace"}, "role": {"manager"}}), http.StatusCreated, "User <strong>grace</strong> is added", "GENERATED")
	b.want(b.post("/users/grace", url.Values{"action": {"roles"}, "role": {"manager"}}), http.StatusSeeOther)
	b.want(b.post("/users/grace", url.Values{"action": {"remove"}, "sure": {"g"}}), http.StatusUnprocessableEntity, "to remove grace, type the name")
	b.want(b.post("/users/grace", url.Values{"action": {"remove"}, "sure": {"grace"}}), http.StatusSeeOther)
}

func TestTheQueueIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queue.Fault(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	b := w.as(auth.Administrator)
	b.want(b.get("/queues"), http.StatusServiceUnavailable, "the message service does not answer")
	b.want(b.get("/jobs"), http.StatusOK)
	b.want(b.get("/"), http.StatusOK, "the message service does not answer")
	m := w.as(auth.Manager)
	m.want(m.get("/queues"), http.StatusForbidden)
}

func TestTokensPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager)
	page := b.want(b.get("/tokens"), http.StatusOK, "You have no tokens.", "jobs:write", "in 90 days", "in 366 days", "You may have 50 tokens")
	if strings.Contains(page.text, "users:write") || page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a manager is offered the rights of others, or the page is kept (%v)", page.header)
	}
	b.want(b.post("/tokens", url.Values{"name": {"nightly"}, "life": {"86400"}}), http.StatusUnprocessableEntity, "must have at least 1 item", `value="nightly"`, `<option value="86400" selected>`)
	b.want(b.post("/tokens", url.Values{"name": {"nightly"}, "life": {"soon"}}), http.StatusUnprocessableEntity, "a number of seconds")
	b.want(b.post("/tokens", url.Values{"name": {"nightly"}, "scope": {"jobs:read"}, "life": {"86400"}}), http.StatusCreated,
		"The token <strong>nightly</strong> is made", auth.Marked(auth.PersonalPrefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	page = b.want(b.get("/tokens"), http.StatusOK, "nightly", "never", "End nightly")
	if strings.Contains(page.text, auth.Marked(auth.PersonalPrefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
		t.Error("the token is shown a second time")
	}
	var id string
	w.identity.with(func() {
		for _, made := range w.identity.made {
			id = made[0].ID
		}
	})
	b.want(b.post("/tokens/"+id, nil), http.StatusSeeOther)
	b.want(b.get("/tokens?done=token-ended"), http.StatusOK, "The token has ended", "You have no tokens.")
	// The longest life that the service allows is a choice, and no longer one.
	if all := lives(3600, ""); len(all) != 1 || all[0].Seconds != 3600 {
		t.Errorf("got %v", all)
	}
	for _, s := range auth.AllScopes() {
		if scopeWords(s) == "" {
			t.Errorf("%s has no words", s)
		}
	}
}

func TestServicesPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Administrator)
	b.want(b.get("/services"), http.StatusOK, "exporter", "results:read", "old secret: until", "never used")
	b.want(b.post("/services", url.Values{"name": {"x-1"}}), http.StatusUnprocessableEntity, "must have at least 1 item", `value="x-1"`)
	b.want(b.post("/services", url.Values{"name": {"x-1"}, "scope": {"results:read", "audit:read"}}), http.StatusCreated, "is added", "flcs_SECRET")
	b.want(b.post("/services/exporter", url.Values{"action": {"rotate"}, "overlap": {"24h"}}), http.StatusCreated, "has a new secret; the old one is valid until", "flcs_SECRET")
	b.want(b.post("/services/exporter", url.Values{"action": {"rotate"}, "overlap": {"soon"}}), http.StatusUnprocessableEntity, "the overlap is a time")
	b.want(b.post("/services/exporter", url.Values{"action": {"scopes"}, "scope": {"audit:read"}}), http.StatusSeeOther)
	b.want(b.post("/services/exporter", url.Values{"action": {"remove"}, "sure": {"ex"}}), http.StatusUnprocessableEntity, "to remove exporter, type the name")
	b.want(b.post("/services/exporter", url.Values{"action": {"remove"}, "sure": {"exporter"}}), http.StatusSeeOther)
	want := []string{`POST /v1/services {"name":"x-1","scopes":["results:read","audit:read"]}`, `POST /v1/services/exporter/secret {"overlap":86400}`,
		`PUT /v1/services/exporter/scopes {"scopes":["audit:read"]}`, `DELETE /v1/services/exporter`}
	w.identity.with(func() {
		if diff := cmp.Diff(want, w.identity.changed); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
