package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

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
		_, err := postgres.Exec(ctx, tx, s.sql.SetService, name, secretDigest, append([]auth.Scope{}, scopes...))
		return err
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

// RemoveService removes a service account and ends its session. If there is none, the error is a problem
// of kind NotFound.
func (s *Store) RemoveService(ctx context.Context, name string) error {
	n, err := postgres.Exec(ctx, s.pool, s.sql.RemoveService, name)
	if err == nil && n == 0 {
		return problem.Newf(problem.NotFound, "there is no service account %s", name)
	}
	return err
}
