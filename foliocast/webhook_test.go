package foliocast

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func TestWebhookCommands(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	one := job.Webhook{Name: "ends", WebhookPlan: job.WebhookPlan{URL: "https://example.com/x", WebhookFilter: job.WebhookFilter{Kinds: []string{"job"}, States: []job.State{job.Failed}}},
		Note: "the receiver answered 410 Gone", Dead: 2, LastFailureAt: &at, LastStatus: 410, LastError: "it answered 410", OldUntil: &at}
	secret := client.SecretWebhook{Webhook: one, Secret: "whsec_abc"}
	bodies := map[string]string{}
	keep := func(status int, v any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var body any
			_ = json.NewDecoder(r.Body).Decode(&body)
			text, _ := json.Marshal(body)
			bodies[r.Method+" "+r.URL.Path] = string(text)
			answer(status, v)(w, r)
		}
	}
	s := newScript(t, map[string]http.HandlerFunc{
		"POST /v1/webhooks":                keep(http.StatusCreated, secret),
		"GET /v1/webhooks":                 answer(http.StatusOK, client.Webhooks{Items: []job.Webhook{one}}),
		"GET /v1/webhooks/ends":            answer(http.StatusOK, one),
		"PATCH /v1/webhooks/ends":          keep(http.StatusOK, one),
		"DELETE /v1/webhooks/ends":         answer(http.StatusNoContent, nil),
		"POST /v1/webhooks/ends/rotate":    keep(http.StatusOK, secret),
		"POST /v1/webhooks/ends/test":      answer(http.StatusOK, client.WebhookTest{Delivered: true, Status: 204, TookMS: 12}),
		"POST /v1/webhooks/gone/test":      answer(http.StatusOK, client.WebhookTest{Error: "it answered 410", Status: 410}),
		"POST /v1/webhooks/ends/redeliver": keep(http.StatusOK, client.Redelivered{Deliveries: 7}),
		"GET /v1/webhooks/ends/deliveries": answer(http.StatusOK, client.Deliveries{Items: []job.Delivery{{Event: 4712, ID: "evt_4712_1", Type: "job.failed", At: at, State: job.DeliveryDead, Attempts: 10, LastStatus: 500}}}),
	})
	p := newPerson(t, s)
	p.signIn()
	p.types("", "webhook", "add", "ends", "https://example.com/x", "--kind", "job", "--state", "done,failed").check(t, exitOK, "whsec_abc\n", "only once")
	p.types("", "webhook", "list").check(t, exitOK, "disabled", "")
	p.types("", "webhook", "show", "ends").check(t, exitOK, "410 Gone", "")
	p.types("", "webhook", "update", "ends", "--enabled=false", "--owner", "").check(t, exitOK, "ends", "")
	p.types("", "webhook", "rotate", "ends", "--overlap", "1h").check(t, exitOK, "whsec_abc\n", "old secret")
	p.types("", "webhook", "test", "ends").check(t, exitOK, "delivered in 12 ms, status 204", "")
	p.types("", "webhook", "test", "gone").check(t, exitFailure, "", "it answered 410")
	p.types("", "webhook", "redeliver", "ends", "--delivered", "--since", "2030-01-31T00:00:00Z").check(t, exitOK, "7 deliveries", "")
	p.types("", "webhook", "deliveries", "ends", "--dead").check(t, exitOK, "4712", "")
	p.types("", "webhook", "remove", "ends").check(t, exitOK, "removed ends", "")
	want := map[string]string{
		"POST /v1/webhooks":                `{"kinds":["job"],"name":"ends","states":["done","failed"],"url":"https://example.com/x"}`,
		"PATCH /v1/webhooks/ends":          `{"enabled":false,"owner":""}`,
		"POST /v1/webhooks/ends/rotate":    `{"overlap":3600}`,
		"POST /v1/webhooks/ends/redeliver": `{"since":"2030-01-31T00:00:00Z","state":"delivered"}`,
	}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range [][]string{{"update", "ends"}, {"add", "x", "https://y", "--kind", "z"}, {"add", "x", "https://y", "--state", "z"}, {"rotate", "ends", "--overlap", "-1s"},
		{"redeliver", "ends", "--since", "yesterday"}, {"deliveries", "ends", "--limit", "0"}} {
		p.types("", append([]string{"webhook"}, wrong...)...).check(t, exitUsage, "", "")
	}
}
