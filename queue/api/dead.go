package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/queue/message"
)

func (a *API) registerDead(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/dead", OperationID: "dead",
		Summary: "List the messages whose attempts are used up"}, auth.QueuesWrite, a.dead)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/dead/redrive", OperationID: "redrive",
		Summary: "Requeue dead letters, with all their attempts"}, auth.QueuesWrite, a.redrive)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/dead/purge", OperationID: "purge",
		Summary: "Delete the payloads of dead letters"}, auth.QueuesWrite, a.purge)
}

type deadInput struct {
	After int64 `query:"after" minimum:"0" doc:"The last position that the caller has seen"`
	Limit int   `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

func (a *API) dead(ctx context.Context, b *Backend, in *deadInput) (*bodied[message.DeadLetters], error) {
	letters, err := b.Store.Dead(ctx, message.Position(in.After), in.Limit)
	return &bodied[message.DeadLetters]{message.DeadLetters{Dead: letters}}, err
}

func (a *API) redrive(ctx context.Context, b *Backend, in *bodied[message.Selection]) (*bodied[message.Count], error) {
	ids, err := selected(in.Body)
	if err != nil {
		return nil, err
	}
	n, err := b.Store.Redrive(ctx, ids)
	if err == nil {
		a.log.Info("dead letters redriven", "messages", n)
		a.count("redriven", n)
	}
	return &bodied[message.Count]{message.Count{Messages: n}}, err
}

func (a *API) purge(ctx context.Context, b *Backend, in *bodied[message.Selection]) (*bodied[message.Count], error) {
	ids, err := selected(in.Body)
	if err != nil {
		return nil, err
	}
	n, err := b.Store.Purge(ctx, ids)
	if err == nil {
		a.log.Info("dead letters purged", "messages", n)
	}
	return &bodied[message.Count]{message.Count{Messages: n}}, err
}

// selected returns the ids of a selection, nil for all.
func selected(s message.Selection) ([]message.ID, error) {
	var f faults
	f.ids("/ids", s.IDs)
	if s.All == (len(s.IDs) > 0) {
		f.add("/ids", "must list dead letters, or all must be true, but not both")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if s.All {
		return nil, nil
	}
	return s.IDs, nil
}
