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
