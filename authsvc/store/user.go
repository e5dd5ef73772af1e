package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// User is a user who was not removed.
type User struct {
	ID           uuid.UUID
	Name         string
	PasswordHash string
	Roles        []auth.Role
	CreatedAt    time.Time
}

// noUser returns the problem for a name that no user has.
func noUser(name string) error {
	return problem.Newf(problem.NotFound, "there is no user %s", name)
}

// AddUser adds a user. The error is a problem of kind Conflict when the name is
// taken.
func (s *Store) AddUser(ctx context.Context, name, passwordHash string, roles []auth.Role) (User, error) {
	var user User
	err := postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) (err error) {
		user, err = s.addUser(ctx, tx, name, passwordHash, roles)
		return err
	})
	return user, err
}

func (s *Store) addUser(ctx context.Context, tx postgres.Transaction, name, passwordHash string, roles []auth.Role) (User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return User{}, err
	}
	user, err := postgres.One(ctx, tx, pgx.RowToStructByPos[User], s.sql.AddUser, id, name, passwordHash, roles)
	if postgres.Code(err) == postgres.UniqueViolation {
		return User{}, problem.Newf(problem.Conflict, "there already is a user %s", name)
	}
	if err != nil {
		return User{}, err
	}
	return user, s.Trail.Add(ctx, tx, audit.Event{Action: "add-user", Object: userObject(name), After: userDetail(user)})
}

func userObject(name string) audit.Object { return audit.Object{Kind: "user", ID: name} }

// userDetail is what the audit trail says of a user.
func userDetail(u User) json.RawMessage {
	return audit.Detail(struct {
		ID    uuid.UUID   `json:"id"`
		Roles []auth.Role `json:"roles"`
	}{u.ID, u.Roles})
}

// User returns the user with a name. If there is none, the error is a problem of
// kind NotFound.
func (s *Store) User(ctx context.Context, name string) (User, error) {
	user, ok, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[User], s.sql.FindUser, name)
	if err == nil && !ok {
		err = noUser(name)
	}
	return user, err
}

// Subject returns the user with an id. Without one, the error is a problem of kind NotFound.
func (s *Store) Subject(ctx context.Context, id uuid.UUID) (User, error) {
	user, ok, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[User], s.sql.FindSubject, id)
	if err == nil && !ok {
		err = problem.Newf(problem.NotFound, "there is no user with the id %s", id)
	}
	return user, err
}

// Users returns at most limit users whose names sort after a name.
func (s *Store) Users(ctx context.Context, after string, limit int) ([]User, error) {
	return postgres.Collect(ctx, s.pool, pgx.RowToStructByPos[User], s.sql.ListUsers, after, limit)
}

// RemoveUser removes a user, ends their sessions and tokens, and forgets where they logged in. The error is a problem of kind
// Conflict for the last administrator.
func (s *Store) RemoveUser(ctx context.Context, name string) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		if err := s.keepAdministrator(ctx, tx, name); err != nil {
			return err
		}
		user, err := s.changeUser(ctx, tx, "removal", s.sql.RemoveUser, name)
		if err != nil {
			return err
		}
		return s.forget(ctx, tx, user, audit.Event{Action: "remove-user", Before: userDetail(user)})
	})
}

// SetRoles replaces a user's roles and ends their sessions, so that no old
// right survives. The error is a problem of kind Conflict when no administrator would be
// left.
func (s *Store) SetRoles(ctx context.Context, name string, roles []auth.Role) (user User, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		if !slices.Contains(roles, auth.Administrator) {
			if err := s.keepAdministrator(ctx, tx, name); err != nil {
				return err
			}
		}
		before, ok, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[User], s.sql.LockUser, name)
		if err != nil || !ok {
			return cmp.Or(err, noUser(name))
		}
		if user, err = s.changeUser(ctx, tx, "roles", s.sql.SetRoles, name, roles); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "set-roles", Object: userObject(name), Before: userDetail(before), After: userDetail(user)})
	})
	return user, err
}

// SetPassword replaces a user's password, ends their sessions and tokens, and forgets where they
// logged in, because others may have done so. When oldHash is
// not empty, it must still be the hash of the password, or the error is a problem
// of kind NotFound.
func (s *Store) SetPassword(ctx context.Context, name, passwordHash, oldHash string) error {
	action := "set-password"
	if oldHash != "" {
		action = "change-password" // their own
	}
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		user, err := s.changeUser(ctx, tx, "password", s.sql.SetPassword, name, passwordHash, oldHash)
		if err != nil {
			return err
		}
		return s.forget(ctx, tx, user, audit.Event{Action: action})
	})
}

// forget removes the places of a user who was changed, and records the change.
func (s *Store) forget(ctx context.Context, tx postgres.Transaction, user User, e audit.Event) error {
	if _, err := postgres.Exec(ctx, tx, s.sql.RemovePlaces, user.ID); err != nil {
		return err
	}
	e.Object = userObject(user.Name)
	return s.Trail.Add(ctx, tx, e)
}

// changeUser runs a change of one user and ends their sessions for a reason. Their personal
// tokens go on after a change of roles, with the rights that are left. After one of the
// password they end, because others may have made them.
func (s *Store) changeUser(ctx context.Context, tx postgres.Transaction, reason string, statement postgres.Statement, name string, args ...any) (User, error) {
	user, ok, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[User], statement, slices.Concat([]any{name}, args)...)
	if err != nil {
		return User{}, err
	}
	if !ok {
		return User{}, noUser(name)
	}
	if _, err = postgres.Exec(ctx, tx, s.sql.RevokeSessions, user.ID, reason); err != nil {
		return user, err
	}
	tokens := s.sql.EndPersonalTokens
	if reason == "roles" {
		tokens = s.sql.RenewPersonalSessions
	}
	_, err = postgres.Exec(ctx, tx, tokens, user.ID)
	return user, err
}

// keepAdministrator refuses when the user is the last administrator.
func (s *Store) keepAdministrator(ctx context.Context, tx postgres.Transaction, name string) error {
	all, err := postgres.Collect(ctx, tx, pgx.RowTo[string], s.sql.LockAdministrators)
	if err != nil {
		return err
	}
	if len(all) == 1 && all[0] == name {
		return problem.Newf(problem.Conflict, "%s is the last administrator: make another user an administrator first", name)
	}
	return nil
}

// ErrNotFirst says that there are users already.
var ErrNotFirst = errors.New("there are users already")

// AddFirstUser adds an administrator when there has never been a user, and returns
// ErrNotFirst otherwise. It calls show before it commits: when show fails, it adds
// no user, and when the commit fails, the next call calls show again.
func (s *Store) AddFirstUser(ctx context.Context, name, passwordHash string, show func() error) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.LockUsers); err != nil {
			return err
		}
		some, err := postgres.One(ctx, tx, pgx.RowTo[bool], s.sql.CheckUsers)
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

// HasUsers reports whether there has ever been a user.
func (s *Store) HasUsers(ctx context.Context) (bool, error) {
	return postgres.One(ctx, s.pool, pgx.RowTo[bool], s.sql.CheckUsers)
}
