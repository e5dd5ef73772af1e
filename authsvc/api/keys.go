package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/authsvc/client"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
)

type jwksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         auth.JWKS
}

type endedOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         auth.Ended
}

type metadataOutput struct {
	Body client.Metadata
}

func (s *service) registerKeys(api huma.API) {
	register(api, huma.Operation{
		OperationID: "jwks", Method: http.MethodGet, Path: "/.well-known/jwks.json", Security: auth.Public(), Tags: []string{"oauth"},
		Summary: "The public keys of access tokens: next, current and previous (RFC 7517)",
	}, s.jwks)
	register(api, huma.Operation{
		OperationID: "metadata", Method: http.MethodGet, Path: "/.well-known/oauth-authorization-server", Security: auth.Public(), Tags: []string{"oauth"},
		Summary: "Locations of the endpoints (RFC 8414)",
	}, s.metadata)
	register(api, huma.Operation{
		OperationID: "ended-sessions", Method: http.MethodGet, Path: auth.EndedPath, Security: auth.Public(), Tags: []string{"sessions"},
		Summary:     "The sessions that ended while a token of theirs may still be valid",
		Description: "Services read it every few seconds, and refuse the tokens of these sessions.",
	}, s.endedSessions)
}

// endedFor is how long an ended session is published: longer than its last token lives,
// by what a clock may be wrong.
const endedFor = token.AccessLife + 2*time.Minute

func (s *service) endedSessions(ctx context.Context, _ *struct{}) (*endedOutput, error) {
	found, err := s.ended.get(ctx)
	return &endedOutput{CacheControl: noStore, Body: auth.Ended{Sessions: found}}, err
}

func (s *service) jwks(context.Context, *struct{}) (*jwksOutput, error) {
	set, err := s.ring.JWKS()
	return &jwksOutput{CacheControl: "public, max-age=60", Body: set}, err
}

func (s *service) metadata(context.Context, *struct{}) (*metadataOutput, error) {
	var scopes []string
	for _, scope := range auth.AllScopes() {
		scopes = append(scopes, string(scope))
	}
	return &metadataOutput{Body: client.Metadata{
		Issuer: s.name, Token: s.name + "/v1/token", JWKS: s.name + "/.well-known/jwks.json", Introspection: s.name + "/v1/introspect",
		GrantTypes:    []string{"client_credentials", "refresh_token", auth.ExchangeGrant},
		AuthMethods:   []string{"client_secret_basic", "client_secret_post", "none"},
		ResponseTypes: []string{}, Scopes: scopes,
	}}, nil
}
