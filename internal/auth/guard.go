package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/problem"
)

// scheme is the name of the security scheme in the OpenAPI document.
const scheme = "bearer"

// realm begins every challenge.
const realm = `Bearer realm="foliocast"`

// Needs declares the rights of an operation, for huma.Operation.Security: a
// token with every one of the scopes. Without scopes any valid token will do.
func Needs(scopes ...Scope) []map[string][]string {
	names := []string{}
	for _, s := range scopes {
		names = append(names, string(s))
	}
	return []map[string][]string{{scheme: names}}
}

// Public declares that an operation needs no token.
func Public() []map[string][]string { return []map[string][]string{} }

// Guard lets a request reach an operation of api only when its token has the
// rights that the operation declares by Needs, and ends the request with the session
// of its token. An operation that declares nothing is refused, so that forgetting is
// safe. Call it before the operations are registered.
func (v *Verifier) Guard(api huma.API) {
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		needs, public, err := declared(ctx.Operation())
		if err != nil {
			huma.WriteErr(api, ctx, http.StatusInternalServerError, "", err)
			return
		}
		if public {
			next(ctx)
			return
		}
		p, err := v.Bearer(ctx.Context(), ctx.Header("Authorization"))
		if err == nil {
			observe(ctx.Context(), p)
			err = p.allowed(needs)
		}
		if err != nil {
			refuse(api, ctx, err)
			return
		}
		inner := With(ctx.Context(), p)
		if v.ended != nil && p.Session != "" {
			watched, stop := v.ended.watch(inner, p.Session)
			defer stop()
			inner = watched
		}
		next(huma.WithContext(ctx, inner))
	})
}

// declared returns the scopes that an operation needs.
func declared(op *huma.Operation) (needs []Scope, public bool, err error) {
	if op.Security == nil {
		return nil, false, fmt.Errorf("operation %s %s declares neither auth.Needs nor auth.Public", op.Method, op.Path)
	}
	if len(op.Security) == 0 {
		return nil, true, nil
	}
	names, ok := op.Security[0][scheme]
	if len(op.Security) != 1 || len(op.Security[0]) != 1 || !ok {
		return nil, false, fmt.Errorf("operation %s %s declares its rights in another way than auth.Needs", op.Method, op.Path)
	}
	for _, name := range names {
		needs = append(needs, Scope(name))
	}
	return needs, false, nil
}

// Refusal is why a request may not pass: a problem and its challenge.
type Refusal struct {
	*problem.Problem
	Challenge string // the header WWW-Authenticate (RFC 6750, section 3); "" for none
}

// Unwrap returns the problem.
func (r *Refusal) Unwrap() error { return r.Problem }

// Bearer verifies the token in the value of an Authorization header. The error
// is always a *Refusal.
func (v *Verifier) Bearer(ctx context.Context, header string) (Principal, error) {
	kind, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		return Principal{}, &Refusal{
			Problem:   problem.New(problem.Unauthorized, "this needs an access token: log in, and send it as Authorization: Bearer"),
			Challenge: realm,
		}
	}
	p, err := v.Verify(ctx, token)
	if bad, ok := errors.AsType[*BadToken](err); ok {
		return Principal{}, &Refusal{
			Problem:   problem.New(problem.Unauthorized, bad.Error()+": "+bad.advice()),
			Challenge: fmt.Sprintf(`%s, error="invalid_token", error_description="%s"`, realm, bad),
		}
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Kind() == problem.TooMany {
		return Principal{}, &Refusal{Problem: p}
	}
	if err != nil {
		return Principal{}, &Refusal{
			Problem: problem.New(problem.Unavailable, "the identity service does not say yet which tokens are valid: try again in a few seconds").Because(err),
		}
	}
	return p, nil
}

// allowed is nil when p has every scope, and a *Refusal when not.
func (p Principal) allowed(needs []Scope) error {
	missing := p.missing(needs)
	if len(missing) == 0 {
		return nil
	}
	return &Refusal{
		Problem:   problem.Newf(problem.Forbidden, "this needs the right %s, which the token does not have", JoinScopes(missing)),
		Challenge: fmt.Sprintf(`%s, error="insufficient_scope", scope="%s"`, realm, JoinScopes(needs)),
	}
}

// refuse answers with a refusal.
func refuse(api huma.API, ctx huma.Context, err error) {
	r, ok := errors.AsType[*Refusal](err)
	if !ok {
		huma.WriteErr(api, ctx, http.StatusInternalServerError, "", err)
		return
	}
	if r.Challenge != "" {
		ctx.SetHeader("WWW-Authenticate", r.Challenge)
	}
	if r.Status == http.StatusServiceUnavailable || r.Status == http.StatusTooManyRequests {
		ctx.SetHeader("Retry-After", "1")
	}
	var cause []error
	if r.Problem.Unwrap() != nil {
		cause = append(cause, r.Problem.Unwrap())
	}
	huma.WriteErr(api, ctx, r.Status, r.Detail, cause...)
}
