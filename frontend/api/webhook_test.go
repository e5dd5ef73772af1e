package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"foliocast/frontend/client"
	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute, Quotas: Quotas{Webhooks: 2}})
	c := client.New(s.url, nil, auth.Static(s.token)) // each token of s.as has a subject of its own
	var wrong error
	var secret string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = v.Verify(body, r.Header)
		}
		if wrong = err; !strings.Contains(string(body), `"type":"webhook.test"`) {
			t.Errorf("got %s", body)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(receiver.Close)
	made, err := c.CreateWebhook(t.Context(), client.NewWebhook{Name: "ends", WebhookPlan: job.WebhookPlan{URL: receiver.URL + "/private",
		WebhookFilter: job.WebhookFilter{Kinds: []string{"job"}, States: []job.State{job.Failed, job.Dead}}}})
	if err != nil || !strings.HasPrefix(made.Secret, "whsec_") || !made.Enabled {
		t.Fatalf("got %+v, %v", made, err)
	}
	secret = made.Secret
	if got, err := c.TestWebhook(t.Context(), "ends"); err != nil || wrong != nil || !got.Delivered || got.Status != http.StatusAccepted {
		t.Errorf("got %+v, %v; the receiver says %v", got, err, wrong)
	}
	rotated, err := c.RotateWebhook(t.Context(), "ends", time.Hour)
	if err != nil || rotated.Secret == secret || rotated.OldUntil == nil || time.Until(*rotated.OldUntil) > time.Hour {
		t.Fatalf("got %+v, %v", rotated, err)
	}
	for _, secret = range []string{made.Secret, rotated.Secret} { // both sign
		if got, err := c.TestWebhook(t.Context(), "ends"); err != nil || wrong != nil || !got.Delivered {
			t.Errorf("got %+v, %v; the receiver says %v", got, err, wrong)
		}
	}
	if _, err := c.RotateWebhook(t.Context(), "ends", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := c.TestWebhook(t.Context(), "ends"); err != nil || wrong == nil {
		t.Error("a secret signs after a rotation without overlap")
	}
	changed, err := c.UpdateWebhook(t.Context(), "ends", client.WebhookChange{States: &[]job.State{}, Dataset: new("prices")})
	want := job.WebhookPlan{URL: receiver.URL + "/private", WebhookFilter: job.WebhookFilter{Kinds: []string{"job"}, Dataset: "prices"}}
	if err != nil {
		t.Fatal(err)
	}
	if len(changed.States) == 0 {
		changed.States = nil
	}
	if diff := cmp.Diff(want, changed.WebhookPlan); diff != "" {
		t.Error(diff)
	}
	if _, err := c.CreateWebhook(t.Context(), client.NewWebhook{Name: "ends", WebhookPlan: want}); !problem.Is(err, problem.Conflict) {
		t.Errorf("a name twice: got %v", err)
	}
	if _, err := c.CreateWebhook(t.Context(), client.NewWebhook{Name: "more", WebhookPlan: want}); err != nil {
		t.Error(err)
	}
	if _, err := c.CreateWebhook(t.Context(), client.NewWebhook{Name: "third", WebhookPlan: want}); !problem.Is(err, problem.TooMany) {
		t.Errorf("beyond the quota: got %v", err)
	}
	all, err := c.Webhooks(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "ends" || all[1].Name != "more" {
		t.Errorf("got %+v, %v", all, err)
	}
	for _, path := range []string{"/v1/webhooks", "/v1/webhooks/ends", "/v1/webhooks/ends/deliveries"} {
		if got := s.send("GET", path, ""); got.status != http.StatusOK || strings.Contains(got.body, "whsec_") {
			t.Errorf("%s: got %d %s", path, got.status, got.body)
		}
	}
	for _, e := range audittest.List(t, s.store.Trail, audit.Filter{}) {
		if told := string(e.Before) + string(e.After); strings.Contains(told, "whsec_") || strings.Contains(told, "private") {
			t.Errorf("the trail says %s", told)
		}
	}
	if err := c.RemoveWebhook(t.Context(), "ends"); err != nil {
		t.Error(err)
	}
	if _, err := c.Webhook(t.Context(), "ends"); !problem.Is(err, problem.NotFound) {
		t.Errorf("after the removal: got %v", err)
	}
}

// An address may be a secret: each user sees their own webhooks alone.
func TestWebhooksOfOthers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.as(auth.Administrator).CreateWebhook(t.Context(), client.NewWebhook{Name: "mine", WebhookPlan: job.WebhookPlan{URL: "https://example.com"}}); err != nil {
		t.Fatal(err)
	}
	claims := s.issuer.Claims(auth.Administrator)
	claims.Subject = "somebody-else"
	other := client.New(s.url, nil, auth.Static(s.issuer.Sign(claims)))
	if all, err := other.Webhooks(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v", all, err)
	}
	_, show := other.Webhook(t.Context(), "mine")
	_, test := other.TestWebhook(t.Context(), "mine")
	_, rotate := other.RotateWebhook(t.Context(), "mine", 0)
	_, update := other.UpdateWebhook(t.Context(), "mine", client.WebhookChange{Enabled: new(false)})
	_, again := other.Redeliver(t.Context(), "mine", client.Redelivery{})
	_, list := other.Deliveries(t.Context(), "mine", "", 0, 10)
	for i, err := range []error{show, test, rotate, update, again, list, other.RemoveWebhook(t.Context(), "mine")} {
		if !problem.Is(err, problem.NotFound) {
			t.Errorf("call %d: got %v", i, err)
		}
	}
}

// A webhook gets what GET /v1/events would show to its owner.
func TestWebhooksSeeWhatTheirOwnersSee(t *testing.T) {
	t.Parallel()
	s := newService(t)
	blind := s.as(auth.JobsRead, auth.JobsWrite)
	if _, err := blind.CreateWebhook(t.Context(), client.NewWebhook{Name: "data", WebhookPlan: job.WebhookPlan{URL: "https://127.0.0.1:1", WebhookFilter: job.WebhookFilter{Kinds: []string{"dataset"}}}}); !problem.Is(err, problem.Invalid) {
		t.Errorf("got %v", err)
	}
	clients := map[string]*client.Client{"all": s.as(auth.Administrator), "jobs": blind}
	for name, c := range clients {
		if _, err := c.CreateWebhook(t.Context(), client.NewWebhook{Name: name, WebhookPlan: job.WebhookPlan{URL: "https://127.0.0.1:1"}}); err != nil {
			t.Fatal(err)
		}
	}
	s.upload("prices", smallCSV)
	s.submit()
	if _, err := s.store.NumberEvents(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	for {
		d, err := s.store.DealEvents(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d.Webhook == "" {
			break
		}
	}
	for name, want := range map[string][]string{"all": {"job.queued", "dataset.added"}, "jobs": {"job.queued"}} {
		page, err := clients[name].Deliveries(t.Context(), name, job.DeliveryWaiting, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			for _, d := range page.Items {
				got = append(got, string(d.Type))
			}
			if page.Next == 0 {
				break
			}
			if page, err = clients[name].Deliveries(t.Context(), name, "", page.Next, 1); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestWebhooksWithFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for body, want := range map[string]string{
		`{"name":"a","url":"https://10.0.0.1/"}`:                                "/url",
		`{"name":"a","url":"https://u:p@example.com"}`:                          "/url",
		`{"name":"a","url":"gopher://example.com"}`:                             "/url",
		`{"name":"a","url":""}`:                                                 "/url",
		`{"name":"A b","url":"https://example.com"}`:                            "/name",
		`{"name":"a","url":"https://example.com","kinds":["x"]}`:                "/kinds/0",
		`{"name":"a","url":"https://example.com","states":["held"]}`:            "/states/0",
		`{"name":"a","url":"https://example.com","secret":"whsec_MfKQ9r8GKYq"}`: "/secret",
	} {
		if got := s.send("POST", "/v1/webhooks", body, "Content-Type", "application/json"); got.status != http.StatusUnprocessableEntity || !slices.Contains(got.pointers(), want) {
			t.Errorf("%s: got %d %s, want %s", body, got.status, got.body, want)
		}
	}
	if _, err := client.New(s.url, nil, auth.Static(s.token)).CreateWebhook(t.Context(), client.NewWebhook{Name: "a", WebhookPlan: job.WebhookPlan{URL: "https://example.com"}}); err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{
		"rotate": `{"overlap":-1}`, "redeliver": `{"since":"2030-01-02T00:00:00Z","until":"2030-01-01T00:00:00Z"}`,
	} {
		if got := s.send("POST", "/v1/webhooks/a/"+path, body, "Content-Type", "application/json"); got.status != http.StatusUnprocessableEntity || len(got.pointers()) == 0 {
			t.Errorf("%s: got %d %s", path, got.status, got.body)
		}
	}
	if got := s.send("POST", "/v1/webhooks/a/rotate", ""); got.status != http.StatusOK || !strings.Contains(got.body, "whsec_") || !strings.Contains(got.body, "old_secret_until") {
		t.Errorf("a rotation without a body: got %d %s", got.status, got.body)
	}
	if got := s.send("PATCH", "/v1/webhooks/a", `{"url":"https://192.168.0.1"}`, "Content-Type", "application/json"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
