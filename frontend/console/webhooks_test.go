package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"foliocast/internal/auth"
)

// receiver takes messages of webhooks with the status that it returns, and counts them.
func receiver(t testing.TB) (address string, status *atomic.Int64, taken *atomic.Int64) {
	status, taken = new(atomic.Int64), new(atomic.Int64)
	status.Store(http.StatusNoContent)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Webhook-Signature") == "" {
			t.Error("a message has no signature")
		}
		taken.Add(1)
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/hook", status, taken
}

// giveUp makes a delivery that was given up, and one that was delivered.
const giveUp = `INSERT INTO webhook_delivery (webhook, position, message, type, at, body, state, attempts, next_at, last_at, last_status, last_error)
	SELECT id, n, 'evt_' || n, 'job.done', clock_timestamp(), '{}', CASE n WHEN 1 THEN 'dead' ELSE 'delivered' END, 10, NULL, clock_timestamp(), 500, 'it answered 500 Internal Server Error <b>'
	FROM webhook, generate_series(1, 2) n`

func TestWebhooksPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.as(auth.Manager)
	address, status, taken := receiver(t)
	b.want(b.get("/webhooks"), http.StatusOK, "You have no webhooks.", "Add a webhook")
	b.want(b.post("/webhooks", url.Values{"name": {"Ends"}, "url": {"http://10.1.2.3/hook"}, "kind": {"job"}, "state": {"done"}}), http.StatusUnprocessableEntity,
		`value="http://10.1.2.3/hook"`, "a name of a-z 0-9", `name="state" value="done" checked`, `name="kind" value="job" checked`)
	b.want(b.post("/webhooks", url.Values{"name": {"ends"}, "url": {"http://10.1.2.3/hook"}}), http.StatusUnprocessableEntity, `id="url-error"`)
	form := url.Values{"name": {"ends"}, "url": {address}, "kind": {"job"}, "state": {"done", "dead"}, "dataset": {"prices"}}
	page := b.want(b.post("/webhooks", form), http.StatusCreated, "The webhook <strong>ends</strong> is added", "whsec_", address, "jobs: done, dead; on dataset prices")
	if page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a page with a secret may be kept: %v", page.header)
	}
	b.want(b.post("/webhooks", form), http.StatusConflict, "ends")
	again := b.want(b.get("/webhooks"), http.StatusOK, `href="/webhooks/ends"`)
	if strings.Contains(again.text, "whsec_") {
		t.Error("the secret is shown again")
	}

	act := func(action string, pairs ...string) shown {
		return b.post("/webhooks/ends", with(url.Values{"action": {action}}, pairs...))
	}
	b.want(act("test"), http.StatusOK, "The receiver took the test message: it answered 204")
	status.Store(http.StatusInternalServerError)
	b.want(act("test"), http.StatusOK, "The test message was not delivered", "500")
	if got := taken.Load(); got != 2 {
		t.Errorf("the receiver had %d messages", got)
	}
	b.want(act("rotate", "overlap", "24h"), http.StatusCreated, "has a new secret; the old one signs beside it until", "whsec_")
	b.want(act("rotate", "overlap", "soon"), http.StatusUnprocessableEntity, "the overlap is a time")
	if _, err := w.pool.Exec(t.Context(), giveUp); err != nil {
		t.Fatal(err)
	}
	b.want(b.get("/webhooks/ends"), http.StatusOK, "evt_1", "evt_2", "it answered 500 Internal Server Error &lt;b&gt;", "Deliver again")
	if page := b.want(b.get("/webhooks/ends?state=dead"), http.StatusOK, "evt_1"); strings.Contains(page.text, "evt_2") {
		t.Error("those that were given up have one that was not")
	}
	b.want(b.get("/webhooks/ends?state=lost"), http.StatusUnprocessableEntity)
	b.want(act("redeliver"), http.StatusOK, "1 message is on the way again.")
	b.want(b.get("/webhooks/ends?state=dead"), http.StatusOK, "No deliveries are given up")
	b.want(act("disable"), http.StatusSeeOther)
	b.want(b.get("/webhooks/ends?done=changed"), http.StatusOK, "The change is made.", ">disabled<", ">Enable<")
	b.want(act("enable"), http.StatusSeeOther)
	other := w.as(auth.Administrator)
	other.want(other.get("/webhooks/ends"), http.StatusNotFound)
	b.want(act("remove"), http.StatusSeeOther)
	b.want(b.get("/webhooks/ends"), http.StatusNotFound)
	if page := w.as(auth.Secretary).get("/"); strings.Contains(page.text, "/webhooks") {
		t.Error("somebody who sees no jobs is led to webhooks")
	}
}

// keysForWebhooks adds a webhook, tries it, lets it deliver again and removes it, by keyboard.
func (p tab) keysForWebhooks() {
	address, _, taken := receiver(p.w)
	p.enter("manager")
	p.Reach("manager")
	p.Press(kb.Enter)
	p.follow("Your webhooks", "Your webhooks")
	p.look("/webhooks without any")
	p.Reach("name")
	p.Press("ends")
	p.Reach("url")
	p.Press("http://10.1.2.3/hook" + kb.Enter)
	p.Has("the request has faults")
	p.Titled("Your webhooks")
	p.Focused("url")
	p.look("/webhooks with a fault")
	p.Press(address)
	p.Reach("done")
	p.Press(" ")
	p.Reach("Add")
	p.Press(kb.Enter)
	p.Has("is shown only now")
	p.Titled("Your webhooks")
	p.look("/webhooks with one")
	p.follow("ends", "ends")
	p.look("/webhooks/ends")
	p.Reach("Send a test")
	p.Press(kb.Enter)
	p.Has("The receiver took the test message: it answered 204")
	if got := taken.Load(); got != 1 {
		p.w.Errorf("the receiver had %d messages", got)
	}
	if _, err := p.w.pool.Exec(p.w.Context(), giveUp); err != nil {
		p.w.Fatal(err)
	}
	p.open("/webhooks/ends")
	p.look("/webhooks/ends with deliveries")
	p.Reach("Deliver again what was given up")
	p.Press(kb.Enter)
	p.Focused("1 message is on the way again.")
	p.Reach("New secret")
	p.Press(kb.Enter)
	p.look("/webhooks/ends before a new secret")
	p.Reach("Make a new secret")
	p.Press(kb.Enter)
	p.Has("is shown only now")
	p.Titled("ends")
	p.look("/webhooks/ends with a new secret")
	p.Reach("Remove")
	p.Press(kb.Enter)
	p.Reach("Remove ends")
	p.Press(kb.Enter)
	p.Focused("It is removed.")
	p.Do(chromedp.WaitReady(chromedp.CSS(".empty")))
	p.clean("422")
}
