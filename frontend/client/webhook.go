package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// CreateWebhook adds a webhook for events from now on. The error is a problem of kind Conflict when the caller has one of
// the name.
func (c *Client) CreateWebhook(ctx context.Context, n NewWebhook) (SecretWebhook, error) {
	var w SecretWebhook
	_, err := c.call(ctx, problem.Call{Method: http.MethodPost, Body: n, Into: &w}, "/v1/webhooks", 0)
	return w, err
}

// Webhook returns a webhook of the caller.
func (c *Client) Webhook(ctx context.Context, name string) (job.Webhook, error) {
	var w job.Webhook
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &w}, webhookPath(name), 0)
	return w, err
}

// Webhooks returns all webhooks of the caller, by name.
func (c *Client) Webhooks(ctx context.Context) ([]job.Webhook, error) {
	var all []job.Webhook
	for after := ""; ; {
		var page Webhooks
		q := url.Values{}
		if after != "" {
			q.Set("after", after)
		}
		if _, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/webhooks"+query(q), 0); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// UpdateWebhook changes a webhook.
func (c *Client) UpdateWebhook(ctx context.Context, name string, change WebhookChange) (job.Webhook, error) {
	var w job.Webhook
	_, err := c.call(ctx, problem.Call{Method: http.MethodPatch, Body: change, Into: &w}, webhookPath(name), 0)
	return w, err
}

// RemoveWebhook removes a webhook with its deliveries.
func (c *Client) RemoveWebhook(ctx context.Context, name string) error {
	_, err := c.call(ctx, problem.Call{Method: http.MethodDelete}, webhookPath(name), 0)
	return err
}

// RotateWebhook gives a webhook a new secret. The present one signs messages beside it for the overlap.
func (c *Client) RotateWebhook(ctx context.Context, name string, overlap time.Duration) (SecretWebhook, error) {
	var w SecretWebhook
	seconds := int64(overlap.Seconds())
	_, err := c.call(ctx, problem.Call{Method: http.MethodPost, Body: WebhookRotation{&seconds}, Into: &w}, webhookPath(name)+"/rotate", 0)
	return w, err
}

// TestWebhook sends a test message, once.
func (c *Client) TestWebhook(ctx context.Context, name string) (WebhookTest, error) {
	var t WebhookTest
	_, err := c.call(ctx, problem.Call{Method: http.MethodPost, Into: &t}, webhookPath(name)+"/test", 15*time.Second)
	return t, err
}

// Redeliver queues deliveries of a webhook again, under their ids.
func (c *Client) Redeliver(ctx context.Context, name string, r Redelivery) (Redelivered, error) {
	var n Redelivered
	_, err := c.call(ctx, problem.Call{Method: http.MethodPost, Body: r, Into: &n}, webhookPath(name)+"/redeliver", 0)
	return n, err
}

// Deliveries returns a page of at most limit deliveries of a webhook, the latest first: of events before a position, unless it is 0, and in a state, unless it is empty.
func (c *Client) Deliveries(ctx context.Context, name string, state job.DeliveryState, before int64, limit int) (Deliveries, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if state != "" {
		q.Set("state", string(state))
	}
	if before > 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	var page Deliveries
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, webhookPath(name)+"/deliveries"+query(q), 0)
	return page, err
}

func webhookPath(name string) string { return "/v1/webhooks/" + url.PathEscape(name) }
