package store

import (
	"context"
	"time"

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
}

// SetService adds a service account, or gives an existing one a new secret and
// other scopes.
func (s *Store) SetService(ctx context.Context, name string, secretDigest []byte, scopes []auth.Scope) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.SetService, name, secretDigest, append([]auth.Scope{}, scopes...))
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

// RemoveService removes a service account. If there is none, the error is a problem
// of kind NotFound.
func (s *Store) RemoveService(ctx context.Context, name string) error {
	n, err := postgres.Exec(ctx, s.pool, s.sql.RemoveService, name)
	if err == nil && n == 0 {
		return problem.Newf(problem.NotFound, "there is no service account %s", name)
	}
	return err
}
