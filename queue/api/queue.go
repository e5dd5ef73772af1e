package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/queue/message"
)

func (a *API) registerQueues(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/queues", OperationID: "queues",
		Summary: "List the queues in the order in which messages are dealt to them"}, auth.QueuesWrite, a.queues)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/queues", OperationID: "add-queue", DefaultStatus: http.StatusCreated, Metadata: map[string]any{serve.Also: []int{http.StatusOK}},
		Summary: "Add a queue and deal the waiting messages out again"}, auth.QueuesWrite, a.addQueue)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/queues/{name}", OperationID: "remove-queue",
		Summary: "Remove a queue and deal the waiting messages out again"}, auth.QueuesWrite, a.removeQueue)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/queues/{name}/pause", OperationID: "pause-queue",
		Summary: "Stop leasing messages from a queue and dealing messages to it"}, auth.QueuesWrite, a.pauseQueue)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/queues/{name}/resume", OperationID: "resume-queue",
		Summary: "Resume a paused queue"}, auth.QueuesWrite, a.resumeQueue)
	operation(a, api, huma.Operation{Method: http.MethodPut, Path: "/v1/queues/{name}/limit", OperationID: "limit-queue",
		Summary: "Change how many messages may wait in a queue"}, auth.QueuesWrite, a.limitQueue)
	operation(a, api, huma.Operation{Method: http.MethodPatch, Path: "/v1/queues/{name}", OperationID: "share-queue",
		Summary: "Change which share of the leases a queue gets"}, auth.QueuesWrite, a.shareQueue)
}

func (a *API) queues(ctx context.Context, b *Backend, _ *struct{}) (*bodied[message.Queues], error) {
	all, err := b.Store.Queues(ctx)
	if err != nil {
		return nil, err
	}
	progress, err := b.Store.Dealing(ctx)
	return &bodied[message.Queues]{message.Queues{Queues: all, Before: all, Dealing: progress}}, err
}

type addInput struct {
	DryRun bool `query:"dry_run" doc:"Change nothing; answer what would move"`
	Body   message.NewQueue
}

// dealing answers 200 instead of 201 when no queue was created.
type dealing struct {
	Status int
	Body   message.Dealing
}

func (a *API) addQueue(ctx context.Context, b *Backend, in *addInput) (*dealing, error) {
	d, err := b.Store.AddQueue(ctx, in.Body, in.DryRun)
	if err != nil {
		return nil, err
	}
	status := http.StatusCreated
	if in.DryRun {
		status = http.StatusOK
	} else {
		a.log.Info("queue added", "queue", in.Body.Name, "dealt", d.Dealt, "moved", d.Moved, "under_way", d.UnderWay)
	}
	return &dealing{status, d}, nil
}

// named is a queue's name in the path. A name that no queue can have gets the
// answer that the queue does not exist.
type named struct {
	Name string `path:"name" pattern:"^[!-~]{1,64}$" patternDescription:"printable ASCII"`
}

type removeInput struct {
	Name   string `path:"name" pattern:"^[!-~]{1,64}$" patternDescription:"printable ASCII"`
	DryRun bool   `query:"dry_run" doc:"Change nothing; answer what would move"`
}

func (a *API) removeQueue(ctx context.Context, b *Backend, in *removeInput) (*bodied[message.Dealing], error) {
	d, err := b.Store.RemoveQueue(ctx, in.Name, in.DryRun)
	if err == nil && !in.DryRun {
		a.log.Info("queue removed", "queue", in.Name, "dealt", d.Dealt, "moved", d.Moved, "under_way", d.UnderWay)
	}
	return &bodied[message.Dealing]{d}, err
}

func (a *API) pauseQueue(ctx context.Context, b *Backend, in *named) (*bodied[message.Queue], error) {
	paused := true
	return a.changed(ctx, b, in.Name, b.Store.ChangeQueue(ctx, in.Name, &paused, nil))
}

func (a *API) resumeQueue(ctx context.Context, b *Backend, in *named) (*bodied[message.Queue], error) {
	paused := false
	return a.changed(ctx, b, in.Name, b.Store.ChangeQueue(ctx, in.Name, &paused, nil))
}

type limitInput struct {
	Name string `path:"name" pattern:"^[!-~]{1,64}$" patternDescription:"printable ASCII"`
	Body message.QueueLimit
}

func (a *API) limitQueue(ctx context.Context, b *Backend, in *limitInput) (*bodied[message.Queue], error) {
	return a.changed(ctx, b, in.Name, b.Store.ChangeQueue(ctx, in.Name, nil, &in.Body.MaxLength))
}

type shareQueueInput struct {
	Name string `path:"name" pattern:"^[!-~]{1,64}$" patternDescription:"printable ASCII"`
	Body message.QueueShare
}

func (a *API) shareQueue(ctx context.Context, b *Backend, in *shareQueueInput) (*bodied[message.Queue], error) {
	return a.changed(ctx, b, in.Name, b.Store.ShareQueue(ctx, in.Name, in.Body))
}

// changed answers with a queue that was changed, unless the change failed.
func (a *API) changed(ctx context.Context, b *Backend, name string, err error) (*bodied[message.Queue], error) {
	if err != nil {
		return nil, err
	}
	all, err := b.Store.Queues(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(q message.Queue) bool { return q.Name == name })
	if i < 0 {
		return nil, problem.Newf(problem.NotFound, "queue %q was removed in the meantime", name)
	}
	a.log.Info("queue changed", "queue", name, "paused", all[i].Paused, "max_length", all[i].MaxLength, "weight", all[i].Weight, "max_leased", all[i].MaxLeased)
	return &bodied[message.Queue]{all[i]}, nil
}
