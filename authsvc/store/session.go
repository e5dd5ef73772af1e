package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/auth"
)

const (
	sessionLife  = 30 * 24 * time.Hour // after which one logs in again
	refreshLife  = 7 * 24 * time.Hour  // without use
	refreshGrace = 20 * time.Second    // for an answer that got lost, and for two requests at once
)

// Reasons why a refresh token is refused.
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
}

// AddSession begins a session of a user whose password was just checked, with
// its first refresh token. Its roles are those of now: they may have changed
// since the user was read. ErrNoSession says that the user is gone or the
// password has changed in the meantime.
func (s *Store) AddSession(ctx context.Context, user User, refreshDigest []byte) (Session, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, err
	}
	var session Session
	err = s.in(ctx, func(tx pgx.Tx) error {
		var ok bool
		var err error
		session, ok, err = row[Session](ctx, s, tx, "add_session", id, user.ID, user.PasswordHash, sessionLife)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoSession
		}
		_, err = s.exec(ctx, tx, "add_refresh_token", refreshDigest, id, refreshLife)
		return err
	})
	return session, err
}

// Refresh exchanges a refresh token for another of the same session, unless
// allow has an error to return: then nothing changes. The old one may be
// exchanged again within 20 s; after that it is ErrReused, and the session ends:
// somebody has a copy (RFC 9700, section 4.14.2).
func (s *Store) Refresh(ctx context.Context, oldDigest, newDigest []byte, allow func(Session) error) (Session, error) {
	type token struct {
		Session
		Valid, Rotated, Reused bool
	}
	var found token
	var refusal error
	err := s.in(ctx, func(tx pgx.Tx) error {
		var ok bool
		var err error
		found, ok, err = row[token](ctx, s, tx, "lock_refresh_token", oldDigest, refreshGrace)
		if err != nil {
			return err
		}
		if !ok || !found.Valid {
			return ErrNoSession
		}
		if found.Reused {
			refusal = ErrReused
			_, err = s.exec(ctx, tx, "revoke_session", found.ID, "reuse")
			return err
		}
		if refusal = allow(found.Session); refusal != nil {
			return nil
		}
		if _, err := s.exec(ctx, tx, "rotate_refresh_token", oldDigest); err != nil {
			return err
		}
		_, err = s.exec(ctx, tx, "add_refresh_token", newDigest, found.ID, refreshLife)
		return err
	})
	if err == nil {
		err = refusal
	}
	return found.Session, err
}

// Logout ends a session. Ending it twice is no error.
func (s *Store) Logout(ctx context.Context, session uuid.UUID) error {
	_, err := s.exec(ctx, s.pool, "revoke_session", session, "logout")
	return err
}

// Live reports whether whoever a verified token speaks for is still there: a
// user whose session goes on, or a service account that has not changed since.
func (s *Store) Live(ctx context.Context, p auth.Principal) (bool, error) {
	if p.Service {
		return s.is(ctx, s.pool, "live_service", p.Subject, p.Issued)
	}
	user, err1 := uuid.Parse(p.Subject)
	session, err2 := uuid.Parse(p.Session)
	if err1 != nil || err2 != nil {
		return false, nil
	}
	return s.is(ctx, s.pool, "live_session", session, user)
}

// PurgeSessions forgets the sessions that ended by time, and returns how many.
func (s *Store) PurgeSessions(ctx context.Context) (int64, error) {
	return s.exec(ctx, s.pool, "purge_sessions")
}
