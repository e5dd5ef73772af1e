package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// TestEveryChangeHasAName makes each change that the service offers.
func TestEveryChangeHasAName(t *testing.T) {
	t.Parallel()
	s := newService(t)
	c := s.as(auth.Administrator)
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var j job.ID
	var batch job.BatchID
	const ofHouse = "the events are those of the dataset and the job, see TestFlatForecast"
	audittest.Walk(t, s.door.API, s.store.Trail, []audittest.Change{
		{Route: "POST /v1/datasets/{name}", Call: func(*testing.T) { s.upload("prices", smallCSV) }},
		{Route: "PATCH /v1/datasets/{name}", Call: func(t *testing.T) { versionIn(t, s.appended("", `"1"`, rows4)) }},
		{Route: "POST /v1/datasets/{name}/import", Call: func(t *testing.T) {
			_, err := c.ImportDataset(t.Context(), "imported", client.Source{URL: files(t) + "/prices.csv"}, "", client.Reading{})
			must(t, err)
		}},
		{Route: "POST /v1/jobs", Call: func(*testing.T) { j = s.submit().ID }},
		{Route: "PUT /v1/jobs/{id}", Call: func(t *testing.T) {
			change := spec()
			change.Horizon = 7
			_, err := c.UpdateJob(t.Context(), j, `"1"`, change)
			must(t, err)
		}},
		{Route: "DELETE /v1/jobs/{id}", Call: func(t *testing.T) {
			for range 2 { // the second one changes nothing
				_, err := c.CancelJob(t.Context(), j)
				must(t, err)
			}
		}},
		{Route: "POST /v1/jobs/{id}/retry", Call: func(t *testing.T) {
			_, err := c.RetryJob(t.Context(), j)
			must(t, err)
		}},
		{Route: "DELETE /v1/jobs/{id}/record", Call: func(t *testing.T) {
			_, err := c.CancelJob(t.Context(), j)
			must(t, err)
			for _, dry := range []bool{true, false} {
				_, err = c.RemoveJob(t.Context(), j, dry)
				must(t, err)
			}
		}},
		{Route: "POST /v1/schedules", Call: func(t *testing.T) {
			_, err := c.CreateSchedule(t.Context(), hourly("night"))
			must(t, err)
		}},
		{Route: "PUT /v1/schedules/{name}", Call: func(t *testing.T) {
			_, err := c.UpdateSchedule(t.Context(), "night", `"1"`, hourly("").Plan)
			must(t, err)
		}},
		{Route: "DELETE /v1/schedules/{name}", Call: func(t *testing.T) { must(t, c.RemoveSchedule(t.Context(), "night")) }},
		{Route: "POST /v1/webhooks", Call: func(t *testing.T) {
			_, err := c.CreateWebhook(t.Context(), client.NewWebhook{Name: "all", WebhookPlan: job.WebhookPlan{URL: "https://127.0.0.1:1/secret"}})
			must(t, err)
		}},
		{Route: "PATCH /v1/webhooks/{name}", Call: func(t *testing.T) {
			_, err := c.UpdateWebhook(t.Context(), "all", client.WebhookChange{Enabled: new(false)})
			must(t, err)
		}},
		{Route: "POST /v1/webhooks/{name}/rotate", Call: func(t *testing.T) {
			_, err := c.RotateWebhook(t.Context(), "all", time.Hour)
			must(t, err)
		}},
		{Route: "POST /v1/webhooks/{name}/test", Call: func(t *testing.T) {
			_, err := c.TestWebhook(t.Context(), "all")
			must(t, err)
		}},
		{Route: "POST /v1/webhooks/{name}/redeliver", Call: func(t *testing.T) {
			_, err := c.Redeliver(t.Context(), "all", client.Redelivery{})
			must(t, err)
		}},
		{Route: "DELETE /v1/webhooks/{name}", Call: func(t *testing.T) { must(t, c.RemoveWebhook(t.Context(), "all")) }},
		{Route: "POST /v1/batches", Call: func(t *testing.T) {
			b, err := c.CreateBatch(t.Context(), client.NewBatch{Name: "night", Jobs: []job.Spec{spec(), spec()}}, "")
			must(t, err)
			batch = b.ID
		}},
		{Route: "DELETE /v1/batches/{id}", Call: func(t *testing.T) {
			_, err := c.CancelBatch(t.Context(), batch)
			must(t, err)
		}},
		{Route: "DELETE /v1/datasets/{name}/versions/{version}", Call: func(t *testing.T) {
			_, err := c.RemoveDataset(t.Context(), "prices", 1, false)
			must(t, err)
		}},
		{Route: "DELETE /v1/datasets/{name}", Call: func(t *testing.T) {
			s.upload("prices", smallCSV)
			_, err := c.RemoveDataset(t.Context(), "prices", 0, false)
			must(t, err)
		}},
		{Route: "POST /nixtla/v2/forecast", NoChange: ofHouse},
		{Route: "POST /nixtla/v2/cross_validation", NoChange: ofHouse},
		{Route: "POST /nixtla/v2/historic_forecast", NoChange: ofHouse},
		{Route: "POST /nixtla/v2/anomaly_detection", NoChange: ofHouse},
		{Route: "POST /nixtla/v2/online_anomaly_detection", NoChange: ofHouse},
		{Route: "POST /nixtla/v2/forecast/async", NoChange: ofHouse},
		{Route: "POST /nixtla/v2/cross_validation/async", NoChange: ofHouse},
		{Route: "POST /nixtla/v2/async/jobs/{id}/cancel", NoChange: ofHouse},
	})
	var told []string
	for _, e := range audittest.List(t, s.store.Trail, audit.Filter{Object: audit.Object{Kind: "job", ID: string(j)}}) {
		told = append(told, e.Action)
		if e.Action == "update-job" && (!strings.Contains(string(e.Before), `"horizon":2`) || !strings.Contains(string(e.After), `"horizon":7`)) {
			t.Errorf("the change was from %s to %s", e.Before, e.After)
		}
	}
	if got := strings.Join(told, " "); got != "remove-job cancel-job retry-job cancel-job update-job create-job" {
		t.Errorf("the trail says %s", got)
	}
}

func TestRefusalsAreRecorded(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.api.Desk.Run(ctx, s.store.Trail, 400*24*time.Hour) }()
	t.Cleanup(func() { cancel(); <-done })
	if _, err := s.as(auth.Secretary).CancelJob(t.Context(), "01890a5d-ac96-774b-bcce-b302099a8057"); err == nil {
		t.Fatal("a secretary cancels a job")
	}
	servetest.Until(t, "the refusal is in the trail", func() bool {
		events := audittest.List(t, s.store.Trail, audit.Filter{Outcome: audit.Refused, Action: "cancel-job", Object: audit.Object{Kind: "job", ID: "01890a5d-ac96-774b-bcce-b302099a8057"}})
		return len(events) == 1 && events[0].Actor.Name == "tester" && strings.Contains(events[0].Reason, "jobs:write")
	})
	if got := s.send("GET", audit.Path+"?outcome=refused&object=job", ""); got.status != http.StatusOK || !strings.Contains(got.body, "cancel-job") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

// The queue hears which request a job is part of, and for whom it is cancelled.
func TestRequestsReachTheQueue(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	var mu sync.Mutex
	var sent []string
	note := func(text string) { mu.Lock(); defer mu.Unlock(); sent = append(sent, text) }
	s.queue.Fault(func(_ http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodDelete:
			note("cancel " + r.Header.Get(problem.RequestIDHeader) + " for " + r.Header.Get(problem.OnBehalfOfHeader))
		case r.Method == http.MethodPost && r.URL.Path == "/v1/messages":
			body, err := io.ReadAll(r.Body)
			var upload message.Upload
			if err != nil || json.Unmarshal(body, &upload) != nil {
				t.Errorf("%s: %v", body, err)
			}
			for _, m := range upload.Messages {
				note("enqueue " + m.RequestID + " for " + r.Header.Get(problem.OnBehalfOfHeader))
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		return false
	})
	s.deliver()
	manager := s.issuer.Claims(auth.Manager)
	c := client.New(s.url, nil, auth.Static(s.issuer.Sign(manager)))
	j, err := c.CreateJob(problem.WithRequestID(t.Context(), "create-1"), spec(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.sent(j.ID)
	if _, err := c.CancelJob(problem.WithRequestID(t.Context(), "cancel-2"), j.ID); err != nil {
		t.Fatal(err)
	}
	want := "enqueue create-1 for " + manager.Subject + ", cancel cancel-2 for " + manager.Subject
	servetest.Until(t, want, func() bool { mu.Lock(); defer mu.Unlock(); return strings.Join(sent, ", ") == want })
}
