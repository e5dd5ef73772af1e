package foliocast

import (
	"net/http"
	"strings"
	"testing"

	"foliocast/frontend/client"
)

func TestJobUsage(t *testing.T) {
	t.Parallel()
	var asked string
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/usage": func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery
		answer(http.StatusOK, client.UsagePage{From: "2026-11-01", To: "2026-11-30", Owners: []client.Usage{
			{Subject: "u1", Owner: "ann", Runs: 7, CoreSeconds: 1.25}, {Subject: "u2", Owner: "mia", Runs: 2, CoreSeconds: 3600}}})(w, r)
	}})
	p := newPerson(t, s)
	p.signIn()
	r := p.types("", "job", "usage", "--from", "2026-11-01", "--to", "2026-11-30", "-o", "csv")
	if want := "owner,runs,core_seconds,subject\nmia,2,3600,u2\nann,7,1.25,u1\n"; r.code != exitOK || r.out != want {
		t.Errorf("exit %d, got %s%s, want %s", r.code, r.out, r.err, want)
	}
	if !strings.Contains(asked, "from=2026-11-01") || !strings.Contains(asked, "to=2026-11-30") {
		t.Errorf("asked for %s", asked)
	}
}
