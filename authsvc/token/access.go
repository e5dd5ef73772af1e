package token

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"foliocast/internal/auth"
)

// AccessLife is how long an access token is valid.
const AccessLife = 10 * time.Minute

// PeopleClient is the client id in the tokens of people. They log in with the
// programs of Foliocast, which have no account of their own.
const PeopleClient = "foliocast"

// Issuer signs access tokens with the current key of a ring. Safe for
// concurrent use.
type Issuer struct {
	ring *Ring
	name string
	now  func() time.Time
}

// NewIssuer returns an issuer with the name that its tokens have as "iss". A nil
// now means time.Now.
func NewIssuer(ring *Ring, name string, now func() time.Time) *Issuer {
	if now == nil {
		now = time.Now
	}
	return &Issuer{ring: ring, name: name, now: now}
}

// Person returns an access token for a user's session, for the services to. Its scopes
// are those of the roles, or fewer.
func (i *Issuer) Person(id, session uuid.UUID, name string, roles []auth.Role, scopes []auth.Scope, to []auth.Audience) (string, error) {
	return i.sign(auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: id.String()},
		ClientID:         PeopleClient, Session: session.String(), Name: name, Roles: roles, Scope: auth.JoinScopes(scopes),
	}, to)
}

// Service returns an access token for a session of a service account, for the services
// to.
func (i *Issuer) Service(name string, session uuid.UUID, scopes []auth.Scope, to []auth.Audience) (string, error) {
	return i.sign(auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: name},
		ClientID:         name, Session: session.String(), Name: name, Scope: auth.JoinScopes(scopes),
	}, to)
}

func (i *Issuer) sign(claims auth.Claims, to []auth.Audience) (string, error) {
	key, err := i.ring.current()
	if err != nil {
		return "", err
	}
	now := i.now()
	claims.Issuer = i.name
	for _, a := range to {
		claims.Audience = append(claims.Audience, string(a))
	}
	claims.ID = uuid.NewString()
	claims.IssuedAt = jwt.NewNumericDate(now)
	claims.ExpiresAt = jwt.NewNumericDate(now.Add(AccessLife))
	return auth.Sign(claims, key.ID, key.Private)
}

// Scopes returns the scopes that the roles allow together.
func Scopes(roles []auth.Role) []auth.Scope {
	var scopes []auth.Scope
	for _, r := range roles {
		scopes = append(scopes, r.Scopes()...)
	}
	return auth.SplitScopes(auth.JoinScopes(scopes))
}
