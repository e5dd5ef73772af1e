package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
	SessionID    uuid.UUID // of the tokens that it gets with its present secret
}

// SetService adds a service account, or gives an existing one a new secret and
// other scopes, which ends its session.
func (s *Store) SetService(ctx context.Context, name string, secretDigest []byte, scopes []auth.Scope) error {
	err := postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.EndServiceSession, name); err != nil {
			return err
		}
		e := audit.Event{Action: "set-service", Object: serviceObject(name), After: scopesDetail(scopes)}
		before, ok, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[Service], s.sql.FindService, name)
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
	})
	if postgres.Code(err) == postgres.CheckViolation {
		return problem.Newf(problem.Invalid, "%q cannot be the name of a service account: a name has 2 to 32 lower-case letters, digits, dots, dashes or underscores and begins with a letter", name)
	}
	return err
}

// Service returns the service account with a name, and false if there is none.
func (s *Store) Service(ctx context.Context, name string) (Service, bool, error) {
	return postgres.Find(ctx, s.pool, pgx.RowToStructByPos[Service], s.sql.FindService, name)
}

// Services returns every service account, by name.
func (s *Store) Services(ctx context.Context) ([]Service, error) {
	return postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[Service], s.sql.ListServices)
}

// RemoveService removes a service account and ends its session. The error is a problem of kind NotFound
// when no account has the name.
func (s *Store) RemoveService(ctx context.Context, name string) error {
	return postgres.Tx(ctx, s.pool, func(tx pgx.Tx) error {
		n, err := postgres.Exec(ctx, tx, s.sql.RemoveService, name)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.Newf(problem.NotFound, "there is no service account %s", name)
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "remove-service", Object: serviceObject(name)})
	})
}

func serviceObject(name string) audit.Object { return audit.Object{Kind: "service", ID: name} }

// scopesDetail is what the audit trail says of an account or a session.
func scopesDetail(scopes []auth.Scope) json.RawMessage {
	return audit.Detail(map[string]string{"scope": auth.JoinScopes(scopes)})
}
