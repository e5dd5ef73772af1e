package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/queuetest"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
)

// trailOf answers for the trail of a service, whose events are in order. It does not filter them.
func trailOf(events []audit.Event) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != audit.Path {
			return false
		}
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64)
		page := audit.Page{Events: []audit.Event{}}
		for _, e := range events {
			if before > 0 && e.Position >= before {
				continue
			}
			if len(page.Events) == limit {
				page.Next = page.Events[limit-1].Position
				break
			}
			page.Events = append(page.Events, e)
		}
		queuetest.Answer(w, page)
		return true
	}
}

// leases are n events of the message service, one a minute before another.
func leases(n int) []audit.Event {
	var all []audit.Event
	for k := range n {
		all = append(all, audit.Event{Position: int64(n - k), At: time.Now().Add(-time.Duration(k) * time.Minute), Actor: audit.System(), Action: "lose-lease", Object: audit.Object{Kind: "message", ID: fmt.Sprintf("m%03d", k)}, Outcome: audit.Done, Times: 1})
	}
	return all
}

func login() []audit.Event {
	return []audit.Event{{Position: 7, At: time.Now().Add(-30 * time.Second), Action: "login", Object: audit.Object{Kind: "user", ID: "<b>ada"}, Outcome: audit.Refused, Reason: "the password is wrong", Times: 12, Source: "192.0.2.1",
		After: json.RawMessage(`{"roles":["manager"]}`), RequestID: "r-1"}}
}

// Events of all services are in one order, page by page, each once.
func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	w.identity.with(func() { w.identity.trail = trailOf(login()) })
	w.queue.Fault(trailOf(leases(2*auditPerPage + 10)))
	b := w.as(auth.Administrator)
	var got []string
	row := regexp.MustCompile(`(?s)<th scope="row"><code>([^<]*)</code>.*?object=([^"]*)"`)
	for path := "/audit"; path != ""; {
		page := b.want(b.get(path), http.StatusOK)
		rows := row.FindAllStringSubmatch(page.text, -1)
		for _, r := range rows {
			got = append(got, r[1]+" "+r[2])
		}
		next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(page.text)
		if path = ""; next != nil {
			if path = next[1]; len(rows) != auditPerPage {
				t.Errorf("a page of %d events is not the last", len(rows))
			}
		}
	}
	want := []string{"lose-lease message%3am000", "upload-dataset dataset%3aprices", "login user%3a%3cb%3eada"}
	for k := range 2*auditPerPage + 9 {
		want = append(want, fmt.Sprintf("lose-lease message%%3am%03d", k+1))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %d events, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	b.want(b.get("/audit?service=authsvc"), http.StatusOK, "12 times", "the password is wrong", "user <span class=\"break\">&lt;b&gt;ada", "unknown", "192.0.2.1", "r-1", "roles", `value="authsvc" checked`)
	b.want(b.get("/audit?service=frontend&actor=nobody"), http.StatusOK, "No event matches.")
	b.want(b.get("/audit?service=frontend&object=dataset:prices&since="+time.Now().UTC().Format(time.DateOnly)+"&until="+time.Now().UTC().Format(time.DateOnly)), http.StatusOK, "upload-dataset", "Details")
	b.want(b.get("/audit?since=yesterday"), http.StatusUnprocessableEntity, `id="since-error"><li>must be a day`)
	b.want(b.get("/audit?outcome=lost&service=frontend"), http.StatusUnprocessableEntity, "outcome", "must be one of done, refused")
	for _, before := range []string{"x", "1.2", "1.2.-3", "99999999999999999999.0.0"} {
		b.want(b.get("/audit?before="+before), http.StatusUnprocessableEntity, "before must be that of a page")
	}
}

// A service that is down is a sentence, and the events of the others are there.
func TestAuditWithoutAService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	b := w.as(auth.Administrator)
	b.want(b.get("/"), http.StatusOK) // the session has its token for the data service
	w.queue.Fault(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	w.identity.with(func() { w.identity.down = true })
	b.want(b.get("/audit"), http.StatusOK, "upload-dataset", "The identity service does not answer: its events are missing.", "The message service does not answer: its events are missing.")
	w.identity.with(func() { w.identity.down, w.identity.trail = false, trailOf(login()) })
	w.queue.Fault(func(out http.ResponseWriter, r *http.Request) bool { // nonsense
		_, _ = out.Write([]byte(`{"events":[{"position":"x"`))
		return true
	})
	page := b.want(b.get("/audit"), http.StatusOK, "upload-dataset", "the password is wrong", "The message service does not answer")
	if strings.Contains(page.text, "The identity service does not") {
		t.Error("a service that answers is said not to")
	}
}
