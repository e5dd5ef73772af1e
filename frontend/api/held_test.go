package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func TestAJobThatBeginsLater(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	later := spec()
	later.NotBefore = time.Now().Add(time.Hour).Truncate(time.Second)
	j, err := c.CreateJob(t.Context(), later, "monday")
	if err != nil || j.WaitingFor != job.WaitsForTime || !j.Spec.NotBefore.Equal(later.NotBefore) {
		t.Fatalf("got %+v, %v", j, err)
	}
	later.NotBefore = later.NotBefore.In(time.FixedZone("", 3600)) // the same instant
	if again, err := c.CreateJob(t.Context(), later, "monday"); err != nil || again.ID != j.ID {
		t.Errorf("the same again: got %s, %v, want %s", again.ID, err, j.ID)
	}
	page, err := c.JobsPage(t.Context(), client.JobFilter{}, "", 0)
	if err != nil || len(page.Items) != 1 || page.Items[0].WaitingFor != job.WaitsForTime {
		t.Errorf("the list: %+v, %v", page.Items, err)
	}
	s.deliver()
	if j, err = c.UpdateJob(t.Context(), j.ID, j.ETag, spec()); err != nil || j.WaitingFor != job.WaitsForNothing {
		t.Errorf("at once: %+v, %v", j, err)
	}
	s.sent(j.ID)
	got := s.send("POST", "/v1/jobs", `{"dataset":"prices","assets":["DAX"],"horizon":2,"not_before":"tomorrow"}`, "Content-Type", "application/json")
	if got.status != http.StatusUnprocessableEntity || !slices.Equal(got.pointers(), []string{"/not_before"}) {
		t.Errorf("tomorrow: got %d %s", got.status, got.body)
	}
}

func TestJobsThatFollowOthers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	first, bad := s.submit(), s.submit()
	if _, err := c.CancelJob(t.Context(), bad.ID); err != nil {
		t.Fatal(err)
	}
	after := spec()
	after.After, after.AfterAny = []job.ID{job.ID(strings.ToUpper(string(first.ID)))}, []job.ID{bad.ID}
	j, err := c.CreateJob(t.Context(), after, "k")
	if err != nil || j.WaitingFor != job.WaitsForJobs || !slices.Equal(j.Spec.After, []job.ID{first.ID}) {
		t.Fatalf("got %+v, %v", j, err)
	}
	const nobody = "00000000-0000-7000-8000-000000000000"
	faulty := fmt.Sprintf(`{"dataset":"prices","assets":["DAX"],"horizon":2,"after":[%q,%q,%q],"after_any":["x",%q]}`, first.ID, bad.ID, nobody, first.ID)
	got := s.send("POST", "/v1/jobs", faulty, "Content-Type", "application/json")
	if want := []string{"/after_any/0", "/after_any/1", "/after/1", "/after/2"}; got.status != http.StatusUnprocessableEntity || !slices.Equal(got.pointers(), want) {
		t.Errorf("got %d %q, want faults of %q", got.status, got.body, want)
	}
	more := j.Spec
	more.After = append(more.After, s.submit().ID)
	if _, err := c.UpdateJob(t.Context(), j.ID, j.ETag, more); !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "cannot be added") {
		t.Errorf("another predecessor: %v", err)
	}
	s.deliver()
	s.sent(first.ID)
	s.queue.End(string(first.ID), doneResult(first.ID))
	s.sent(j.ID)
	again, err := c.CreateJob(t.Context(), after, "k") // the same, though nothing can follow what has ended badly
	if err != nil || again.ID != j.ID {
		t.Errorf("the same again: %s, %v", again.ID, err)
	}
}
