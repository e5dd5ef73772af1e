package client

import (
	"context"
	"net/http"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Trace is the spans of the present run of a job: its own first, and each after its parent.
type Trace struct {
	Job   job.ID `json:"job"`
	State string `json:"state"`
	Trace string `json:"trace,omitzero" doc:"The id of the trace at the collector; absent when the job is not part of one"`
	Spans []Span `json:"spans" nullable:"false"`
}

// Span is one step on the way of a job.
type Span struct {
	ID         string         `json:"id"`
	Parent     string         `json:"parent,omitzero" doc:"The span that it is part of; that of the run has none in the list"`
	Follows    string         `json:"follows,omitzero" doc:"The attempt or the run before, which may not be in the list"`
	Name       string         `json:"name" example:"attempt"`
	Begin      time.Time      `json:"begin"`
	End        time.Time      `json:"end" doc:"Now, while it lasts"`
	Error      string         `json:"error,omitzero"`
	Attributes map[string]any `json:"attributes,omitzero"`
}

// Trace returns the spans of a job, from the times that the service keeps, whether or not they were sent to a collector.
func (c *Client) Trace(ctx context.Context, id job.ID) (Trace, error) {
	var t Trace
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &t}, jobPath(id)+"/trace", 0)
	return t, err
}
