package foliocast

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/internal/audit"
	"foliocast/internal/problem"
)

func TestAuditCommand(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 5, 31, 8, 0, 0, 0, time.Local)
	events := []audit.Event{
		{Position: 9, At: at, Actor: audit.Actor{Subject: "u1", Name: "ann"}, Action: "cancel-job", Object: audit.Object{Kind: "job", ID: "j1"}, Outcome: audit.Done, Times: 1, Source: "192.0.2.1"},
		{Position: 8, At: at.Add(-time.Hour), Action: "login", Object: audit.Object{Kind: "login"}, Outcome: audit.Refused, Reason: "the password is\nwrong", Times: 12},
	}
	var query string
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/audit": func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RawQuery
		if r.Header.Get("Accept") != audit.Lines {
			t.Errorf("asked for %s", r.Header.Get("Accept"))
		}
		for _, e := range events {
			_ = json.NewEncoder(w).Encode(e)
		}
	}})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "audit", "--service", "queue").check(t, exitOK,
		when(at)+"  queue    ann      cancel-job  job j1  done                                     192.0.2.1\n"+
			when(at.Add(-time.Hour))+"  queue    unknown  login       login   refused 12 times: the password is wrong\n", "")
	if got := p.types("", "audit", "--limit", "4", "--json"); strings.Count(got.out, "\n") != 4 || !strings.HasPrefix(got.out, `{"service":"authsvc","position":9,`) {
		t.Errorf("got %s", got.out)
	}
	if got := p.types("", "audit", "--limit", "0", "--json"); strings.Count(got.out, "\n") != 6 {
		t.Errorf("got %s", got.out)
	}
	if got := p.types("", "audit", "--limit", "0", "-o", "csv"); strings.Count(got.out, "\n") != 7 || !strings.HasPrefix(got.out, "time,service,actor,") {
		t.Errorf("got %s", got.out)
	}
	p.types("", "audit", "--actor", "ann", "--action", "login", "--object", "user:bob", "--outcome", "refused", "--since", "2024-05-31T06:00:00Z").check(t, exitOK, "", "")
	if query != "action=login&actor=ann&object=user%3Abob&outcome=refused&since=2024-05-31T06%3A00%3A00Z" {
		t.Errorf("asked for %s", query)
	}
	for _, args := range [][]string{{"--since", "yesterday"}, {"--outcome", "lost"}, {"--service", "all"}, {"--limit", "-1"}, {"--limit", "0"}} {
		p.types("", append([]string{"audit"}, args...)...).check(t, exitUsage, "", "--"+strings.TrimLeft(args[0], "-"))
	}
	// A part is not taken for the whole.
	s.answers["GET /v1/audit"] = refuse(problem.New(problem.Forbidden, "this needs the right audit:read"))
	p.types("", "audit").check(t, exitDenied, "", "audit:read")
	s.answers["GET /v1/audit"] = func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(events[0])
		_, _ = w.Write([]byte(`{"position":`))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	if got := p.types("", "audit", "--limit", "0", "--json"); got.code == exitOK {
		t.Errorf("got %+v for half an export", got)
	}
}
