package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/internal/serve"
	"foliocast/queue/message"
)

func (a *API) registerResults(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/results", OperationID: "results",
		Summary: "Read the feed of ended messages, waiting for the first", Metadata: map[string]any{serve.Faults: []int{http.StatusConflict}}}, auth.ResultsRead, a.results)
}

type feedInput struct {
	After    int64  `query:"after" minimum:"0" doc:"The last position that the caller has seen; 0 for the beginning"`
	Limit    int    `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of messages"`
	Reader   string `query:"reader" maxLength:"100" pattern:"^[!-~]*$" patternDescription:"printable ASCII without spaces" doc:"Name of the reader, of its own within its account: results that it has not read are kept longer"`
	Epoch    string `query:"epoch" maxLength:"36" doc:"The epoch that the position belongs to; when the answer names another, it has no results"`
	Redriven bool   `query:"redriven" doc:"Say of messages that had ended and wait again, because somebody redrove or retried them, that they are redriven; only with a reader"`
	Wait     string `query:"wait" example:"30s" doc:"How long to wait for the first, at most 60s; not at all when absent"`
}

func (a *API) results(ctx context.Context, b *Backend, in *feedInput) (*bodied[message.Results], error) {
	var f faults
	wait := f.wait("wait", in.Wait)
	if err := f.err(); err != nil {
		return nil, err
	}
	if in.Epoch != "" && in.Reader == "" {
		f.add("epoch", "is allowed only with a reader")
	}
	if in.Redriven && in.Reader == "" {
		f.add("redriven", "is allowed only with a reader")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	var page message.Results
	err := poll(ctx, b, wait, b.Notifier.Results, func() (again time.Duration, err error) {
		if in.Reader == "" {
			page, err = b.Store.Results(ctx, message.Position(in.After), in.Limit)
		} else {
			r := message.Reader{Name: in.Reader, Epoch: message.Epoch(in.Epoch), Redriven: in.Redriven}
			page, err = account(ctx, b).Read(ctx, r, message.Position(in.After), in.Limit)
		}
		news := in.Reader != "" && (page.Gap != nil || string(page.Epoch) != in.Epoch)
		if len(page.Results) == 0 && !news {
			again = maxWait
		}
		return again, err
	})
	return &bodied[message.Results]{page}, err
}
