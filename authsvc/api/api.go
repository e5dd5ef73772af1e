// Package api is the HTTP API of the identity service: its routes, the scopes that
// they need, and the form of its errors. The types of requests and responses are in
// package authsvc/client.
package api

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/audit/auditapi"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// maxBody bounds every body, in bytes: none carries more than a token.
const maxBody = 16 << 10

// Config is what the routes need. All fields but Hasher, Limit and Now
// are required.
type Config struct {
	Store  *store.Store
	Ring   *token.Ring // the signing keys
	Issuer string      // the name in tokens
	Log    *slog.Logger
	Hasher *token.Hasher    // of passwords; nil means token.NewHasher
	Limit  time.Duration    // of the work on a request; 0 means 30 s
	Access time.Duration    // how long access tokens are valid; 0 means token.AccessLife
	Tokens Tokens           // bounds of personal access tokens; the zero value means DefaultTokens
	Now    func() time.Time // nil means time.Now
}

// Tokens bounds personal access tokens.
type Tokens struct {
	Life time.Duration // of one, at most
	Most int           // of one user
}

// DefaultTokens are the bounds when nothing is said.
func DefaultTokens() Tokens { return Tokens{Life: 366 * 24 * time.Hour, Most: 50} }

// service holds what the handlers share.
type service struct {
	store    *store.Store
	ring     *token.Ring
	name     string
	log      *slog.Logger
	hasher   *token.Hasher
	issuer   *token.Issuer
	verifier *auth.Verifier
	anyone   *auth.Verifier // of tokens for any service
	ended    *endedList
	tokens   Tokens
}

//go:embed examples.json
var examples []byte

// Register puts the routes of the identity service behind a door. The desk that it returns
// records what they refuse, once it runs.
func Register(d *serve.Door, c Config) *auditapi.Desk {
	api := d.API
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Hasher == nil {
		c.Hasher = token.NewHasher()
	}
	s := &service{
		store: c.Store, ring: c.Ring, name: c.Issuer, log: c.Log,
		hasher: c.Hasher,
		issuer: token.NewIssuer(c.Ring, c.Issuer, c.Access, c.Now),
		ended:  &endedList{store: c.Store},
		tokens: cmp.Or(c.Tokens, DefaultTokens()),
	}
	s.verifier = auth.NewVerifier(c.Ring, c.Issuer, auth.Authsvc, c.Now).Exchanging(s.standIn)
	s.anyone = auth.NewVerifier(c.Ring, c.Issuer, auth.AnyAudience, c.Now).Exchanging(s.standIn)
	api.UseMiddleware(within(cmp.Or(c.Limit, 30*time.Second)))
	desk := auditapi.NewDesk(api, c.Log)
	s.verifier.Guard(api)
	d.Admit(auth.Subject)
	api.UseMiddleware(s.live(api))
	s.registerLogin(api)
	s.registerToken(api)
	s.registerKeys(api)
	s.registerWhoami(api)
	s.registerUsers(api)
	s.registerPersonal(api)
	s.registerServices(api)
	register(api, auditapi.Operation(api), func(ctx context.Context, in *auditapi.Input) (*huma.StreamResponse, error) {
		return auditapi.Show(ctx, s.store.Trail, in)
	})
	serve.Examples(api, examples)
	return desk
}

// within ends the work on a request when its time is up, so that a database that
// hangs does not hold up callers.
func within(limit time.Duration) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if ctx.Operation().OperationID == auditapi.OperationID { // an export takes as long as its reader
			next(ctx)
			return
		}
		inner, cancel := context.WithTimeout(ctx.Context(), limit)
		defer cancel()
		next(huma.WithContext(ctx, inner))
	}
}

// live refuses a valid token whose session has ended or whose user was removed. Other
// services hear of it within seconds, by the list of ended sessions.
func (s *service) live(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		p, ok := auth.From(ctx.Context())
		if !ok {
			next(ctx)
			return
		}
		alive, err := s.store.Live(ctx.Context(), p)
		switch {
		case errors.Is(ctx.Context().Err(), context.Canceled):
			huma.WriteErr(api, ctx, http.StatusServiceUnavailable, "the caller hung up")
		case postgres.Unavailable(err):
			ctx.SetHeader("Retry-After", "1")
			huma.WriteErr(api, ctx, http.StatusServiceUnavailable, unreachable, err)
		case err != nil:
			huma.WriteErr(api, ctx, http.StatusInternalServerError, "", err)
		case !alive:
			ctx.SetHeader("WWW-Authenticate", `Bearer realm="foliocast", error="invalid_token", error_description="the session has ended"`)
			huma.WriteErr(api, ctx, http.StatusUnauthorized, "the session has ended: log in again")
		default:
			next(ctx)
		}
	}
}

// unreachable is the sentence for a database that does not answer.
const unreachable = "the identity service cannot reach its database: try again in a few seconds"

// register puts an operation on api, with the limits and errors that all have.
func register[I, O any](api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = maxBody
	serve.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, failure(ctx, err)
		}
		return out, nil
	})
}

// failure turns an error of a request into its HTTP form.
func failure(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return problem.New(problem.Unavailable, "the caller hung up")
	}
	if errors.Is(err, token.ErrBusy) {
		err = problem.New(problem.Unavailable, "too many passwords are being checked: try again in a second").Because(err)
	}
	if postgres.Unavailable(err) {
		err = problem.New(problem.Unavailable, unreachable).Because(err)
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Kind() == problem.Unavailable {
		return p.RetryAfter(time.Second)
	}
	return err
}

// principal returns the bearer of the request's token, on a route that needs one.
func principal(ctx context.Context) auth.Principal {
	p, _ := auth.From(ctx)
	return p
}
