package foliocast

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"foliocast/queue/message"
)

// began is when the worlds of these tests began.
var began = time.Date(2026, 1, 31, 18, 0, 0, 0, time.UTC)

// worlds are two worlds: one computes, one waits, and a third one does not report.
func worlds() (first, second message.Workers) {
	half := 2.0
	working := message.Worker{ID: 4, Account: "service", Since: began, Silent: 1.2, Leases: 3, Report: message.Report{Worker: "night#1", Program: "mpicalc 1.0", State: message.Working,
		Up: 100, Hosts: []string{"n1", "n2", "n3", "n4"}, HostCount: 5, RankCount: 3, Threads: 6, Busy: 0.5, Done: 40, Held: 3, Series: 900,
		Jobs:  []message.WorkerJob{{Key: "0198f3a2#1", Phase: message.Fitting, Series: 10, Done: 4, Leased: 9}},
		Ended: []message.WorkerJob{{Key: "old#1", Leased: 200, Ended: new(90.0)}, {Key: "new#1", Leased: 20, Ended: &half}, {Key: "newer#1", Leased: 20, Ended: &half}},
		Ranks: []message.WorkerRank{{Rank: 0, Host: "n1", Threads: 2, Serves: true}, {Rank: 1, Host: "n1", Threads: 2, Key: "0198f3a2#1", Chunks: 2, Series: 450, Busy: 50, Fit: 48, Recent: []int{0, 50, 100}}}}}
	idle := message.Worker{ID: 9, Account: "service", Since: began, Silent: 9, Report: message.Report{Worker: "day", State: message.Idle, Up: 1, Hosts: []string{"n9"}, HostCount: 1, RankCount: 1}}
	return message.Workers{Workers: []message.Worker{working}, Others: []message.Holder{{Account: "service", Worker: "before", Leases: 2}}, Next: 4}, message.Workers{Workers: []message.Worker{idle}}
}

// pages answers with the two pages of worlds.
func pages(w http.ResponseWriter, r *http.Request) {
	first, second := worlds()
	page := first
	if r.FormValue("after") == "4" {
		page = second
	}
	answer(http.StatusOK, page)(w, r)
}

func TestWorkersAreListed(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/workers": pages})
	p := newPerson(t, s)
	p.signIn()
	since := when(began)
	p.types("", "worker", "list").check(t, exitOK, ""+
		"WORKER   STATE    HOSTS        RANKS  BUSY  LEASES  DONE  NOW                  SINCE\n"+
		"night#1  working  n1 n2 n3 +2      3   50%       3    40  fit 0198f3a2 40% +2  "+since+"\n"+
		"day      idle     n9               1    0%       0     0                       "+since+"\n"+
		"before   silent                         0%       2\n", "")
	got := p.types("", "worker", "list", "-o", "csv")
	lines := strings.Split(got.out, "\n")
	if got.code != exitOK || len(lines) != 5 || lines[0] != "worker,state,hosts,ranks,busy,leases,done,now,since,threads,series,program,account,last_report" ||
		lines[1] != "night#1,working,n1 n2 n3 +2,3,0.5,3,40,fit 0198f3a2 40% +2,2026-01-31T18:00:00Z,6,900,mpicalc 1.0,service,1.2" ||
		!strings.HasPrefix(lines[2], "day,idle,n9,1,0,0,0,,") || !strings.HasPrefix(lines[3], "before,silent,,0,0,2,") {
		t.Errorf("got %d %s%s", got.code, got.out, got.err)
	}
	var all message.Workers
	if got = p.types("", "worker", "list", "--json"); json.Unmarshal([]byte(got.out), &all) != nil || len(all.Workers) != 2 || len(all.Others) != 1 || all.Next != 0 {
		t.Errorf("got %d %s%s", got.code, got.out, got.err)
	}
}
