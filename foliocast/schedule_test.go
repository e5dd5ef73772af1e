package foliocast

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func TestScheduleCommands(t *testing.T) {
	t.Parallel()
	next := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	one := job.Schedule{Name: "nightly", Owner: "ann", NextAt: &next, Fired: 3, LastError: &job.ScheduleError{Error: job.Error{Code: "quota", Detail: "too many"}},
		Plan: job.Plan{Cron: "0 18 * * *", Zone: "Europe/Berlin", CatchUp: job.CatchUpLast, Job: job.Spec{Dataset: "p", Assets: []string{"*"}, Model: "auto", Horizon: 5}}}
	paused := one
	paused.Paused, paused.NextAt = true, nil
	var made client.NewSchedule
	var changed job.Plan
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/schedules": func(w http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(&made); err != nil {
				t.Error(err)
			}
			answer(http.StatusCreated, one)(w, r)
		},
		"GET /v1/schedules": answer(http.StatusOK, client.Schedules{Items: []job.Schedule{one, paused}}),
		"GET /v1/schedules/nightly": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"7"`)
			answer(http.StatusOK, one)(w, r)
		},
		"PUT /v1/schedules/nightly": func(w http.ResponseWriter, r *http.Request) {
			changed = job.Plan{}
			if err := json.NewDecoder(r.Body).Decode(&changed); err != nil || r.Header.Get("If-Match") != `"7"` {
				t.Error(err, r.Header)
			}
			answer(http.StatusOK, paused)(w, r)
		},
		"DELETE /v1/schedules/nightly": answer(http.StatusNoContent, nil),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "schedule", "add", "nightly", "--cron", "0 18 * * *", "--zone", "Europe/Berlin", "--catch-up", "all", "--dataset", "p", "--assets", "*", "--horizon", "5").
		check(t, exitOK, "last error", "")
	if made.Name != "nightly" || made.Cron != "0 18 * * *" || made.Zone != "Europe/Berlin" || made.CatchUp != job.CatchUpAll || made.Job.Horizon != 5 {
		t.Errorf("the service got %+v", made)
	}
	p.types("", "schedule", "list").check(t, exitOK, "paused", "")
	p.types("", "schedule", "show", "nightly").check(t, exitOK, "0 18 * * *", "")
	p.types("", "schedule", "update", "nightly", "--at", "2031-01-01T00:00:00Z", "--horizon", "7").check(t, exitOK, "nightly", "")
	if changed.Cron != "" || changed.At.Year() != 2031 || changed.Job.Horizon != 7 || changed.Job.Dataset != "p" {
		t.Errorf("the service got %+v", changed)
	}
	p.types("", "schedule", "pause", "nightly").check(t, exitOK, "paused", "")
	if !changed.Paused || changed.Cron != one.Cron {
		t.Errorf("the service got %+v", changed)
	}
	p.types("", "schedule", "resume", "nightly").check(t, exitOK, "nightly", "")
	if changed.Paused {
		t.Errorf("the service got %+v", changed)
	}
	p.types("", "schedule", "remove", "nightly").check(t, exitOK, "removed nightly", "")
	p.types("", "schedule", "show", "other").check(t, exitNotFound, "", "there is no")
	p.types("", "schedule", "add", "x", "--at", "tomorrow").check(t, exitUsage, "", "--at must be a time with its zone")
}
