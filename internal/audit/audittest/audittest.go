// Package audittest holds the audit trail of a service to its promises, in tests.
package audittest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/audit"
	"foliocast/internal/audit/trail"
)

// Change is one row of the table of routes that a service is held to.
type Change struct {
	Route string // as registered, as in DELETE /v1/jobs/{id}
	// Call makes a successful call, or calls, of the route as a logged-in caller.
	Call func(*testing.T)
	// NoChange says why calls of the route leave no event.
	NoChange string
}

// Walk makes a successful call of every operation of api that is not a GET, one after the
// other, and fails the test unless each leaves an event of its own in the trail, which says who acted
// from where, and has the operation's name as action. Every such operation must have a
// row in the table, so that a new one cannot be forgotten.
func Walk(t *testing.T, api huma.API, trail *trail.Trail, table []Change) {
	t.Helper()
	operations := map[string]*huma.Operation{}
	for path, item := range api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete} {
			if op != nil {
				operations[method+" "+path] = op
			}
		}
	}
	for _, row := range table {
		op := operations[row.Route]
		delete(operations, row.Route)
		switch {
		case op == nil:
			t.Errorf("the table of this test names %s, which is not an operation", row.Route)
		case row.NoChange == "":
			t.Run(row.Route, func(t *testing.T) { walk(t, trail, row, op.OperationID) })
		}
	}
	for route := range operations {
		t.Errorf("operation %s is not in the table of this test: record its changes in the audit trail", route)
	}
}

func walk(t *testing.T, trail *trail.Trail, row Change, action string) {
	t.Helper()
	last := int64(0)
	if before := List(t, trail, audit.Filter{}); len(before) > 0 {
		last = before[0].Position
	}
	row.Call(t)
	events := slices.DeleteFunc(List(t, trail, audit.Filter{Action: action, Outcome: audit.Done}), func(e audit.Event) bool { return e.Position <= last })
	if len(events) == 0 {
		t.Fatalf("a call of %s leaves no event %q in the audit trail", row.Route, action)
	}
	for _, e := range events {
		if e.Actor.Subject == "" || e.Actor.Subject == audit.System().Subject || e.Actor.Client == "" || e.Actor.Session+e.Actor.Token == "" || e.Source == "" || e.RequestID == "" || e.Object.Kind == "" {
			t.Errorf("the event does not say all: %+v", e)
		}
	}
}

// List returns the latest events that a filter selects.
func List(t testing.TB, trail *trail.Trail, f audit.Filter) []audit.Event {
	t.Helper()
	events, err := trail.List(t.Context(), f, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// Check checks the table of a store's migrations: what is added can be found by each
// filter, and can be neither changed nor deleted until it is old.
func Check(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	at := trail.New(pool)
	ctx := audit.With(t.Context(), &audit.Request{Actor: audit.Actor{Subject: "s-1", Name: "ada", Client: "c", Token: "t", Session: "e"},
		Source: "192.0.2.7", ID: "r-1"})
	for i, e := range []audit.Event{
		{Action: "one", Object: audit.Object{Kind: "user", ID: "bob"}, Before: audit.Detail([]int{1}), After: audit.Detail([]int{2})},
		{Action: "two", Object: audit.Object{Kind: "user", ID: "\x00" + strings.Repeat("é", 1000) + "\xff"}, Outcome: audit.Refused, Reason: "no", Times: 7},
		{Action: "three", Object: audit.Object{Kind: "job", ID: "bob"}, Actor: audit.System(), OnBehalfOf: "s-1"},
	} {
		if err := at.Add(ctx, pool, e); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
	events := List(t, at, audit.Filter{Actor: "ada"})
	if len(events) != 1 {
		t.Fatalf("ada has %d events, want 1", len(events))
	}
	one := events[0]
	if time.Since(one.At).Abs() > time.Hour {
		t.Errorf("the event is of %v", one.At)
	}
	want := `{"position":` + fmt.Sprint(one.Position) + `,"at":"` + one.At.Format(time.RFC3339Nano) +
		`","actor":{"subject":"s-1","name":"ada","client":"c","token":"t","session":"e"},"action":"one","object":{"kind":"user","id":"bob"},"before":[1],"after":[2],"source":"192.0.2.7","request_id":"r-1","outcome":"done","times":1}`
	if got, err := json.Marshal(one); err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	for _, c := range []struct {
		name   string
		filter audit.Filter
		want   string
	}{
		{"all", audit.Filter{}, "three two one"},
		{"by subject", audit.Filter{Actor: "s-1"}, "one"},
		{"by action", audit.Filter{Action: "two"}, "two"},
		{"of a kind", audit.Filter{Object: audit.Object{Kind: "user"}}, "two one"},
		{"of an object", audit.Filter{Object: audit.Object{Kind: "user", ID: "bob"}}, "one"},
		{"refused", audit.Filter{Outcome: audit.Refused}, "two"},
		{"since", audit.Filter{Since: one.At.Add(time.Hour)}, ""},
		{"until", audit.Filter{Until: one.At}, ""},
		{"between", audit.Filter{Since: one.At, Until: one.At.Add(time.Hour)}, "three two one"},
		{"before", audit.Filter{Before: one.Position + 1}, "one"},
	} {
		var got []string
		for _, e := range List(t, at, c.filter) {
			got = append(got, e.Action)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	checkAppendOnly(t, at, pool)
}

func checkAppendOnly(t *testing.T, at *trail.Trail, pool *pgxpool.Pool) {
	t.Helper()
	for _, statement := range []string{"UPDATE audit SET actor = 'nobody'", "UPDATE audit SET at = 'epoch'", "DELETE FROM audit", "TRUNCATE audit"} {
		if _, err := pool.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: got %v, want that the trail is append-only", statement, err)
		}
	}
	const old = `INSERT INTO audit (at, actor, name, client, token, session, on_behalf_of, action, object_kind, object_id, source, request_id, outcome, reason, times)
		SELECT now() - make_interval(days => age), '', '', '', '', '', '', 'old', '', '', '', '', 'done', '', 1 FROM generate_series(20, 2000, 20) AS age`
	if _, err := pool.Exec(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		days int
		left int // those of days 20, 40, … up to the limit
	}{{400, 20}, {0, 1}} { // an event of exactly 400 days is older by now
		if _, err := at.Forget(t.Context(), time.Duration(c.days)*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		if left := len(List(t, at, audit.Filter{Action: "old"})); left != c.left && left != c.left-1 {
			t.Errorf("%d days: %d old events are left, want %d", c.days, left, c.left)
		}
	}
	if left := len(List(t, at, audit.Filter{})); left != 4 {
		t.Errorf("%d events are left, want those of today and of 20 days ago", left)
	}
}
