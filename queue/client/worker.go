package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// Report says what a worker does, and returns after what time to report again.
func (c *Client) Report(ctx context.Context, r message.Report) (next time.Duration, err error) {
	answer, err := post[message.Reported](ctx, c, "/v1/workers", 0, r)
	return time.Duration(answer.Next * float64(time.Second)), err
}

// Leave says that a worker ends.
func (c *Client) Leave(ctx context.Context, worker string) error {
	_, err := c.call(ctx, problem.Call{Method: http.MethodPost, Body: message.Leaving{Worker: worker}}, "/v1/workers/leave", 0)
	return err
}

// Workers lists the workers and what they do, in the order of their first reports, behind the Next of the page before; 0
// begins at the first. A limit of 0 means the service's default.
func (c *Client) Workers(ctx context.Context, after int64, limit int) (message.Workers, error) {
	query := url.Values{"after": {strconv.FormatInt(after, 10)}}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	all, err := get[message.Workers](ctx, c, "/v1/workers?"+query.Encode(), 0)
	if all.Workers == nil { // from a service that has the name before
		all.Workers = all.Before
	}
	all.Before = all.Workers
	return all, err
}
