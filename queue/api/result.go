package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/queue/message"
)

func (a *API) registerResults(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/results", OperationID: "results",
		Summary: "Read the feed of ended messages, waiting for the first"}, auth.ResultsRead, a.results)
}

type feedInput struct {
	After int64  `query:"after" minimum:"0" doc:"The last position that the caller has seen; 0 for the beginning"`
	Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of messages"`
	Wait  string `query:"wait" example:"30s" doc:"How long to wait for the first, at most 60s; not at all when absent"`
}

func (a *API) results(ctx context.Context, b *Backend, in *feedInput) (*bodied[message.Results], error) {
	var f faults
	wait := f.wait("wait", in.Wait)
	if err := f.err(); err != nil {
		return nil, err
	}
	var page []message.Result
	err := poll(ctx, b, wait, b.Notifier.Results, func() (again time.Duration, err error) {
		page, err = b.Store.Results(ctx, message.Position(in.After), in.Limit)
		if len(page) == 0 {
			again = maxWait
		}
		return again, err
	})
	return &bodied[message.Results]{message.Results{Results: page}}, err
}
