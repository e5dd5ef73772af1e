package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

func (a *API) registerWorkers(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/workers", OperationID: "workers",
		Summary:     "List the workers and what they do, in the order of their first reports",
		Description: "A worker is listed until it says that it ends, its successor reports, or 15 s after its last report."}, auth.QueuesWrite, a.workers)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/workers", OperationID: "report-worker",
		Summary: "Say what the calling worker does", MaxBodyBytes: message.MaxReportBytes}, auth.QueueLease, a.reportWorker)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/workers/leave", OperationID: "leave", DefaultStatus: http.StatusNoContent,
		Summary: "Say that the calling worker ends: it is no longer listed"}, auth.QueueLease, a.leave)
}

type workersInput struct {
	After int64 `query:"after" minimum:"0" doc:"The next of the page before"`
	Limit int   `query:"limit" default:"100" minimum:"1" maximum:"200"`
}

func (a *API) workers(ctx context.Context, b *Backend, in *workersInput) (*bodied[message.Workers], error) {
	page, err := b.Store.Workers(ctx, in.After, in.Limit)
	page.Before = page.Workers
	return &bodied[message.Workers]{page}, err
}

func (a *API) reportWorker(ctx context.Context, b *Backend, in *bodied[message.Report]) (*bodied[message.Reported], error) {
	var f faults
	for i, host := range in.Body.Hosts {
		if len(host) > message.MaxReportHost {
			f.add(fmt.Sprintf("/hosts/%d", i), "must have at most %d bytes", message.MaxReportHost)
		}
	}
	for i, rank := range in.Body.Ranks {
		for k, percent := range rank.Recent {
			if percent < 0 || percent > 100 {
				f.add(fmt.Sprintf("/ranks/%d/recent/%d", i, k), "must be 0 to 100")
			}
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if err := account(ctx, b).Report(ctx, in.Body); err != nil {
		return nil, err
	}
	return &bodied[message.Reported]{message.Reported{Next: store.ReportEvery.Seconds()}}, nil
}

func (a *API) leave(ctx context.Context, b *Backend, in *bodied[message.Leaving]) (*struct{}, error) {
	return nil, account(ctx, b).Leave(ctx, in.Body.Worker)
}
