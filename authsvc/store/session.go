package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
)

const (
	sessionLife  = 30 * 24 * time.Hour // after which the user must log in again
	refreshLife  = 7 * 24 * time.Hour  // without use
	refreshGrace = 20 * time.Second    // for a lost response, and for two requests at once
)

// Reasons to refuse a refresh token.
var (
	ErrNoSession = errors.New("the session has ended")
	ErrReused    = errors.New("the refresh token was used a second time, so its session was ended")
)

// Session is a login of a user.
type Session struct {
	ID     uuid.UUID
	UserID uuid.UUID
	Name   string
	Roles  []auth.Role
	Scopes []auth.Scope // that it was narrowed to; nil means all that the roles allow
}

// Allowed returns the scopes that the session may have: those of its roles, unless it
// was narrowed.
func (s Session) Allowed() []auth.Scope {
	all := token.Scopes(s.Roles)
	if s.Scopes == nil {
		return all
	}
	return slices.DeleteFunc(all, func(scope auth.Scope) bool { return !has(s.Scopes, scope) })
}

func has(scopes []auth.Scope, scope auth.Scope) bool { return slices.Contains(scopes, scope) }

// AddSession adds a session of a user whose password was just checked, with its
// first refresh token. Its roles are the user's current ones, which may have
// changed since the user was read. The error is ErrNoSession when the user was
// removed or the password changed in the meantime.
func (s *Store) AddSession(ctx context.Context, user User, refreshDigest []byte) (Session, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, err
	}
	var session Session
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		var ok bool
		var err error
		session, ok, err = postgres.Find(ctx, tx, pgx.RowToStructByPos[Session], s.sql.AddSession, id, user.ID, user.PasswordHash, sessionLife)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoSession
		}
		if _, err = postgres.Exec(ctx, tx, s.sql.AddRefreshToken, refreshDigest, id, refreshLife); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "login", Actor: session.actor(), Object: sessionObject(id), After: scopesDetail(session.Allowed())})
	})
	return session, err
}

func sessionObject(id uuid.UUID) audit.Object { return audit.Object{Kind: "session", ID: id.String()} }

// actor is the user of the session, who has shown its password or its refresh token.
func (s Session) actor() audit.Actor {
	return audit.Actor{Subject: s.UserID.String(), Name: s.Name, Client: token.PeopleClient, Session: s.ID.String()}
}

// Refresh exchanges a refresh token for its successor in the same session, unless
// narrow returns an error: then nothing changes. Scopes that narrow returns are the
// session's from then on, unless they are nil. next makes the successor from a salt
// and returns its digest.
//
// The old token may be exchanged again within 20 s: next is called with the same
// salt, so that a session never has two branches. After that the error is ErrReused,
// and the session ends, because someone has a copy of the token (RFC 9700, section
// 4.14.2).
func (s *Store) Refresh(ctx context.Context, oldDigest []byte, narrow func(Session) ([]auth.Scope, error), next func(salt []byte) (digest []byte)) (Session, error) {
	type exchanged struct {
		Session
		Valid, Rotated, Reused bool
	}
	var found exchanged
	var refusal error
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		var ok bool
		var err error
		refusal = nil
		found, ok, err = postgres.Find(ctx, tx, pgx.RowToStructByPos[exchanged], s.sql.LockRefreshToken, oldDigest, refreshGrace)
		if err != nil {
			return err
		}
		if !ok || !found.Valid {
			return ErrNoSession
		}
		if found.Reused {
			refusal = ErrReused
			if _, err = postgres.Exec(ctx, tx, s.sql.RevokeSession, found.ID, "reuse"); err != nil {
				return err
			}
			return s.Trail.Add(ctx, tx, audit.Event{Action: "end-session", Actor: audit.System(), Object: sessionObject(found.ID), After: audit.Detail(map[string]string{"user": found.Name, "why": ErrReused.Error()})})
		}
		var scopes []auth.Scope
		if scopes, refusal = narrow(found.Session); refusal != nil {
			return nil
		}
		return s.rotate(ctx, tx, found.Session, oldDigest, scopes, next)
	})
	if err == nil {
		err = refusal
	}
	return found.Session, err
}

// rotate marks a refresh token as exchanged, and adds its successor.
func (s *Store) rotate(ctx context.Context, tx postgres.Transaction, session Session, oldDigest []byte, scopes []auth.Scope, next func([]byte) []byte) error {
	salt := make([]byte, sha256.Size)
	rand.Read(salt)
	salt, err := postgres.One(ctx, tx, pgx.RowTo[[]byte], s.sql.RotateRefreshToken, oldDigest, salt)
	if err != nil {
		return err
	}
	if scopes != nil {
		if _, err := postgres.Exec(ctx, tx, s.sql.NarrowSession, session.ID, scopes); err != nil {
			return err
		}
		err := s.Trail.Add(ctx, tx, audit.Event{Action: "token", Actor: session.actor(), Object: sessionObject(session.ID),
			Before: scopesDetail(session.Allowed()), After: scopesDetail(scopes)})
		if err != nil {
			return err
		}
	}
	_, err = postgres.Exec(ctx, tx, s.sql.AddRefreshToken, next(salt), session.ID, refreshLife)
	return err
}

// Logout ends a session. Ending it again changes nothing.
func (s *Store) Logout(ctx context.Context, session uuid.UUID) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		n, err := postgres.Exec(ctx, tx, s.sql.RevokeSession, session, "logout")
		if err != nil || n == 0 {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "logout", Object: sessionObject(session)})
	})
}

// Live reports whether a verified token is still valid: the session of its user or of its
// personal access token has not ended, or its service account still has the same secret.
func (s *Store) Live(ctx context.Context, p auth.Principal) (bool, error) {
	session, err := uuid.Parse(p.Session)
	if err != nil {
		return false, nil
	}
	if p.Service {
		return postgres.One(ctx, s.pool, pgx.RowTo[bool], s.sql.CheckService, p.Subject, session)
	}
	user, err := uuid.Parse(p.Subject)
	if err != nil {
		return false, nil
	}
	return postgres.One(ctx, s.pool, pgx.RowTo[bool], s.sql.CheckSession, session, user)
}

// EndedSessions returns the sessions, of users and service accounts, that ended not
// longer than since ago other than by their age.
func (s *Store) EndedSessions(ctx context.Context, since time.Duration) ([]uuid.UUID, error) {
	return postgres.Collect(ctx, s.pool, pgx.RowTo[uuid.UUID], s.sql.ListEndedSessions, since)
}

// purgeBatch is how many sessions one statement deletes: each may have thousands of
// refresh tokens, and a statement that takes longer than its time deletes none.
const purgeBatch = 100

// PurgeSessions deletes expired sessions and tokens, and returns how many sessions it deleted.
func (s *Store) PurgeSessions(ctx context.Context) (int64, error) {
	if _, err := postgres.Exec(ctx, s.pool, s.sql.PurgeServiceSessions); err != nil {
		return 0, err
	}
	if _, err := postgres.Exec(ctx, s.pool, s.sql.PurgeSecrets); err != nil {
		return 0, err
	}
	if _, err := postgres.Exec(ctx, s.pool, s.sql.PurgePersonalTokens); err != nil {
		return 0, err
	}
	var purged int64
	for {
		n, err := postgres.Exec(ctx, s.pool, s.sql.PurgeSessions, purgeBatch)
		purged += n
		if err != nil || n < purgeBatch {
			return purged, err
		}
	}
}
