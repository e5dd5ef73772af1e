package client

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Read is Results for a reader, which the service knows by its name: what it has not read
// is kept longer. The position belongs to the reader's epoch, and the page's epoch is
// another when that has ended; it then has no results. A gap names what was deleted
// before the reader read it.
func (c *Client) Read(ctx context.Context, r message.Reader, from message.Position, limit int, wait time.Duration) (message.Results, error) {
	q := after(int64(from), limit)
	q.Set("wait", wait.String())
	q.Set("reader", r.Name)
	if r.Redriven {
		q.Set("redriven", "true")
	}
	if r.Epoch != "" {
		q.Set("epoch", string(r.Epoch))
	}
	return get[message.Results](ctx, c, "/v1/results?"+q.Encode(), wait)
}

// Results returns the messages that ended after a position, in the order in
// which they ended, and waits up to a minute for the first. A limit of 0 means
// the service's default.
func (c *Client) Results(ctx context.Context, from message.Position, limit int, wait time.Duration) ([]message.Result, error) {
	q := after(int64(from), limit)
	q.Set("wait", wait.String())
	answer, err := get[message.Results](ctx, c, "/v1/results?"+q.Encode(), wait)
	return answer.Results, err
}

// Part returns one part of the result at a position, as it was sent.
func (c *Client) Part(ctx context.Context, position message.Position, index int) ([]byte, error) {
	var body bytes.Buffer
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &body}, fmt.Sprintf("/v1/results/%d/parts/%d", position, index), 0)
	return body.Bytes(), err
}
