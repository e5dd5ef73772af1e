package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/auth"
	"foliocast/queue/message"
)

func (a *API) registerOwners(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/owners", OperationID: "owners",
		Summary: "List the owners who have messages in flight, or a share of their own, by name"}, auth.QueuesWrite, a.owners)
	operation(a, api, huma.Operation{Method: http.MethodPut, Path: "/v1/owners/{owner}", OperationID: "set-share",
		Summary: "Change which share of the leases an owner gets"}, auth.QueuesWrite, a.setShare)
}

type ownersInput struct {
	After string `query:"after" maxLength:"64" doc:"The last owner that the caller has seen"`
	Limit int    `query:"limit" default:"100" minimum:"2" maximum:"1000"`
}

func (a *API) owners(ctx context.Context, b *Backend, in *ownersInput) (*bodied[message.Owners], error) {
	after := &in.After
	if in.After == "" { // also lists the messages that have no owner
		after = nil
	}
	all, err := b.Store.Owners(ctx, after, in.Limit)
	return &bodied[message.Owners]{message.Owners{Owners: all, Before: all}}, err
}

type shareInput struct {
	Owner string `path:"owner" maxLength:"64" pattern:"^[A-Za-z0-9._:@-]+$" patternDescription:"letters, digits, dots, dashes, colons, underscores or @"`
	Body  message.Share
}

func (a *API) setShare(ctx context.Context, b *Backend, in *shareInput) (*bodied[message.Share], error) {
	if err := b.Store.SetShare(ctx, in.Owner, in.Body); err != nil {
		return nil, err
	}
	a.log.Info("share of an owner set", "owner", in.Owner, "weight", in.Body.Weight, "max_leased", in.Body.MaxLeased)
	return &bodied[message.Share]{in.Body}, nil
}
