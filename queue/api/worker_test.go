package api_test

import (
	"strings"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

func TestWorkersReportAndLeave(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	s.add("a")
	s.lease()
	next, err := s.Report(ctx, message.Report{Worker: "w", State: message.Working, Up: 1, RankCount: 2, Busy: 0.5,
		Jobs: []message.WorkerJob{{Key: "a", Phase: message.Fitting, Series: 9, Done: 3, Leased: 1}}})
	if err != nil || next != 3*time.Second {
		t.Fatalf("the next report is due in %v, %v", next, err)
	}
	if _, err := s.Report(ctx, message.Report{Worker: "idle/#%", State: message.Idle}); err != nil {
		t.Fatal(err)
	}
	page, err := s.Workers(ctx, 0, 1)
	if err != nil || len(page.Workers) != 1 || page.Workers[0].Leases != 1 || page.Workers[0].Jobs[0].Done != 3 || page.Next == 0 {
		t.Fatalf("got %+v, %v", page, err)
	}
	page, err = s.Workers(ctx, page.Next, 0)
	if err != nil || len(page.Workers) != 1 || page.Workers[0].Worker != "idle/#%" || page.Next != 0 {
		t.Fatalf("got %+v, %v", page, err)
	}
	for range 2 {
		if err := s.Leave(ctx, "idle/#%"); err != nil {
			t.Fatal(err)
		}
	}
	// Another account may use the same name, and removes nothing.
	other := client.New(s.url, nil, auth.Static(s.issuer.Service("another", auth.QueueLease)))
	if err := other.Leave(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	if page, err = s.Workers(ctx, 0, 0); err != nil || len(page.Workers) != 1 || page.Workers[0].Worker != "w" || len(page.Others) != 0 {
		t.Errorf("got %+v, %v", page, err)
	}
	if _, err := other.Workers(ctx, 0, 0); !problem.Is(err, problem.Forbidden) {
		t.Errorf("a worker lists the workers: %v", err)
	}
}

func TestBadReportsAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	const rest = `"up_seconds":1,"host_count":1,"rank_count":1,"threads":1,"done":0,"held":0,"series":0`
	for body, want := range map[string]string{
		`{}`: "/worker",
		`{"worker":"a b","state":"idle","busy":0,` + rest + `}`:                                                                                                    "/worker",
		`{"worker":"w","state":"asleep","busy":0,` + rest + `}`:                                                                                                    "/state",
		`{"worker":"w","state":"idle","busy":2,` + rest + `}`:                                                                                                      "/busy",
		`{"worker":"w","state":"idle","busy":0,"hosts":["a\u0000"],` + rest + `}`:                                                                                  "/hosts/0",
		`{"worker":"w","state":"idle","busy":0,"hosts":["` + strings.Repeat("x", 256) + `"],` + rest + `}`:                                                         "/hosts/0",
		`{"worker":"w","state":"idle","busy":0,"jobs":[{"key":"a","phase":"rest","leased_seconds":1}],` + rest + `}`:                                               "/jobs/0/phase",
		`{"worker":"w","state":"idle","busy":0,"ended":[{"key":"a","leased_seconds":-1}],` + rest + `}`:                                                            "/ended/0/leased_seconds",
		`{"worker":"w","state":"idle","busy":0,"jobs":[` + strings.Repeat(`{"key":"a","leased_seconds":1},`, 20) + `{"key":"a","leased_seconds":1}],` + rest + `}`: "/jobs",
		`{"worker":"w","state":"idle","busy":0,"ranks":[{"rank":0,"threads":1,"busy_seconds":0,"fit_seconds":0,"recent":[101]}],` + rest + `}`:                     "/ranks/0/recent/0",
	} {
		if status, text := s.send("POST", "/v1/workers", body); status != 422 || !strings.Contains(text, `"pointer":"`+want+`"`) {
			t.Errorf("%.200s: got %d %s, want a fault at %s", body, status, text, want)
		}
	}
	if status, _ := s.send("POST", "/v1/workers", `{"worker":"`+strings.Repeat("x", message.MaxReportBytes)+`"}`); status != 413 {
		t.Errorf("a large report: got %d", status)
	}
	if page, err := s.Workers(t.Context(), 0, 0); err != nil || len(page.Workers) != 0 {
		t.Errorf("got %+v, %v", page, err)
	}
}
