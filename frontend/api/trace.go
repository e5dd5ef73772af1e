package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/tracing"
)

func (a *API) registerTrace(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/jobs/{id}/trace", OperationID: "trace-job",
		Summary: "Show where the time of a job went",
		Description: "The steps of the job's present run as the spans of a trace, made from times that the services keep: whether or not traces are sent to a collector. " +
			"Those that last end now."}, auth.JobsRead, requestTime, a.trace)
}

func (a *API) trace(ctx context.Context, b *Backend, in *JobRef) (*bodied[client.Trace], error) {
	t, run, err := b.Relay.Trace(ctx, in.id())
	if err != nil {
		return nil, err
	}
	out := client.Trace{Job: t.Job, State: string(t.State), Spans: []client.Span{}}
	if name, _, ok := tracing.Trace(t.Traceparent); ok {
		out.Trace = name
	}
	for _, s := range run.Spans(time.Now()) {
		span := client.Span{ID: s.ID.String(), Name: s.Name, Begin: s.Begin.UTC(), End: s.End.UTC(), Error: s.Fault, Attributes: s.Attributes}
		if s.Parent.IsValid() {
			span.Parent = s.Parent.String()
		}
		if s.Follows.IsValid() {
			span.Follows = s.Follows.String()
		}
		out.Spans = append(out.Spans, span)
	}
	return &bodied[client.Trace]{out}, nil
}
