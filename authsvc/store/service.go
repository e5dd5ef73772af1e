package store

import (
	"context"
	"time"

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
	_, err := s.exec(ctx, s.pool, "set_service", name, secretDigest, append([]auth.Scope{}, scopes...))
	if postgres.Code(err) == postgres.CheckViolation {
		return problem.Newf(problem.Invalid, "%q is no name for a service account: it has 2 to 32 small letters, digits, dots, dashes or underscores and begins with a letter", name)
	}
	return err
}

// Service is the service account of a name; false when there is none.
func (s *Store) Service(ctx context.Context, name string) (Service, bool, error) {
	return row[Service](ctx, s, s.pool, "find_service", name)
}

// Services is every service account, by name.
func (s *Store) Services(ctx context.Context) ([]Service, error) {
	return rows[Service](ctx, s, s.pool, "list_services")
}

// RemoveService removes a service account, or is a NotFound.
func (s *Store) RemoveService(ctx context.Context, name string) error {
	n, err := s.exec(ctx, s.pool, "remove_service", name)
	if err == nil && n == 0 {
		return problem.Newf(problem.NotFound, "there is no service account %s", name)
	}
	return err
}
