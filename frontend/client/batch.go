package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// CreateBatch submits jobs as one thing: all of them or none. An idempotency key makes it safe
// to repeat. The answer has the ids of the jobs in their order.
func (c *Client) CreateBatch(ctx context.Context, n NewBatch, idempotencyKey string) (job.Batch, error) {
	header := http.Header{}
	if idempotencyKey != "" {
		header.Set("Idempotency-Key", idempotencyKey)
	}
	var b job.Batch
	_, err := c.call(ctx, problem.Call{Method: http.MethodPost, Body: n, Header: header, Into: &b}, "/v1/batches", batchTime)
	return b, err
}

// batchTime is how long the service may work on many jobs.
const batchTime = 5 * time.Minute

// BatchFile writes a file of a batch to w, in JSON Lines: output has the results of its jobs so far, and errors why
// others have none.
func (c *Client) BatchFile(ctx context.Context, id job.BatchID, what string, w io.Writer) error {
	_, err := c.stream(ctx, problem.Call{Method: http.MethodGet, Into: w}, batchPath(id)+"/"+url.PathEscape(what))
	return err
}

// WaitBatch returns a batch once all its jobs have ended, or as it is after wait, which is at
// most a minute.
func (c *Client) WaitBatch(ctx context.Context, id job.BatchID, wait time.Duration) (job.Batch, error) {
	q := url.Values{}
	wait = min(wait, longestWait).Round(time.Millisecond)
	if wait > 0 {
		q.Set("wait", wait.String())
	}
	var b job.Batch
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &b}, batchPath(id)+query(q), wait)
	return b, err
}

// BatchesPage fetches one page of the batches, the newest first, of an owner unless that is
// empty. An empty cursor begins at the newest; a limit of 0 leaves it to the service.
func (c *Client) BatchesPage(ctx context.Context, owner, cursor string, limit int) (Batches, error) {
	q := url.Values{}
	for key, value := range map[string]string{"owner": owner, "cursor": cursor} {
		if value != "" {
			q.Set(key, value)
		}
	}
	var page Batches
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/batches"+query(limited(q, limit)), 0)
	return page, err
}

// BatchesByID fetches the newest batches whose ids begin with a prefix of at least 4 characters, at most limit.
func (c *Client) BatchesByID(ctx context.Context, prefix string, limit int) ([]job.Batch, error) {
	var page Batches
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/batches"+query(limited(url.Values{"id": {prefix}}, limit)), 0)
	return page.Items, err
}

// CancelBatch cancels the jobs of a batch that have not ended. Those that the queue holds are
// cancelled when the queue has answered.
func (c *Client) CancelBatch(ctx context.Context, id job.BatchID) (job.Batch, error) {
	var b job.Batch
	_, err := c.call(ctx, problem.Call{Method: http.MethodDelete, Into: &b}, batchPath(id), batchTime)
	return b, err
}

func batchPath(id job.BatchID) string { return "/v1/batches/" + url.PathEscape(string(id)) }
