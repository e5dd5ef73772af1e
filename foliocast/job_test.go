package foliocast

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func jobIn(state job.State) job.Job {
	return job.Job{ID: "j1", State: state, Owner: "ann", CreatedAt: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC),
		Spec: job.Spec{Dataset: "p", Assets: []string{"*"}, Model: "naive", Horizon: 2}, Dataset: job.Dataset{Name: "p", Version: 3}}
}

func done() job.Answer {
	days := []string{"2024-12-31", "2025-01-01"}
	return job.Answer{Job: "j1", State: job.Done, Time: job.TimeDate, Overall: &job.Forecast{DS: days, Mean: []float64{1, 2}},
		Assets: []job.Asset{{Asset: "DAX", Model: "naive", DS: days, Mean: []float64{1, 2}}}}
}

// drop closes the connection without an answer, like a service that is killed.
func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// inTurn answers each request by the next handler, and then by the last.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		i := min(int(n.Add(1)), len(handlers)) - 1
		handlers[i](w, r)
	}
}

// An answer that is lost is asked for again, under the same key.
func TestSubmitWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	var keys [2]string
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/jobs": inTurn(
			func(w http.ResponseWriter, r *http.Request) { keys[0] = r.Header.Get("Idempotency-Key"); drop(w, r) },
			func(w http.ResponseWriter, r *http.Request) {
				keys[1] = r.Header.Get("Idempotency-Key")
				answer(http.StatusCreated, jobIn(job.Queued))(w, r)
			}),
	})
	p := newPerson(t, s)
	p.signIn()
	r := p.types("", "job", "submit", "--dataset", "p", "--assets", "*", "--horizon", "2")
	r.check(t, exitOK, "j1\n", "")
	if r.out != "j1\n" {
		t.Errorf("more than the id on stdout: %q", r.out)
	}
	if keys[0] == "" || keys[0] != keys[1] {
		t.Errorf("keys %q", keys)
	}
}

func TestSubmitThatIsRefused(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/jobs": refuse(problem.New(problem.Invalid, "the job has faults",
			problem.Fault{Pointer: "/horizon", Detail: "must be 1 to 1000, is 0"})),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "job", "submit", "--dataset", "p").check(t, exitUsage, "", "  horizon must be 1 to 1000, is 0\n")
	s.answers["POST /v1/jobs"] = refuse(problem.New(problem.Forbidden, "this needs the right jobs:write"))
	p.types("", "job", "submit", "--dataset", "p").check(t, exitDenied, "", "jobs:write")
	if n := s.count("POST /v1/jobs"); n != 2 {
		t.Errorf("a refusal was asked for again: %d requests", n)
	}
}

// While a job is waited for, the data service dies, comes back without its
// database, and then answers.
func TestWaitOutlivesTheDataService(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/jobs": answer(http.StatusCreated, jobIn(job.Queued)),
		"GET /v1/jobs/j1": inTurn(drop, refuse(problem.New(problem.Unavailable, "frontend is not ready")),
			answer(http.StatusOK, jobIn(job.Done))),
		"GET /v1/jobs/j1/result": answer(http.StatusOK, done()),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "job", "submit", "--dataset", "p", "--wait").check(t, exitOK, "overall", "")
	p.types("", "job", "watch", "j1", "--json").check(t, exitOK, `"state": "done"`, "")
	p.types("", "job", "watch", "j2").check(t, exitNotFound, "", "there is no /v1/jobs/j2")
}

func TestJobThatEndedBadly(t *testing.T) {
	t.Parallel()
	j := jobIn(job.Dead)
	j.Error = &job.Error{Code: "lost", Detail: "its worker died three times"}
	s := newScript(t, map[string]http.HandlerFunc{"GET /v1/jobs/j1": answer(http.StatusOK, j)})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "job", "watch", "j1").check(t, exitJobEnded, "", "job j1 ended as dead: its worker died three times")
	p.types("", "job", "watch", "j1", "--json").check(t, exitJobEnded, `"state": "dead"`, `"detail":"job j1 ended as dead: its worker died three times","job":"j1","exit_code":7}`)
}

func TestJobListAsksForPages(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs": func(w http.ResponseWriter, r *http.Request) {
			page := client.Jobs{Items: []job.Summary{jobIn(job.Running).Summary()}, Next: "more"}
			if r.URL.Query().Get("cursor") != "" {
				page = client.Jobs{Items: []job.Summary{jobIn(job.Done).Summary()}}
			}
			if q := r.URL.RawQuery; !strings.Contains(q, "state=done") || !strings.Contains(q, "state=running") {
				t.Errorf("query %q", q)
			}
			answer(http.StatusOK, page)(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	r := p.types("", "job", "list", "--state", "done,running")
	r.check(t, exitOK, "running", "")
	if n := strings.Count(r.out, "j1"); n != 2 {
		t.Errorf("%d jobs: %s", n, r.out)
	}
	p.types("", "job", "list", "--state", "done", "--state", "running").check(t, exitOK, "running", "")
	p.types("", "job", "list", "--status", "done,running").check(t, exitOK, "running", "") // its former name
	r = p.types("", "job", "list", "--state", "done,running", "--limit", "1", "--json")
	if n := strings.Count(r.out, `"id": "j1"`); n != 1 {
		t.Errorf("%d jobs: %s", n, r.out)
	}
	p.types("", "job", "list", "--state", "odd").check(t, exitUsage, "", `"odd" is not a state of a job`)
	p.types("", "job", "list", "--state", "").check(t, exitUsage, "", `"" is not a state of a job`)
	p.types("", "job", "list", "--limit", "0").check(t, exitUsage, "", "--limit must be at least 1")
}

func TestUpdateSendsTheTagThatItSaw(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs/j1": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"7"`)
			answer(http.StatusOK, jobIn(job.Queued))(w, r)
		},
		"PUT /v1/jobs/j1": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-Match") != `"7"` {
				t.Errorf("If-Match %q", r.Header.Get("If-Match"))
			}
			refuse(problem.New(problem.Stale, "the job was changed since"))(w, r)
		},
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "job", "update", "j1", "--horizon", "9").check(t, exitConflict, "", "was changed since")
}
