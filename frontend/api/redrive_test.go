package api

import (
	"net/http"
	"strings"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// What a client sees of a job that dies and is redriven: it waits for its end as for any other.
func TestRedrivenJob(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	j := s.submit()
	c, path := s.as(auth.Manager), "/v1/jobs/"+string(j.ID)
	is := func(want job.State) {
		t.Helper()
		servetest.Until(t, "it is "+string(want), func() bool { j, err := c.Job(t.Context(), j.ID); return err == nil && j.State == want })
	}
	s.sent(j.ID)
	s.queue.End(string(j.ID), message.Result{Outcome: message.Dead, Attempts: 3, Error: "rank 1 died"})
	is(job.Dead)
	if got := s.send("DELETE", path, ""); got.status != http.StatusConflict {
		t.Errorf("a dead job is cancelled: got %d", got.status)
	}
	s.queue.Redrive(string(j.ID))
	is(job.Queued)
	if got := s.send("POST", path+"/retry", ""); got.status != http.StatusConflict {
		t.Errorf("a retry: got %d", got.status)
	}
	if got := s.send("DELETE", path+"/record", ""); got.status != http.StatusConflict {
		t.Errorf("its record is removed: got %d", got.status)
	}
	s.queue.Lease(string(j.ID), 0.5)
	is(job.Running)
	waited := make(chan answer)
	go func() { waited <- s.send("GET", path+"?wait=60s", "") }()
	if got := s.send("DELETE", path, ""); got.status != http.StatusAccepted {
		t.Errorf("it is cancelled: got %d", got.status)
	}
	servetest.Until(t, "the worker is told", func() bool { return s.queue.Message(string(j.ID)).CancelRequested })
	s.queue.End(string(j.ID), message.Result{Outcome: message.Cancelled})
	if got := <-waited; !strings.Contains(got.body, `"state":"cancelled"`) {
		t.Errorf("who waits for it gets %d: %s", got.status, got.body)
	}
}
