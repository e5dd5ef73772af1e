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
		Summary:     "Requeue dead letters, with all their attempts: those with the ids, those that a filter matches, or all",
		Description: "The feed keeps their deaths, and tells readers that ask for it that they wait again."}, auth.QueuesWrite, a.redrive)
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/dead/purge", OperationID: "purge",
		Summary: "Delete the payloads of dead letters: those with the ids, those that a filter matches, or all"}, auth.QueuesWrite, a.purge)
}

type deadInput struct {
	After int64 `query:"after" minimum:"0" doc:"The last position that the caller has seen"`
	Limit int   `query:"limit" default:"100" minimum:"1" maximum:"1000"`
}

func (a *API) dead(ctx context.Context, b *Backend, in *deadInput) (*bodied[message.DeadLetters], error) {
	letters, err := b.Store.Dead(ctx, message.Position(in.After), in.Limit)
	return &bodied[message.DeadLetters]{message.DeadLetters{Dead: letters, Before: letters}}, err
}

func (a *API) redrive(ctx context.Context, b *Backend, in *bodied[message.Selection]) (*bodied[message.Count], error) {
	if err := checkSelection(in.Body); err != nil {
		return nil, err
	}
	n, err := b.Store.Redrive(ctx, in.Body)
	if err == nil {
		a.log.Info("dead letters redriven", "messages", n)
		a.count("redriven", n)
	}
	return &bodied[message.Count]{message.Count{Messages: n}}, err
}

func (a *API) purge(ctx context.Context, b *Backend, in *bodied[message.Selection]) (*bodied[message.Count], error) {
	if err := checkSelection(in.Body); err != nil {
		return nil, err
	}
	n, err := b.Store.Purge(ctx, in.Body)
	if err == nil {
		a.log.Info("dead letters purged", "messages", n)
	}
	return &bodied[message.Count]{message.Count{Messages: n}}, err
}

// checkSelection checks that a selection says which dead letters it means, in one way.
func checkSelection(s message.Selection) error {
	var f faults
	f.ids("/ids", s.IDs)
	ways := 0
	for _, given := range []bool{len(s.IDs) > 0, s.All, s.Filter != nil} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		f.add("/ids", "must list dead letters, or filter must choose them, or all must be true, but only one of these")
	}
	if s.Filter != nil && s.Filter.Empty() {
		f.add("/filter", "must have a field that chooses: for all dead letters, all must be true")
	}
	return f.err()
}
