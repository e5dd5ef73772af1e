package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

type formInput struct {
	ContentType   string `header:"Content-Type"`
	Authorization string `header:"Authorization"`
	RawBody       []byte `contentType:"application/x-www-form-urlencoded"`
}

type introspectInput struct {
	ContentType string `header:"Content-Type"`
	RawBody     []byte `contentType:"application/x-www-form-urlencoded"`
}

type introspectOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         client.Introspection
}

func (s *service) registerToken(api huma.API) {
	form := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[client.OAuthError](), true, "OAuthError")
	register(api, huma.Operation{
		OperationID: "token", Method: http.MethodPost, Path: "/v1/token", Security: auth.Public(), Tags: []string{"oauth"},
		Summary: "Exchange client credentials, a refresh token or a personal access token for tokens (RFC 6749, RFC 8693)",
		Description: "grant_type is client_credentials, with client_id and client_secret by HTTP Basic or in the form, or refresh_token, with refresh_token, or " + auth.ExchangeGrant + ", with a personal access token as subject_token and " + auth.AccessTokenType + " as subject_token_type. A scope narrows the token, and the whole session of a refresh token. A resource (RFC 8707) is the one service that the token is for." +
			" The services are " + audiences() + ".",
		Metadata: map[string]any{serve.OtherForm: form, serve.Faults: []int{http.StatusUnauthorized, http.StatusForbidden}},
	}, s.token)
	register(api, huma.Operation{
		OperationID: "introspect", Method: http.MethodPost, Path: "/v1/introspect", Security: auth.Needs(), Tags: []string{"oauth"},
		Summary: "Say whether an access token, or a personal one, is valid (RFC 7662)", Metadata: map[string]any{serve.OtherForm: form},
	}, s.introspect)
}

func (s *service) token(ctx context.Context, in *formInput) (*tokensOutput, error) {
	form, err := readForm(in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	switch form.Get("grant_type") {
	case "client_credentials":
		return s.clientCredentials(ctx, in.Authorization, form)
	case "refresh_token":
		return s.refresh(ctx, form)
	case auth.ExchangeGrant:
		return s.exchange(ctx, form)
	case "":
		return nil, oauth(invalidRequest, "grant_type is missing")
	}
	return nil, oauth(unsupportedGrant, "grant_type must be client_credentials, refresh_token or "+auth.ExchangeGrant)
}

// clientCredentials is RFC 6749, section 4.4.
func (s *service) clientCredentials(ctx context.Context, authorization string, form url.Values) (*tokensOutput, error) {
	id, secret, err := credentials(authorization, form)
	if err != nil {
		return nil, err
	}
	refused := oauth(invalidClient, "the client is unknown or its secret is wrong")
	if !problem.Storable(id) {
		return nil, s.wrongSecret(ctx, id, refused)
	}
	account, _, err := s.store.Service(ctx, id)
	if err != nil {
		return nil, err
	}
	audit.Of(ctx).Object = audit.Object{Kind: "service", ID: account.Name}
	session, until, ok := account.Knows(secret)
	if !ok {
		s.log.Warn("wrong client secret", "request_id", serve.RequestID(ctx), "source", serve.Source(ctx))
		return nil, s.wrongSecret(ctx, id, refused)
	}
	scopes, err := narrow(form, account.Scopes)
	if err != nil {
		return nil, err
	}
	to, scopes, err := target(form, scopes)
	if err != nil {
		return nil, err
	}
	access, err := s.issuer.Service(account.Name, session, scopes, to, until)
	if err == nil && access.Life < time.Second {
		return nil, refused // the old secret ends now
	}
	if err == nil {
		err = s.store.TouchService(ctx, account, session)
	}
	if err != nil {
		return nil, err
	}
	return &tokensOutput{CacheControl: noStore, Body: client.Tokens{
		AccessToken: access.Text, TokenType: "Bearer", ExpiresIn: int(access.Life.Seconds()), Scope: auth.JoinScopes(scopes),
	}}, nil
}

// wrongSecret counts a wrong secret of a client, and returns how to refuse it. A right
// one is never refused, for it cannot be guessed: so nobody can keep a program out.
func (s *service) wrongSecret(ctx context.Context, id string, refused error) error {
	digest := hex.EncodeToString(token.Digest(id)[:16]) // an id may be long, and anything
	wait, err := s.store.TakeAttempt(ctx, "client "+digest, serve.Network(serve.Source(ctx)), usual)
	if err != nil || wait == 0 {
		return cmp.Or(err, refused)
	}
	return oauthLater(wait)
}

// refresh is RFC 6749, section 6, with rotation. A scope narrows the session for good:
// a refresh token that was given away with few rights never has more.
func (s *service) refresh(ctx context.Context, form url.Values) (*tokensOutput, error) {
	old := form.Get("refresh_token")
	if old == "" {
		return nil, oauth(invalidRequest, "refresh_token is missing")
	}
	var next string
	var scopes []auth.Scope
	var to []auth.Audience
	session, err := s.store.Refresh(ctx, token.Digest(old), func(session store.Session) (kept []auth.Scope, err error) {
		if scopes, err = narrow(form, session.Allowed()); err != nil {
			return nil, err
		}
		if form.Has("scope") {
			kept = scopes
		}
		to, scopes, err = target(form, scopes)
		return kept, err
	}, func(salt []byte) []byte {
		next = token.Successor(old, salt)
		return token.Digest(next)
	})
	audit.Of(ctx).Refused = errors.Is(err, store.ErrReused) || errors.Is(err, store.ErrNoSession)
	switch {
	case errors.Is(err, store.ErrReused):
		s.log.Error("refresh token reused", "request_id", serve.RequestID(ctx), "source", serve.Source(ctx), "user", session.Name, "session", session.ID)
		return nil, oauth(invalidGrant, "the refresh token was used before: the session was ended, log in again")
	case errors.Is(err, store.ErrNoSession):
		return nil, oauth(invalidGrant, "the refresh token is not valid: log in again")
	case err != nil:
		return nil, err
	}
	return s.sessionTokens(session, next, scopes, to)
}

// narrow returns the scopes that the form asks for, which must be allowed, or all
// allowed scopes when it asks for none.
func narrow(form url.Values, allowed []auth.Scope) ([]auth.Scope, error) {
	asked := auth.SplitScopes(form.Get("scope"))
	if len(asked) == 0 {
		return allowed, nil
	}
	for _, scope := range asked {
		if !slices.Contains(allowed, scope) {
			return nil, oauth(invalidScope, "the scope exceeds what may be granted")
		}
	}
	return asked, nil
}

func (s *service) introspect(ctx context.Context, in *introspectInput) (*introspectOutput, error) {
	form, err := readForm(in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	text := form.Get("token")
	if text == "" {
		return nil, oauth(invalidRequest, "token is missing")
	}
	out := &introspectOutput{CacheControl: noStore}
	p, err := s.anyone.Verify(ctx, text)
	if _, bad := errors.AsType[*auth.BadToken](err); bad {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	if alive, err := s.store.Live(ctx, p); err != nil || !alive {
		return out, err
	}
	out.Body = client.Introspection{
		Active: true, Scope: auth.JoinScopes(p.Scopes), ClientID: p.Client, Username: p.Name, TokenType: "Bearer",
		Expires: p.Expires.Unix(), Issued: p.Issued.Unix(), Subject: p.Subject, Audience: p.For, Issuer: s.name, TokenID: p.TokenID,
	}
	return out, nil
}
