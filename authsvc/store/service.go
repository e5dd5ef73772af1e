package store

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Service is a service account.
type Service struct {
	Name         string
	SecretDigest []byte
	Scopes       []auth.Scope
	CreatedAt    time.Time
	ChangedAt    time.Time
	SessionID    uuid.UUID  // of the tokens that it gets with its present secret
	UsedAt       *time.Time // the last use of its present secret, to the minute
	Previous     PreviousSecret
}

// PreviousSecret is the secret before the present one, while it is valid.
type PreviousSecret struct {
	Digest    []byte // nil when the account has only one secret
	SessionID uuid.UUID
	Until     *time.Time
	UsedAt    *time.Time
}

func scanService(row pgx.CollectableRow) (s Service, err error) {
	p := &s.Previous
	err = row.Scan(&s.Name, &s.SecretDigest, &s.Scopes, &s.CreatedAt, &s.ChangedAt, &s.SessionID, &s.UsedAt, &p.Digest, &p.SessionID, &p.Until, &p.UsedAt)
	return s, err
}

// Knows returns the session of the secret, and until when it is valid if not for good. It
// is false for a secret that is not the account's.
func (s Service) Knows(secret string) (session uuid.UUID, until time.Time, ok bool) {
	// An unknown account has empty digests, which match nothing.
	if token.SameDigest(s.SecretDigest, secret) {
		return s.SessionID, time.Time{}, true
	}
	if token.SameDigest(s.Previous.Digest, secret) && s.Previous.Until != nil {
		return s.Previous.SessionID, *s.Previous.Until, true
	}
	return uuid.Nil, time.Time{}, false
}

// badName translates the refusal of a name.
func badName(name string, err error) error {
	if postgres.Code(err) == postgres.CheckViolation {
		return problem.Newf(problem.Invalid, "%q cannot be the name of a service account: a name has 2 to 32 lower-case letters, digits, dots, dashes or underscores and begins with a letter", name)
	}
	return err
}

// SetService adds a service account, or gives an existing one a new secret and
// other scopes, which ends its sessions.
func (s *Store) SetService(ctx context.Context, name string, secretDigest []byte, scopes []auth.Scope) error {
	return badName(name, postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.EndServiceSession, name, true); err != nil {
			return err
		}
		e := audit.Event{Action: "set-service", Object: serviceObject(name), After: scopesDetail(scopes)}
		before, ok, err := postgres.Find(ctx, tx, scanService, s.sql.FindService, name)
		if err != nil {
			return err
		}
		if ok {
			e.Before = scopesDetail(before.Scopes)
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.SetService, name, secretDigest, append([]auth.Scope{}, scopes...)); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, e)
	}))
}

// AddService adds a service account. The error is a problem of kind Conflict when there
// is one of that name.
func (s *Store) AddService(ctx context.Context, name string, secretDigest []byte, scopes []auth.Scope) (added Service, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) (err error) {
		added, err = postgres.One(ctx, tx, scanService, s.sql.AddService, name, secretDigest, scopes)
		if postgres.Code(err) == postgres.UniqueViolation {
			return problem.Newf(problem.Conflict, "there already is a service account %s", name)
		}
		if err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "add-service", Object: serviceObject(name), After: scopesDetail(scopes)})
	})
	return added, badName(name, err)
}

// RotateSecret gives a service account a new secret. The one before is valid for the time
// overlap more; with 0, and in the case of one still before that, its sessions end now. The
// error is a problem of kind NotFound when no account has the name.
func (s *Store) RotateSecret(ctx context.Context, name string, secretDigest []byte, overlap time.Duration) (Service, error) {
	return s.changeService(ctx, name, overlap == 0, s.sql.RotateSecret, []any{secretDigest, overlap}, func(_, after Service) audit.Event {
		e := audit.Event{Action: "rotate-secret"}
		if after.Previous.Until != nil {
			e.After = audit.Detail(map[string]string{"previous_until": after.Previous.Until.UTC().Format(time.RFC3339)})
		}
		return e
	})
}

// SetServiceScopes replaces the scopes of a service account, and ends its sessions: its
// next tokens have them. The error is a problem of kind NotFound when no account has the
// name.
func (s *Store) SetServiceScopes(ctx context.Context, name string, scopes []auth.Scope) (Service, error) {
	return s.changeService(ctx, name, true, s.sql.SetServiceScopes, []any{scopes}, func(before, after Service) audit.Event {
		return audit.Event{Action: "set-service-scopes", Before: scopesDetail(before.Scopes), After: scopesDetail(after.Scopes)}
	})
}

// changeService ends the session of the previous secret of an account, or all its sessions,
// and runs a change.
func (s *Store) changeService(ctx context.Context, name string, all bool, statement postgres.Statement, args []any, event func(before, after Service) audit.Event) (changed Service, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		before, ok, err := postgres.Find(ctx, tx, scanService, s.sql.LockService, name)
		if err != nil || !ok {
			return cmp.Or(err, noService(name))
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.EndServiceSession, name, all); err != nil {
			return err
		}
		if changed, err = postgres.One(ctx, tx, scanService, statement, append([]any{name}, args...)...); err != nil {
			return err
		}
		e := event(before, changed)
		e.Object = serviceObject(name)
		return s.Trail.Add(ctx, tx, e)
	})
	return changed, err
}

// Service returns the service account with a name, and false if there is none.
func (s *Store) Service(ctx context.Context, name string) (Service, bool, error) {
	return postgres.Find(ctx, s.pool, scanService, s.sql.FindService, name)
}

// NamedService is Service, with a problem of kind NotFound for an unknown name.
func (s *Store) NamedService(ctx context.Context, name string) (Service, error) {
	found, ok, err := s.Service(ctx, name)
	if err == nil && !ok {
		err = noService(name)
	}
	return found, err
}

// Services returns at most limit service accounts whose names sort after a name.
func (s *Store) Services(ctx context.Context, after string, limit int) ([]Service, error) {
	return postgres.Collect(ctx, s.pool, scanService, s.sql.ListServices, after, limit)
}

// TouchService keeps that a secret of an account, which has a session, is used now, unless
// that is known to the minute.
func (s *Store) TouchService(ctx context.Context, account Service, session uuid.UUID) error {
	used := account.UsedAt
	if session != account.SessionID {
		used = account.Previous.UsedAt
	}
	if used != nil && time.Since(*used) < usedEvery {
		return nil
	}
	_, err := postgres.Exec(ctx, s.pool, s.sql.TouchService, account.Name, session)
	return err
}

// RemoveService removes a service account and ends its sessions. The error is a problem of kind NotFound
// when no account has the name.
func (s *Store) RemoveService(ctx context.Context, name string) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.EndServiceSession, name, true); err != nil {
			return err
		}
		n, err := postgres.Exec(ctx, tx, s.sql.RemoveService, name)
		if err != nil {
			return err
		}
		if n == 0 {
			return noService(name)
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "remove-service", Object: serviceObject(name)})
	})
}

func noService(name string) error {
	return problem.Newf(problem.NotFound, "there is no service account %s", name)
}

func serviceObject(name string) audit.Object { return audit.Object{Kind: "service", ID: name} }

// scopesDetail is what the audit trail says of an account or a session.
func scopesDetail(scopes []auth.Scope) json.RawMessage {
	return audit.Detail(map[string]string{"scope": auth.JoinScopes(scopes)})
}
