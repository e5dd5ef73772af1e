package token

import (
	"cmp"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"foliocast/internal/auth"
)

// AccessLife is how long an access token is valid, at most.
const AccessLife = 10 * time.Minute

// PeopleClient is the client id in the tokens of people. They log in with the
// programs of Foliocast, which have no account of their own.
const PeopleClient = "foliocast"

// Issuer signs access tokens with the current key of a ring. Safe for
// concurrent use.
type Issuer struct {
	ring *Ring
	name string
	life time.Duration
	now  func() time.Time
}

// NewIssuer returns an issuer with the name that its tokens have as "iss". They are valid
// for the time life; 0 means AccessLife. A nil now means time.Now.
func NewIssuer(ring *Ring, name string, life time.Duration, now func() time.Time) *Issuer {
	if now == nil {
		now = time.Now
	}
	return &Issuer{ring: ring, name: name, life: cmp.Or(life, AccessLife), now: now}
}

// Access is an access token, and how long it is valid.
type Access struct {
	Text string
	Life time.Duration
}

// Person returns an access token for a user's session, for the services to. Its scopes
// are those of the roles, or fewer.
func (i *Issuer) Person(id, session uuid.UUID, name string, roles []auth.Role, scopes []auth.Scope, to []auth.Audience) (Access, error) {
	return i.sign(auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: id.String()},
		ClientID:         PeopleClient, Session: session.String(), Name: name, Roles: roles, Scope: auth.JoinScopes(scopes),
	}, to, time.Time{})
}

// Service returns an access token for a session of a service account, for the services
// to. It ends at the time until, unless that is zero.
func (i *Issuer) Service(name string, session uuid.UUID, scopes []auth.Scope, to []auth.Audience, until time.Time) (Access, error) {
	return i.sign(auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: name},
		ClientID:         name, Session: session.String(), Name: name, Scope: auth.JoinScopes(scopes),
	}, to, until)
}

// Personal returns an access token that stands for a personal one with an id, for the
// services to. It ends with the personal one, at the time until, and names no roles: they
// would say more than its scopes.
func (i *Issuer) Personal(id, user, session uuid.UUID, name string, scopes []auth.Scope, to []auth.Audience, until time.Time) (Access, error) {
	return i.sign(auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: user.String()},
		ClientID:         auth.PersonalClient(id.String()), Session: session.String(), Name: name, Scope: auth.JoinScopes(scopes),
	}, to, until)
}

func (i *Issuer) sign(claims auth.Claims, to []auth.Audience, until time.Time) (Access, error) {
	key, err := i.ring.current()
	if err != nil {
		return Access{}, err
	}
	now := i.now()
	life := i.life
	if !until.IsZero() {
		life = min(life, until.Sub(now))
	}
	claims.Issuer = i.name
	for _, a := range to {
		claims.Audience = append(claims.Audience, string(a))
	}
	claims.ID = uuid.NewString()
	claims.IssuedAt = jwt.NewNumericDate(now)
	claims.ExpiresAt = jwt.NewNumericDate(now.Add(life))
	text, err := auth.Sign(claims, key.ID, key.Private)
	return Access{Text: text, Life: life}, err
}

// Scopes returns the scopes that the roles allow together.
func Scopes(roles []auth.Role) []auth.Scope {
	var scopes []auth.Scope
	for _, r := range roles {
		scopes = append(scopes, r.Scopes()...)
	}
	return auth.SplitScopes(auth.JoinScopes(scopes))
}
