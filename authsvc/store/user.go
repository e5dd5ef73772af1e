package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// User is a living user.
type User struct {
	ID           uuid.UUID
	Name         string
	PasswordHash string
	Roles        []auth.Role
	CreatedAt    time.Time
}

// noUser is the answer for a name that no living user has.
func noUser(name string) error {
	return problem.Newf(problem.NotFound, "there is no user %s", name)
}

// AddUser adds a user. A name that is taken is a Conflict.
func (s *Store) AddUser(ctx context.Context, name, passwordHash string, roles []auth.Role) (User, error) {
	return s.addUser(ctx, s.pool, name, passwordHash, roles)
}

func (s *Store) addUser(ctx context.Context, q querier, name, passwordHash string, roles []auth.Role) (User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return User{}, err
	}
	user, _, err := row[User](ctx, s, q, "add_user", id, name, passwordHash, roles)
	if postgres.Code(err) == postgres.UniqueViolation {
		return User{}, problem.Newf(problem.Conflict, "there is a user %s already", name)
	}
	return user, err
}

// User is the living user of a name, or a NotFound.
func (s *Store) User(ctx context.Context, name string) (User, error) {
	user, ok, err := row[User](ctx, s, s.pool, "find_user", name)
	if err == nil && !ok {
		err = noUser(name)
	}
	return user, err
}

// Users is the page of at most limit users whose names come after a name.
func (s *Store) Users(ctx context.Context, after string, limit int) ([]User, error) {
	return rows[User](ctx, s, s.pool, "list_users", after, limit)
}

// RemoveUser removes a user and ends their sessions. The last administrator is
// a Conflict.
func (s *Store) RemoveUser(ctx context.Context, name string) error {
	return s.in(ctx, func(tx pgx.Tx) error {
		if err := s.keepAdministrator(ctx, tx, name); err != nil {
			return err
		}
		_, err := s.changeUser(ctx, tx, "removal", "remove_user", name)
		return err
	})
}

// SetRoles replaces a user's roles and ends their sessions, so that no old
// right lives on. The last administrator is a Conflict.
func (s *Store) SetRoles(ctx context.Context, name string, roles []auth.Role) (user User, err error) {
	err = s.in(ctx, func(tx pgx.Tx) error {
		if !slices.Contains(roles, auth.Administrator) {
			if err := s.keepAdministrator(ctx, tx, name); err != nil {
				return err
			}
		}
		user, err = s.changeUser(ctx, tx, "roles", "set_roles", name, roles)
		return err
	})
	return user, err
}

// SetPassword replaces a user's password and ends their sessions. Where
// oldHash is not empty and the password was changed in the meantime, that is a
// NotFound.
func (s *Store) SetPassword(ctx context.Context, name, passwordHash, oldHash string) error {
	return s.in(ctx, func(tx pgx.Tx) error {
		_, err := s.changeUser(ctx, tx, "password", "set_password", name, passwordHash, oldHash)
		return err
	})
}

// changeUser runs a change of one user and ends their sessions for a reason.
func (s *Store) changeUser(ctx context.Context, tx pgx.Tx, reason, statement, name string, args ...any) (User, error) {
	user, ok, err := row[User](ctx, s, tx, statement, slices.Concat([]any{name}, args)...)
	if err != nil {
		return User{}, err
	}
	if !ok {
		return User{}, noUser(name)
	}
	_, err = s.exec(ctx, tx, "revoke_sessions", user.ID, reason)
	return user, err
}

// keepAdministrator refuses when the user is the last administrator.
func (s *Store) keepAdministrator(ctx context.Context, tx pgx.Tx, name string) error {
	type administrator struct{ Name string }
	all, err := rows[administrator](ctx, s, tx, "lock_administrators")
	if err != nil {
		return err
	}
	if len(all) == 1 && all[0].Name == name {
		return problem.Newf(problem.Conflict, "%s is the last administrator: make another user administrator first", name)
	}
	return nil
}

// ErrNotFirst says that there were users already.
var ErrNotFirst = errors.New("there are users already")

// AddFirstUser adds an administrator when there never was a user, and else
// returns ErrNotFirst. It calls show before it commits: when show fails there is
// no user, and when the commit fails show is called again the next time.
func (s *Store) AddFirstUser(ctx context.Context, name, passwordHash string, show func() error) error {
	return s.in(ctx, func(tx pgx.Tx) error {
		if _, err := s.exec(ctx, tx, "lock_users"); err != nil {
			return err
		}
		some, err := s.is(ctx, tx, "has_users")
		if err != nil {
			return err
		}
		if some {
			return ErrNotFirst
		}
		if _, err := s.addUser(ctx, tx, name, passwordHash, []auth.Role{auth.Administrator}); err != nil {
			return err
		}
		return show()
	})
}

// HasUsers reports whether there ever was a user.
func (s *Store) HasUsers(ctx context.Context) (bool, error) {
	return s.is(ctx, s.pool, "has_users")
}
