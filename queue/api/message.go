package api

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

// Bounds on bodies, in bytes, and on the time that reading one may take.
const (
	maxUpload  = 32 << 20
	maxResults = 64 << 20
	bodyTime   = 30 * time.Second
)

// maxLeased is how many leased messages are listed at once.
const maxLeased = 1000

func (a *API) registerMessages(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/messages", OperationID: "enqueue",
		Summary: "Enqueue messages, all or none", MaxBodyBytes: maxUpload, BodyReadTimeout: bodyTime}, auth.QueueEnqueue, a.enqueue)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/messages/status", OperationID: "status",
		Summary: "Show messages by their keys or ids"}, auth.QueueEnqueue, a.status)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/messages/{id}", OperationID: "message",
		Summary: "Show one message with its payload"}, auth.QueueEnqueue, a.message)
	operation(a, api, huma.Operation{Method: http.MethodPut, Path: "/v1/messages/{id}", OperationID: "replace", MaxBodyBytes: maxUpload, BodyReadTimeout: bodyTime,
		Summary: "Replace the payload of a waiting message"}, auth.QueueEnqueue, a.replace)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/messages/{id}", OperationID: "cancel",
		Summary: "Cancel a message; the worker of a leased one is told at its next heartbeat"}, auth.QueueEnqueue, a.cancel)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/messages/{id}/retry", OperationID: "retry",
		Summary: "Requeue a message that ended without a result"}, auth.QueueEnqueue, a.retry)
}

func (a *API) enqueue(ctx context.Context, b *Backend, in *bodied[message.Upload]) (*bodied[message.Receipts], error) {
	for i := range in.Body.Messages {
		m := &in.Body.Messages[i]
		m.RequestID = cmp.Or(m.RequestID, serve.RequestID(ctx))
	}
	receipts, err := b.Store.Enqueue(ctx, in.Body.Messages)
	if err != nil {
		return nil, pointing(err,
			place{store.ErrUnknownQueue, problem.Invalid, "messages name queues that do not exist: nothing was added", "/messages/%d/queue"},
			place{store.ErrQueueFull, problem.TooMany, "the queue is full: nothing was added, try again later", "/messages/%d"})
	}
	for _, r := range receipts {
		if !r.Duplicate {
			a.count("enqueued", 1)
		}
	}
	return &bodied[message.Receipts]{message.Receipts{Messages: receipts}}, nil
}

func (a *API) status(ctx context.Context, b *Backend, in *bodied[message.Lookup]) (*bodied[message.Statuses], error) {
	var f faults
	f.ids("/ids", in.Body.IDs)
	if n := len(in.Body.Keys) + len(in.Body.IDs); in.Body.Places && n > message.MaxPlaces {
		f.add("/places", "%d messages are asked for, and places are those of %d at most", n, message.MaxPlaces)
	}
	if in.Body.LeasedFor > 0 && len(in.Body.Keys)+len(in.Body.IDs) > 0 {
		f.add("/leased_for", "is allowed only without keys and ids")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if in.Body.LeasedFor > 0 {
		all, err := b.Store.Leased(ctx, time.Duration(in.Body.LeasedFor*float64(time.Second)), maxLeased)
		return &bodied[message.Statuses]{message.Statuses{Messages: all}}, err
	}
	all, err := b.Store.Status(ctx, in.Body.Keys, in.Body.IDs)
	for i := range all {
		if !in.Body.Places || all[i].State != message.Waiting || err != nil {
			continue
		}
		all[i].Place, err = b.Store.Place(ctx, all[i].ID)
	}
	return &bodied[message.Statuses]{message.Statuses{Messages: all}}, err
}

// reference is the id of a message in the path.
type reference struct {
	ID string `path:"id" maxLength:"300" doc:"The message's id, or key: followed by its producer's key"`
}

// resolve finds the id that a reference stands for.
func (r reference) resolve(ctx context.Context, b *Backend) (message.ID, error) {
	if key, ok := message.ID(r.ID).Key(); ok {
		return b.Store.Find(ctx, key)
	}
	if !idPattern.MatchString(r.ID) {
		return "", problem.New(problem.NotFound, "a message's id is a UUID in lower case; to name a message by its key, write key: before it")
	}
	return message.ID(r.ID), nil
}

// detail is a message with its revision as entity tag.
type detail struct {
	ETag string `header:"ETag"`
	Body message.Detail
}

func detailed(d message.Detail, err error) (*detail, error) {
	return &detail{ETag: strconv.Quote(strconv.Itoa(d.Revision)), Body: d}, err
}

func (a *API) message(ctx context.Context, b *Backend, in *reference) (*detail, error) {
	id, err := in.resolve(ctx, b)
	if err != nil {
		return nil, err
	}
	return detailed(b.Store.Message(ctx, id))
}

type replacement struct {
	ID      string `path:"id" maxLength:"300" doc:"The message's id, or key: followed by its producer's key"`
	IfMatch string `header:"If-Match" doc:"The entity tag that the caller saw"`
	Body    message.Content
}

func (a *API) replace(ctx context.Context, b *Backend, in *replacement) (*detail, error) {
	if in.IfMatch == "" {
		return nil, problem.New(problem.PreconditionRequired, "replacing a message needs the header If-Match with the entity tag that you saw")
	}
	tag, ok := strings.CutPrefix(in.IfMatch, `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	revision, err := strconv.Atoi(tag)
	if !ok || !closed || err != nil {
		return nil, problem.New(problem.Stale, "If-Match names no version of this message", problem.Fault{Pointer: "If-Match", Detail: "must be one entity tag of this message, as in \"1\""})
	}
	id, err := reference{in.ID}.resolve(ctx, b)
	if err != nil {
		return nil, err
	}
	return detailed(b.Store.Replace(ctx, id, revision, in.Body))
}

func (a *API) cancel(ctx context.Context, b *Backend, in *reference) (*detail, error) {
	id, err := in.resolve(ctx, b)
	if err != nil {
		return nil, err
	}
	return detailed(b.Store.Cancel(ctx, id))
}

func (a *API) retry(ctx context.Context, b *Backend, in *reference) (*detail, error) {
	id, err := in.resolve(ctx, b)
	if err != nil {
		return nil, err
	}
	return detailed(b.Store.Retry(ctx, id))
}
