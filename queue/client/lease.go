package client

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Lease leases up to max messages from the named queues, or from all queues when
// none is named, and waits up to a minute for the first. It returns no leases and no error
// when no message came in time. No two live workers may have the same
// name. After a call that failed, the next of the same worker repeats its request: if the
// service had leased messages and only the answer was lost, these are what it returns.
func (c *Client) Lease(ctx context.Context, worker string, max int, wait time.Duration, queues ...string) ([]message.Lease, error) {
	ask := message.LeaseRequest{Queues: queues, Max: max, Wait: wait.String(), Worker: worker}
	request := c.unanswered.take(worker)
	var answer message.Leases
	_, err := c.call(ctx, problem.Call{Method: http.MethodPost, Header: http.Header{"Idempotency-Key": {request}}, Body: ask, Into: &answer}, "/v1/leases", wait)
	if err != nil {
		c.unanswered.put(worker, request)
	}
	return answer.Leases, err
}

// Heartbeat renews 1 to 1000 leases and reports their progress.
func (c *Client) Heartbeat(ctx context.Context, beats []message.Beat) ([]message.HeldVerdict, error) {
	return about(ctx, c, "/v1/leases/heartbeat", beats)
}

// Complete ends 1 to 1000 leases, each with a result or an error.
func (c *Client) Complete(ctx context.Context, completions []message.Completion) ([]message.HeldVerdict, error) {
	return about(ctx, c, "/v1/leases/complete", completions)
}

// Release returns 1 to 1000 leases; they do not count as attempts.
func (c *Client) Release(ctx context.Context, leases []message.Held) ([]message.HeldVerdict, error) {
	return about(ctx, c, "/v1/leases/release", leases)
}

// Inherit says that the predecessors of a worker are dead. It frees the messages
// that they had leased, and returns how many. The worker's name is one of
// message.Incarnation.
func (c *Client) Inherit(ctx context.Context, worker string) (int, error) {
	answer, err := post[message.Count](ctx, c, "/v1/leases/inherit", 0, message.InheritRequest{Worker: worker})
	return answer.Messages, err
}

// PutPart sends a part of a result before its completion.
func (c *Client) PutPart(ctx context.Context, p message.Part) (message.HeldVerdict, error) {
	return put[message.HeldVerdict](ctx, c, partPath(p.Held, p.Index), http.Header{"Content-Type": {"application/octet-stream"}}, bytes.NewReader(p.Body))
}

// HeldPart returns a part of a leased message, of the latest lease that sent one with this
// index. The error is a problem of kind Conflict when the lease has ended, and of kind
// NotFound when no lease has sent the part.
func (c *Client) HeldPart(ctx context.Context, lease message.Held, index int) ([]byte, error) {
	var body bytes.Buffer
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &body}, partPath(lease, index), 0)
	return body.Bytes(), err
}

func partPath(lease message.Held, index int) string {
	return fmt.Sprintf("/v1/leases/%s/parts/%d?token=%d", url.PathEscape(string(lease.ID)), index, lease.Token)
}

// about sends a call about several leases; the verdicts are in its order.
func about[T any](ctx context.Context, c *Client, path string, items []T) ([]message.HeldVerdict, error) {
	answer, err := post[message.Verdicts](ctx, c, path, 0, message.Items[T]{Items: items})
	return answer.Items, err
}
