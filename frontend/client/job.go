package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Snapshot is a job with the entity tag of its specification, which UpdateJob
// needs.
type Snapshot struct {
	job.Job
	ETag string
}

// CreateJob submits a job. An idempotency key makes it safe to repeat: the same
// key with the same specification is the same job. An empty key is not sent. A
// specification with faults gives a problem that names each.
func (c *Client) CreateJob(ctx context.Context, spec job.Spec, idempotencyKey string) (Snapshot, error) {
	return c.CreateJobFrom(ctx, spec, idempotencyKey)
}

// CreateJobFrom is CreateJob with a specification in whatever form, as a person has typed it:
// the service says what is wrong with it.
func (c *Client) CreateJobFrom(ctx context.Context, spec any, idempotencyKey string) (Snapshot, error) {
	header := http.Header{}
	if idempotencyKey != "" {
		header.Set("Idempotency-Key", idempotencyKey)
	}
	return c.job(ctx, problem.Call{Method: http.MethodPost, Body: spec, Header: header}, "/v1/jobs", 0)
}

// Job returns a job.
func (c *Client) Job(ctx context.Context, id job.ID) (Snapshot, error) {
	return c.job(ctx, problem.Call{Method: http.MethodGet}, jobPath(id), 0)
}

// longestWait is how long the service lets a client wait in one request.
const longestWait = time.Minute

// WaitJob returns a job once it has ended, or as it is after wait.
func (c *Client) WaitJob(ctx context.Context, id job.ID, wait time.Duration) (Snapshot, error) {
	end := time.Now().Add(wait)
	for {
		left := min(max(time.Until(end), 0), longestWait).Round(time.Millisecond)
		j, err := c.job(ctx, problem.Call{Method: http.MethodGet}, jobPath(id)+"?wait="+left.String(), left)
		if err != nil || j.State.Final() || !time.Now().Before(end) {
			return j, err
		}
	}
}

// JobFilter chooses among the jobs. Its zero value chooses all.
type JobFilter struct {
	States  []job.State // one of these
	Dataset string      // name, any version
	Owner   string      // name of the user
	Batch   job.BatchID // that they were submitted with
	Order   job.Order   // "" for the newest first; the service says which filters cannot stand beside an order
}

// Jobs yields the jobs in the order of the filter, and fetches a page when the caller has
// read the one before. It does not yield jobs that arrive meanwhile. An error
// ends the sequence.
func (c *Client) Jobs(ctx context.Context, f JobFilter) iter.Seq2[job.Summary, error] {
	return func(yield func(job.Summary, error) bool) {
		for cursor := ""; ; {
			page, err := c.JobsPage(ctx, f, cursor, 0)
			if err != nil {
				yield(job.Summary{}, err)
				return
			}
			for _, j := range page.Items {
				if !yield(j, nil) {
					return
				}
			}
			if cursor = page.Next; cursor == "" {
				return
			}
		}
	}
}

// JobsPage fetches one page of the jobs after a cursor. An empty cursor begins at
// the first; a limit of 0 leaves it to the service.
func (c *Client) JobsPage(ctx context.Context, f JobFilter, cursor string, limit int) (Jobs, error) {
	q := url.Values{}
	for _, s := range f.States {
		q.Add("state", string(s))
	}
	for key, value := range map[string]string{"dataset": f.Dataset, "owner": f.Owner, "batch": string(f.Batch), "sort": string(f.Order), "cursor": cursor} {
		if value != "" {
			q.Set(key, value)
		}
	}
	var page Jobs
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/jobs"+query(limited(q, limit)), 0)
	return page, err
}

// JobsByID fetches the newest jobs whose ids begin with a prefix of at least 4 characters, at most limit.
func (c *Client) JobsByID(ctx context.Context, prefix string, limit int) ([]job.Summary, error) {
	var page Jobs
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/jobs"+query(limited(url.Values{"id": {prefix}}, limit)), 0)
	return page.Items, err
}

// UpdateJob replaces the specification of a queued job if its entity tag is still
// the given one. The error is a problem of kind Conflict when the job is running or
// has ended, and of kind Stale when it has changed since.
func (c *Client) UpdateJob(ctx context.Context, id job.ID, etag string, spec job.Spec) (Snapshot, error) {
	return c.job(ctx, problem.Call{Method: http.MethodPut, Body: spec, Header: http.Header{"If-Match": {etag}}}, jobPath(id), 0)
}

// CancelJob cancels a job. One that the queue holds is cancelled when the queue
// has answered; until then its field Cancelling is true.
func (c *Client) CancelJob(ctx context.Context, id job.ID) (Snapshot, error) {
	return c.job(ctx, problem.Call{Method: http.MethodDelete}, jobPath(id), 0)
}

// RetryJob runs a failed, dead or cancelled job again.
func (c *Client) RetryJob(ctx context.Context, id job.ID) (Snapshot, error) {
	return c.job(ctx, problem.Call{Method: http.MethodPost}, jobPath(id)+"/retry", 0)
}

// Answer fetches the whole result of a job that has ended. The error is a problem of
// kind Conflict when the job has not ended, and NotFound when it ended without a
// result.
func (c *Client) Answer(ctx context.Context, id job.ID) (job.Answer, error) {
	var a job.Answer
	_, err := c.stream(ctx, problem.Call{Method: http.MethodGet, Into: &a}, jobPath(id)+"/result")
	return a, err
}

// AnswerQuery says which page of a result to fetch. Its zero value is the first.
type AnswerQuery struct {
	Assets []string // only these
	Brief  bool     // without what an asset has for each step, and without paths and covariances
	Sketch int      // add sketches with at most so many values; 0 for none
	Cursor string
	Limit  int // 0 leaves it to the service
}

// AnswerPage fetches a page of the result of a job that has ended. Its errors are those of Answer.
func (c *Client) AnswerPage(ctx context.Context, id job.ID, which AnswerQuery) (AnswerPage, error) {
	q := url.Values{}
	for _, name := range which.Assets {
		q.Add("asset", name)
	}
	if which.Brief {
		q.Set("brief", "true")
	}
	if which.Sketch > 0 {
		q.Set("sketch", strconv.Itoa(which.Sketch))
	}
	if which.Cursor != "" {
		q.Set("cursor", which.Cursor)
	}
	var page AnswerPage
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, jobPath(id)+"/answer"+query(limited(q, which.Limit)), 0)
	return page, err
}

// History fetches the last values before the forecast of a job, of an asset or, for "", of the
// portfolio; a last of 0 leaves their number to the service.
func (c *Client) History(ctx context.Context, id job.ID, asset string, last int) (History, error) {
	q := url.Values{}
	if asset != "" {
		q.Set("asset", asset)
	}
	if last > 0 {
		q.Set("last", strconv.Itoa(last))
	}
	var h History
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &h}, jobPath(id)+"/history"+query(q), 0)
	return h, err
}

// Result writes the result of a job to w in the given media type:
// application/json, text/csv, application/vnd.apache.arrow.file,
// application/vnd.apache.arrow.stream or application/vnd.apache.parquet. Its
// errors are those of Answer.
func (c *Client) Result(ctx context.Context, id job.ID, mediaType string, w io.Writer) error {
	return c.result(ctx, id, mediaType, "", w)
}

// SeriesResult writes what a backtest measured of each forecast to w, as CSV. Its errors are those of Answer.
func (c *Client) SeriesResult(ctx context.Context, id job.ID, w io.Writer) error {
	return c.result(ctx, id, "text/csv", "?table=series", w)
}

// PathsResult writes the paths of a job to w, as a table in the given media type, see Result.
func (c *Client) PathsResult(ctx context.Context, id job.ID, mediaType string, w io.Writer) error {
	return c.result(ctx, id, mediaType, "?table=paths", w)
}

func (c *Client) result(ctx context.Context, id job.ID, mediaType, query string, w io.Writer) error {
	_, err := c.stream(ctx, problem.Call{Method: http.MethodGet, Into: w, Header: http.Header{"Accept": {mediaType}}}, jobPath(id)+"/result"+query)
	return err
}

// job sends a request that is answered with a job.
func (c *Client) job(ctx context.Context, call problem.Call, path string, wait time.Duration) (Snapshot, error) {
	var s Snapshot
	call.Into = &s.Job
	header, err := c.call(ctx, call, path, wait)
	if err == nil {
		s.ETag = header.Get("ETag")
	}
	return s, err
}

func jobPath(id job.ID) string { return "/v1/jobs/" + url.PathEscape(string(id)) }
