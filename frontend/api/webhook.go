package api

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/frontend/webhook"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

const (
	maxWebhook  = 16 << 10
	redeliverAt = 10_000 // deliveries that are queued again at once
	overlapTime = 24 * time.Hour
)

func (a *API) registerWebhooks(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/webhooks", OperationID: "create-webhook",
		Summary: "Post events to an address, from now on", Description: "The answer has the secret, only once. Events of datasets need the right datasets:read as well; the progress of jobs is not sent.",
		MaxBodyBytes: maxWebhook, BodyReadTimeout: requestTime, DefaultStatus: http.StatusCreated}, auth.JobsWrite, requestTime, a.createWebhook)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/webhooks", OperationID: "list-webhooks",
		Summary: "List the caller's webhooks by name"}, auth.JobsRead, requestTime, a.webhooks)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/webhooks/{name}", OperationID: "show-webhook",
		Summary: "Show a webhook of the caller"}, auth.JobsRead, requestTime, a.webhook)
	operation(a, api, huma.Operation{Method: http.MethodPatch, Path: "/v1/webhooks/{name}", OperationID: "update-webhook",
		Summary: "Change a webhook, disable it or enable it again", MaxBodyBytes: maxWebhook, BodyReadTimeout: requestTime}, auth.JobsWrite, requestTime, a.updateWebhook)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/webhooks/{name}", OperationID: "remove-webhook",
		Summary: "Remove a webhook with its deliveries", DefaultStatus: http.StatusNoContent}, auth.JobsWrite, requestTime, a.removeWebhook)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/webhooks/{name}/rotate", OperationID: "rotate-webhook",
		Summary: "Give a webhook a new secret", Description: "The answer has the secret, only once. During the overlap, messages are signed with the secret before as well.",
		MaxBodyBytes: maxWebhook, BodyReadTimeout: requestTime}, auth.JobsWrite, requestTime, a.rotateWebhook)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/webhooks/{name}/test", OperationID: "test-webhook",
		Summary: "Send a test message, once", Description: "It has the type webhook.test, and is sent to a disabled webhook as well."}, auth.JobsWrite, requestTime, a.testWebhook)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/webhooks/{name}/redeliver", OperationID: "redeliver-webhook",
		Summary: "Send deliveries again that were given up, or that were delivered", Description: "Each keeps the id that it had.",
		MaxBodyBytes: maxWebhook, BodyReadTimeout: requestTime}, auth.JobsWrite, requestTime, a.redeliver)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/webhooks/{name}/deliveries", OperationID: "list-deliveries",
		Summary: "List the deliveries of a webhook, those of the latest events first"}, auth.JobsRead, requestTime, a.deliveries)
}

// WebhookRef names a webhook in the path. It is exported for the router.
type WebhookRef struct {
	Name string `path:"name" pattern:"^[a-z0-9][a-z0-9._-]{0,63}$" patternDescription:"a name of a-z 0-9 . _ -" doc:"The webhook's name"`
}

type secretWebhook struct {
	Location string `header:"Location"`
	Cache    string `header:"Cache-Control"`
	Body     client.SecretWebhook
}

// secretOf is the answer with a new secret.
func secretOf(w store.Webhook, secret string) *secretWebhook {
	return &secretWebhook{"/v1/webhooks/" + w.Name, "no-store", client.SecretWebhook{Webhook: w.Webhook, Secret: secret}}
}

type createWebhookInput struct{ Body client.NewWebhook }

func (a *API) createWebhook(ctx context.Context, b *Backend, in *createWebhookInput) (*secretWebhook, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if who.Service {
		return nil, problem.New(problem.Forbidden, "a webhook acts for a user, and a service account is not one")
	}
	types, err := b.typesOf(in.Body.WebhookPlan, who, true)
	if err != nil {
		return nil, err
	}
	n := store.Webhook{Webhook: job.Webhook{Name: in.Body.Name, WebhookPlan: in.Body.WebhookPlan}, Owner: who.Name, Subject: who.Subject, Types: types, Secret: webhook.NewSecret()}
	if err := b.Store.CreateWebhook(ctx, n, a.limits.Webhooks); err != nil {
		return nil, err
	}
	a.log.Info("new webhook", "webhook", n.Name, "owner", n.Owner)
	made, err := b.Store.Webhook(ctx, who.Subject, n.Name)
	return secretOf(made, n.Secret), err
}

// typesOf checks a plan, and lists the types of events that it chooses and its owner may see. A webhook can be disabled even after
// the policy has changed.
func (b *Backend) typesOf(p job.WebhookPlan, who auth.Principal, enabled bool) ([]job.EventType, error) {
	var faults []problem.Fault
	if err := b.Sender.Check(p.URL); err != nil && enabled {
		faults = problem.Addf(faults, "/url", "%s", err)
	}
	types := webhook.Types(p.WebhookFilter, who.Scopes)
	if len(types) == 0 {
		faults = problem.Addf(faults, "/kinds", "choose no events that you may see")
	}
	if faults != nil {
		return nil, problem.New(problem.Invalid, "the request has faults", faults...)
	}
	return types, nil
}

type webhooksInput struct {
	After string `query:"after" maxLength:"64" pattern:"^([a-z0-9][a-z0-9._-]{0,63})?$" patternDescription:"the name of a webhook" doc:"The last name of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"100"`
}

func (a *API) webhooks(ctx context.Context, b *Backend, in *webhooksInput) (*bodied[client.Webhooks], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	all, err := b.Store.Webhooks(ctx, who.Subject, in.After, in.Limit+1)
	page := client.Webhooks{Items: []job.Webhook{}}
	if len(all) > in.Limit {
		all = all[:in.Limit]
		page.Next = all[in.Limit-1].Name
	}
	for _, w := range all {
		page.Items = append(page.Items, w.Webhook)
	}
	return &bodied[client.Webhooks]{page}, err
}

func (a *API) webhook(ctx context.Context, b *Backend, in *WebhookRef) (*bodied[job.Webhook], error) {
	w, err := ownWebhook(ctx, b, in.Name)
	return &bodied[job.Webhook]{w.Webhook}, err
}

// ownWebhook finds a webhook of the caller.
func ownWebhook(ctx context.Context, b *Backend, name string) (store.Webhook, error) {
	who, err := caller(ctx)
	if err != nil {
		return store.Webhook{}, err
	}
	return b.Store.Webhook(ctx, who.Subject, name)
}

type updateWebhookInput struct {
	WebhookRef
	Body client.WebhookChange
}

func (a *API) updateWebhook(ctx context.Context, b *Backend, in *updateWebhookInput) (*bodied[job.Webhook], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	err = b.Store.ChangeWebhook(ctx, who.Subject, in.Name, func(p *job.WebhookPlan, enabled *bool) ([]job.EventType, error) {
		change(&p.URL, in.Body.URL)
		change(&p.Kinds, in.Body.Kinds)
		change(&p.States, in.Body.States)
		change(&p.Owner, in.Body.Owner)
		change(&p.Dataset, in.Body.Dataset)
		change(enabled, in.Body.Enabled)
		return b.typesOf(*p, who, *enabled)
	})
	if err != nil {
		return nil, err
	}
	a.log.Info("webhook changed", "webhook", in.Name, "owner", who.Name)
	w, err := b.Store.Webhook(ctx, who.Subject, in.Name)
	return &bodied[job.Webhook]{w.Webhook}, err
}

// change sets a field that a request names.
func change[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

func (a *API) removeWebhook(ctx context.Context, b *Backend, in *WebhookRef) (*struct{}, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	err = b.Store.RemoveWebhook(ctx, who.Subject, in.Name)
	if err == nil {
		a.log.Info("webhook removed", "webhook", in.Name, "owner", who.Name)
	}
	return nil, err
}

type rotateWebhookInput struct {
	WebhookRef
	Body *client.WebhookRotation
}

func (a *API) rotateWebhook(ctx context.Context, b *Backend, in *rotateWebhookInput) (*secretWebhook, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	overlap, secret := overlapTime, webhook.NewSecret()
	if in.Body != nil && in.Body.Overlap != nil {
		overlap = time.Duration(*in.Body.Overlap) * time.Second
	}
	if err := b.Store.RotateWebhook(ctx, who.Subject, in.Name, secret, overlap); err != nil {
		return nil, err
	}
	w, err := b.Store.Webhook(ctx, who.Subject, in.Name)
	return secretOf(w, secret), err
}

func (a *API) testWebhook(ctx context.Context, b *Backend, in *WebhookRef) (*bodied[client.WebhookTest], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	to, err := b.Store.TestWebhook(ctx, who.Subject, in.Name)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	body, err := json.Marshal(job.WebhookMessage{Type: job.EventWebhookTest, Timestamp: now, Data: job.LogEvent{Type: job.EventWebhookTest, At: now, Owner: who.Name}})
	if err != nil {
		return nil, err
	}
	got := b.Sender.Send(ctx, to, "test_"+uuid.NewString(), string(body))
	return &bodied[client.WebhookTest]{client.WebhookTest{Delivered: got.Error == "", Status: got.Status, Error: got.Error, TookMS: got.Took.Milliseconds()}}, nil
}

type redeliverInput struct {
	WebhookRef
	Body client.Redelivery
}

func (a *API) redeliver(ctx context.Context, b *Backend, in *redeliverInput) (*bodied[client.Redelivered], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	r := store.Redelivery{State: cmp.Or(in.Body.State, job.DeliveryDead), Since: orNil(in.Body.Since), Until: orNil(in.Body.Until)}
	if r.Since != nil && r.Until != nil && !r.Since.Before(*r.Until) {
		return nil, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/until", Detail: "must be after since"})
	}
	n, err := b.Store.Redeliver(ctx, who.Subject, in.Name, r, redeliverAt)
	return &bodied[client.Redelivered]{client.Redelivered{Deliveries: n, More: n == redeliverAt}}, err
}

type deliveriesInput struct {
	WebhookRef
	State  string `query:"state" enum:"waiting,delivered,dead" doc:"Only deliveries in this state"`
	Before int64  `query:"before" minimum:"0" doc:"Only events before this position; 0 for the latest"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (a *API) deliveries(ctx context.Context, b *Backend, in *deliveriesInput) (*bodied[client.Deliveries], error) {
	w, err := ownWebhook(ctx, b, in.Name)
	if err != nil {
		return nil, err
	}
	all, err := b.Store.Deliveries(ctx, w.ID, job.DeliveryState(in.State), cmp.Or(in.Before, math.MaxInt64), in.Limit+1)
	page := client.Deliveries{Items: all}
	if len(all) > in.Limit {
		page.Items = all[:in.Limit]
		page.Next = all[in.Limit-1].Event
	}
	return &bodied[client.Deliveries]{page}, err
}
