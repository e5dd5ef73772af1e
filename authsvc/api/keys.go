package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
)

type jwksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         auth.JWKS
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
		GrantTypes:    []string{"client_credentials", "refresh_token"},
		AuthMethods:   []string{"client_secret_basic", "client_secret_post", "none"},
		ResponseTypes: []string{}, Scopes: scopes,
	}}, nil
}
