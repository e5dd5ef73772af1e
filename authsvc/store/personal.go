package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// PersonalToken is a personal access token of a user, as its owner sees it.
type PersonalToken struct {
	ID        uuid.UUID
	Name      string
	Scopes    []auth.Scope // that the owner chose; of these it has those that the owner has
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time // the last use, to the minute; nil before the first
}

// NewPersonalToken is a token to be added.
type NewPersonalToken struct {
	Name   string
	Digest []byte
	Scopes []auth.Scope
	Life   time.Duration
	Most   int // tokens that the user may have
}

// NotAllowed is the error for a token with a right that its owner does not have: the scope
// with an index.
type NotAllowed struct{ Index int }

func (n *NotAllowed) Error() string {
	return fmt.Sprintf("the owner does not have the right with the index %d", n.Index)
}

// AddPersonalToken adds a token for the user of a session. The error is a *NotAllowed when
// its scopes are not among those that the session may have, and a problem when the user has
// too many tokens, or one of that name.
func (s *Store) AddPersonalToken(ctx context.Context, session uuid.UUID, made NewPersonalToken) (PersonalToken, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return PersonalToken{}, err
	}
	var added PersonalToken
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		owner, ok, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[Session], s.sql.LockOwner, session)
		if err != nil {
			return err
		}
		if !ok {
			return problem.New(problem.Unauthorized, "the session has ended: log in again")
		}
		if err := s.mayAdd(ctx, tx, owner, made); err != nil {
			return err
		}
		added, err = postgres.One(ctx, tx, pgx.RowToStructByPos[PersonalToken], s.sql.AddPersonalToken, id, owner.UserID, made.Name, made.Digest, made.Scopes, made.Life)
		if postgres.Code(err) == postgres.UniqueViolation {
			return problem.Newf(problem.Conflict, "you already have a token %s: end it, or choose another name", made.Name)
		}
		if err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "add-token", Object: tokenObject(id), After: tokenDetail(added)})
	})
	return added, err
}

// mayAdd says why the user may not add a token.
func (s *Store) mayAdd(ctx context.Context, tx postgres.Transaction, owner Session, made NewPersonalToken) error {
	for i, scope := range made.Scopes {
		if !has(owner.Allowed(), scope) {
			return &NotAllowed{Index: i}
		}
	}
	if _, err := postgres.Exec(ctx, tx, s.sql.FreePersonalName, owner.UserID, made.Name); err != nil {
		return err
	}
	n, err := postgres.One(ctx, tx, pgx.RowTo[int], s.sql.CountPersonalTokens, owner.UserID)
	if err == nil && n >= made.Most {
		err = problem.Newf(problem.Conflict, "you have %d tokens, and may have no more: end one that you do not need", n)
	}
	return err
}

func tokenObject(id uuid.UUID) audit.Object { return audit.Object{Kind: "token", ID: id.String()} }

// tokenDetail is what the audit trail says of a token.
func tokenDetail(t PersonalToken) json.RawMessage {
	return audit.Detail(map[string]string{"name": t.Name, "scope": auth.JoinScopes(t.Scopes), "expires_at": t.ExpiresAt.UTC().Format(time.RFC3339)})
}

// PersonalTokens returns the tokens of a user that were not ended, the latest first: those
// that have expired, too, for a month.
func (s *Store) PersonalTokens(ctx context.Context, user uuid.UUID) ([]PersonalToken, error) {
	return postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[PersonalToken], s.sql.ListPersonalTokens, user)
}

// EndPersonalToken ends a token of a user. The error is a problem of kind NotFound when
// the user has no such token.
func (s *Store) EndPersonalToken(ctx context.Context, user, id uuid.UUID) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		name, ok, err := postgres.Find(ctx, tx, pgx.RowTo[string], s.sql.EndPersonalToken, user, id)
		if err != nil {
			return err
		}
		if !ok {
			return problem.Newf(problem.NotFound, "you have no token with the id %s", id)
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "end-token", Object: tokenObject(id), Before: audit.Detail(map[string]string{"name": name})})
	})
}

// Grant is what a personal access token is worth now.
type Grant struct {
	ID, SessionID, UserID uuid.UUID
	Name                  string // of the user
	Roles                 []auth.Role
	Chosen                []auth.Scope
	ExpiresAt             time.Time
	known                 bool // its last use
}

// Scopes returns those of the chosen scopes that the user has now.
func (g Grant) Scopes() []auth.Scope {
	var scopes []auth.Scope
	for _, scope := range token.Scopes(g.Roles) {
		if has(g.Chosen, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// usedEvery is how exactly the last use is known: a token in use costs one write in this time.
const usedEvery = time.Minute

// UsePersonalToken finds the token with a digest, and keeps that it was used now. It is
// false for a token that has ended or never was.
func (s *Store) UsePersonalToken(ctx context.Context, digest []byte) (Grant, bool, error) {
	g, ok, err := postgres.Find(ctx, s.pool, scanGrant, s.sql.FindPersonalToken, digest, usedEvery)
	if err != nil || !ok || g.known {
		return g, ok, err
	}
	_, err = postgres.Exec(ctx, s.pool, s.sql.TouchPersonalToken, g.ID, usedEvery)
	return g, true, err
}

func scanGrant(row pgx.CollectableRow) (g Grant, err error) {
	err = row.Scan(&g.ID, &g.SessionID, &g.UserID, &g.Name, &g.Roles, &g.Chosen, &g.ExpiresAt, &g.known)
	return g, err
}
