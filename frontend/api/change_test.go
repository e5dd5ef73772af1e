package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// doneResult is a good answer for a job about smallCSV.
func doneResult(id job.ID) message.Result {
	text, err := json.Marshal(answerFor(id))
	if err != nil {
		panic(err)
	}
	return message.Result{Outcome: message.Completed, Result: text}
}

func answerFor(id job.ID) job.Answer {
	days := []string{"2024-01-04", "2024-01-05"} // they follow the last of smallCSV, 2024-01-03
	return job.Answer{Job: id, State: job.Done, Time: job.TimeDate,
		Overall: &job.Forecast{Point: job.PointMedian, DS: days, Mean: []float64{10, 10.5}, Lo: map[string][]float64{"80": {9, 9.5}, "95": {8, 8.5}}, Hi: map[string][]float64{"80": {11, 11.5}, "95": {12, 12.5}}},
		Assets: []job.Asset{
			{Asset: "DAX", Model: "trend", Point: job.PointMean, DS: days, Mean: []float64{13, 14}, Lo: map[string][]float64{"80": {12, 13}, "95": {11, 12}}, Hi: map[string][]float64{"80": {14, 15}, "95": {15, 16}}},
			{Asset: "FTSE", Model: "naive", DS: days, Mean: []float64{7, 7}},
		}}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	j := s.submit()
	c := s.as(auth.Manager)
	change := spec()
	change.Horizon = 7
	got, err := c.UpdateJob(t.Context(), j.ID, j.ETag, change)
	if err != nil || got.Spec.Horizon != 7 || got.ETag != `"2"` {
		t.Fatalf("here: got horizon %d, %s, %v", got.Spec.Horizon, got.ETag, err)
	}
	if _, err = c.UpdateJob(t.Context(), j.ID, j.ETag, change); !problem.Is(err, problem.Stale) {
		t.Errorf("an old tag: got %v", err)
	}
	s.deliver()
	s.sent(j.ID)
	change.Horizon, change.Assets = 9, []string{"*"}
	if got, err = c.UpdateJob(t.Context(), j.ID, got.ETag, change); err != nil || got.Spec.Horizon != 9 || got.ETag != `"3"` {
		t.Errorf("at the queue: got horizon %d, %s, %v", got.Spec.Horizon, got.ETag, err)
	}
	var task job.Task
	second := string(j.ID) + "#2" // the message of the second run
	s.sent(job.ID(second))
	if err := json.Unmarshal(s.queue.Message(second).Payload, &task); err != nil || task.Spec.Horizon != 9 {
		t.Errorf("the queue has horizon %d, %v", task.Spec.Horizon, err)
	}
	servetest.Until(t, "the first run is cancelled", func() bool { return s.queue.Message(string(j.ID)).Outcome == message.Cancelled })
	s.queue.Lease(second, 0)
	if _, err = c.UpdateJob(t.Context(), j.ID, got.ETag, change); !problem.Is(err, problem.Conflict) {
		t.Errorf("a running job: got %v", err)
	}
	s.queue.End(second, doneResult(j.ID))
	if _, err = c.UpdateJob(t.Context(), j.ID, got.ETag, change); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job whose result may not be applied yet: got %v", err)
	}
	servetest.Until(t, "it is done", func() bool { j, err := c.Job(t.Context(), j.ID); return err == nil && j.State == job.Done })
	if _, err = c.UpdateJob(t.Context(), j.ID, got.ETag, change); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job that has ended: got %v", err)
	}
}

func TestUpdateAnswers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	path := "/v1/jobs/" + string(s.submit().ID)
	good := `{"dataset":"prices","assets":["DAX"],"horizon":3}`
	for name, c := range map[string]struct {
		path, match, body string
		status            int
	}{
		"no tag":        {path, "", good, 428},
		"an old tag":    {path, `"0"`, good, 412},
		"no tag at all": {path, `1`, good, 412},
		"a weak tag":    {path, `W/"1"`, good, 412},
		"faults":        {path, `"1"`, `{"dataset":"prices","assets":["X"],"horizon":3}`, 422},
		"no such job":   {"/v1/jobs/00000000-0000-7000-8000-000000000000", `"1"`, good, 404},
	} {
		got := s.send("PUT", c.path, c.body, "Content-Type", "application/json", "If-Match", c.match)
		if got.status != c.status {
			t.Errorf("%s: got %d: %s", name, got.status, got.body)
		}
	}
	for match, want := range map[string]string{`"7", "1"`: `"2"`, `*`: `"3"`} {
		if match == "*" {
			continue
		}
		got := s.send("PUT", path, good, "Content-Type", "application/json", "If-Match", match)
		if got.status != http.StatusOK || got.header.Get("ETag") != want {
			t.Errorf("%s: got %d, %s", match, got.status, got.header.Get("ETag"))
		}
	}
	if got := s.send("PUT", path, good, "Content-Type", "application/json", "If-Match", "*"); got.header.Get("ETag") != `"3"` {
		t.Errorf("a star: got %d, %s", got.status, got.header.Get("ETag"))
	}
}

func TestUpdateWhileTheQueueIsUnreachable(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	j := s.submit()
	s.sent(j.ID)
	servetest.Until(t, "the relay knows that it is sent", func() bool {
		some, err := s.store.Take(t.Context(), 1, 1, 1<<40)
		return err == nil && len(some) == 0
	})
	s.queue.Fault(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	c := s.as(auth.Manager)
	if _, err := c.UpdateJob(t.Context(), j.ID, j.ETag, spec()); !problem.Is(err, problem.Unavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
	if got, err := c.Job(t.Context(), j.ID); err != nil || got.State != job.Queued {
		t.Errorf("it can still be shown: got %s, %v", got.State, err)
	}
	if next := s.submit(); next.State != job.Queued {
		t.Errorf("jobs are still taken: got %s", next.State)
	}
}

func TestCancelAnswers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	here := s.submit()
	for range 2 {
		if got := s.send("DELETE", "/v1/jobs/"+string(here.ID), ""); got.status != http.StatusOK {
			t.Errorf("here: got %d: %s", got.status, got.body)
		}
	}
	there := s.submit()
	s.deliver()
	s.sent(there.ID)
	s.queue.Lease(string(there.ID), 0)
	for range 2 {
		if got := s.send("DELETE", "/v1/jobs/"+string(there.ID), ""); got.status != http.StatusAccepted {
			t.Errorf("at a worker: got %d: %s", got.status, got.body)
		}
	}
	servetest.Until(t, "the worker is told", func() bool { return s.queue.Message(string(there.ID)).CancelRequested })
	s.queue.End(string(there.ID), doneResult(there.ID)) // it was faster
	c := s.as(auth.Manager)
	servetest.Until(t, "it is done", func() bool { j, err := c.Job(t.Context(), there.ID); return err == nil && j.State == job.Done })
	if got := s.send("DELETE", "/v1/jobs/"+string(there.ID), ""); got.status != http.StatusConflict {
		t.Errorf("done: got %d: %s", got.status, got.body)
	}
	if got := s.send("DELETE", "/v1/jobs/00000000-0000-7000-8000-000000000000", ""); got.status != http.StatusNotFound {
		t.Errorf("no such job: got %d", got.status)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	j := s.submit()
	c := s.as(auth.Manager)
	if _, err := c.RetryJob(t.Context(), j.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("a queued job: got %v", err)
	}
	s.sent(j.ID)
	s.queue.End(string(j.ID), message.Result{Outcome: message.Dead, Attempts: 3, Error: "rank 1 died"})
	servetest.Until(t, "it is dead", func() bool {
		j, err := c.Job(t.Context(), j.ID)
		return err == nil && j.State == job.Dead && j.Error != nil
	})
	again, err := c.RetryJob(t.Context(), j.ID)
	if err != nil || again.State != job.Queued || again.Error != nil || again.ETag == j.ETag {
		t.Errorf("got %+v, %v", again, err)
	}
	s.sent(j.ID + "#2")
	s.queue.End(string(j.ID)+"#2", doneResult(j.ID))
	servetest.Until(t, "it is done", func() bool { j, err := c.Job(t.Context(), j.ID); return err == nil && j.State == job.Done })
	if _, err := c.RetryJob(t.Context(), j.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job that is done: got %v", err)
	}
}
