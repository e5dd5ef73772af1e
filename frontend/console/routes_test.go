package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/auth"
	"foliocast/internal/job"
)

// right is a row of the table page × right. A user without the right is refused by the service
// that the page asks; the page itself decides nothing, but that a form is not shown
// to those who could not send it.
type right struct {
	route string
	needs auth.Scope // "" for everybody who is signed in
	open  bool       // to everybody
}

func rights() []right {
	return []right{
		{route: "GET /sign-in", open: true}, {route: "POST /sign-in", open: true}, {route: "POST /sign-out", open: true}, {route: "POST /theme", open: true}, {route: "GET /static/:build/*name", open: true},
		{route: "GET /"},
		{route: "GET /jobs", needs: auth.JobsRead}, {route: "GET /jobs/new", needs: auth.JobsWrite}, {route: "POST /jobs/new", needs: auth.JobsWrite},
		{route: "GET /jobs/change", needs: auth.JobsRead}, {route: "POST /jobs/change", needs: auth.JobsRead},
		{route: "GET /jobs/:id", needs: auth.JobsRead}, {route: "GET /jobs/:id/:file", needs: auth.JobsRead},
		{route: "POST /jobs/:id/cancel", needs: auth.JobsWrite}, {route: "POST /jobs/:id/retry", needs: auth.JobsWrite}, {route: "POST /jobs/:id/remove", needs: auth.JobsWrite},
		{route: "GET /datasets", needs: auth.DatasetsRead}, {route: "POST /datasets", needs: auth.DatasetsWrite}, {route: "GET /datasets/:name", needs: auth.DatasetsRead},
		{route: "GET /datasets/:name/remove", needs: auth.DatasetsWrite}, {route: "POST /datasets/:name/remove", needs: auth.DatasetsWrite},
		{route: "GET /queues", needs: auth.QueuesWrite}, {route: "POST /queues", needs: auth.QueuesWrite}, {route: "GET /queues/add", needs: auth.QueuesWrite}, {route: "POST /queues/:name", needs: auth.QueuesWrite},
		{route: "GET /queues/:name/remove", needs: auth.QueuesWrite}, {route: "POST /queues/:name/remove", needs: auth.QueuesWrite}, {route: "POST /dead", needs: auth.QueuesWrite},
		{route: "GET /workers", needs: auth.QueuesWrite}, {route: "GET /workers/events", needs: auth.QueuesWrite},
		{route: "GET /tokens"}, {route: "POST /tokens"}, {route: "POST /tokens/:id"},
		{route: "GET /webhooks", needs: auth.JobsRead}, {route: "POST /webhooks", needs: auth.JobsWrite}, {route: "GET /webhooks/:name", needs: auth.JobsRead}, {route: "POST /webhooks/:name", needs: auth.JobsWrite},
		{route: "GET /services", needs: auth.UsersWrite}, {route: "POST /services", needs: auth.UsersWrite}, {route: "POST /services/:name", needs: auth.UsersWrite},
		{route: "GET /audit", needs: auth.AuditRead},
		{route: "GET /users", needs: auth.UsersWrite}, {route: "POST /users", needs: auth.UsersWrite}, {route: "POST /users/:name", needs: auth.UsersWrite},
	}
}

// Every page is in the table, asks for a session unless it is open, and is refused to those
// who lack its right.
func TestEachPageNeedsItsRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := map[string]right{}
	for _, r := range rights() {
		table[r.route] = r
	}
	stranger := w.browser()
	roles := map[auth.Role]*browser{}
	for _, role := range auth.AllRoles() {
		roles[role] = w.as(role)
	}
	heads := map[string]bool{}
	for _, r := range w.door.Router.Routes() {
		heads[r.Path] = heads[r.Path] || r.Method == http.MethodHead
	}
	for _, r := range w.door.Router.Routes() {
		if r.Method == http.MethodGet && !heads[r.Path] {
			t.Errorf("%s takes GET and not HEAD, as curl -I sends it", r.Path)
		}
		ours := strings.Contains(r.Handler, "/frontend/console.")
		row, known := table[r.Method+" "+r.Path]
		delete(table, r.Method+" "+r.Path)
		if !ours || r.Method == http.MethodHead {
			continue
		}
		if !known {
			t.Errorf("%s %s is not in the table of this test", r.Method, r.Path)
			continue
		}
		if row.open {
			continue
		}
		path := strings.NewReplacer(":id", "00000000-0000-0000-0000-000000000000", ":name", "x", ":file", "result.csv").Replace(r.Path)
		if path == "/jobs/change" {
			path += "?action=retry"
		}
		send := func(b *browser) shown {
			if r.Method == http.MethodGet {
				return b.get(path)
			}
			if path == "/datasets" {
				body, kind := uploadBody(t, "x.csv", "", "name", "x")
				return b.send(r.Method, path, body, "Content-Type", kind)
			}
			return b.post(path, url.Values{"action": {"retry", "pause"}, "dataset": {"x"}, "horizon": {"1"}, "which": {"all"}, "id": {"x"}, "sure": {"x"}})
		}
		if got := send(stranger); got.status != http.StatusSeeOther && got.status != http.StatusUnauthorized {
			t.Errorf("%s %s answers %d to a stranger", r.Method, r.Path, got.status)
		}
		for role, b := range roles {
			may := row.needs == ""
			for _, s := range role.Scopes() {
				may = may || s == row.needs
			}
			if got := send(b); (got.status == http.StatusForbidden) == may && !unsorted(got.status, r.Path) {
				t.Errorf("%s %s answers %d to a %s", r.Method, r.Path, got.status, role)
			}
		}
	}
	for route := range table {
		t.Errorf("the table of this test names %s, which is not a page", route)
	}
}

// unsorted reports whether a form was refused for what is in it, before any service was asked.
func unsorted(status int, path string) bool {
	return status == http.StatusUnprocessableEntity && (path == "/queues/:name" || path == "/dead" || path == "/users/:name" || path == "/services/:name" || path == "/webhooks/:name")
}

// What a page changes is in the audit trail as any change is: who, from where, in which request.
func TestPagesLeaveATrail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	b := w.as(auth.Manager)
	got := b.want(b.post("/jobs/new", url.Values{"dataset": {"prices"}, "which": {"all"}, "horizon": {"1"}, "combine": {"mean"}}), http.StatusSeeOther)
	id := strings.TrimSuffix(strings.TrimPrefix(got.to, "/jobs/"), "?done=submitted")
	cancelled := b.want(b.post("/jobs/"+id+"/cancel", nil), http.StatusSeeOther)
	for action, request := range map[string]string{"create-job": got.header.Get("X-Request-Id"), "cancel-job": cancelled.header.Get("X-Request-Id")} {
		events := audittest.List(t, w.store.Trail, audit.Filter{Action: action, Actor: "manager"})
		if len(events) != 1 || events[0].Object.ID != id || events[0].Source != "127.0.0.1" || events[0].RequestID != request || events[0].Actor.Session == "" {
			t.Errorf("%s: %+v, in request %s", action, events, request)
		}
	}
	if j, err := w.data().Job(t.Context(), job.ID(id)); err != nil || j.State != job.Cancelled || time.Since(j.CreatedAt) > time.Hour {
		t.Errorf("the job is %+v, %v", j, err)
	}
}
