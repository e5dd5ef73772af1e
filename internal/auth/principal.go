package auth

import (
	"context"
	"slices"
	"time"
)

// Principal is who a verified token speaks for.
type Principal struct {
	Subject string    // the user's id, or the service account's name
	Name    string    // the user's or the service account's name, for people
	Service bool      // a service account, not a person
	Client  string    // the program that the token was issued to
	Roles   []Role    // of a person; nil for a service account
	Scopes  []Scope   // what it may do
	For     []string  // the services that the token is for, by Audience
	TokenID string    // the token's jti
	Session string    // the login that the token came from, or the secret of a service account
	Issued  time.Time // when the token was made
	Expires time.Time // when it ends
}

// May reports whether p has every one of the scopes.
func (p Principal) May(scopes ...Scope) bool {
	return len(p.missing(scopes)) == 0
}

func (p Principal) missing(scopes []Scope) []Scope {
	var missing []Scope
	for _, s := range scopes {
		if !slices.Contains(p.Scopes, s) {
			missing = append(missing, s)
		}
	}
	return missing
}

type principalKey struct{}

// From is the principal of the request that ctx belongs to. It is false on a
// public route.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}

// Subject is the subject of the request that ctx belongs to, or "" on a public
// route.
func Subject(ctx context.Context) string {
	p, _ := From(ctx)
	return p.Subject
}

// With returns a context that carries p, for routes that are not typed
// operations, and for tests.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

type observerKey struct{}

// Observed returns a context under which the guard calls see with the principal of each
// valid token, before it decides whether the token has the rights that are needed.
func Observed(ctx context.Context, see func(Principal)) context.Context {
	return context.WithValue(ctx, observerKey{}, see)
}

func observe(ctx context.Context, p Principal) {
	if see, ok := ctx.Value(observerKey{}).(func(Principal)); ok {
		see(p)
	}
}
