package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// Target is the user that a route is about. It is exported because the router
// fills only exported embedded fields.
type Target struct {
	Name string `path:"name" pattern:"^[a-z][a-z0-9._-]{1,31}$" patternDescription:"2 to 32 lower-case letters, digits, dots, dashes or underscores, beginning with a letter"`
}

type listInput struct {
	After string `query:"after" maxLength:"32" pattern:"^([a-z][a-z0-9._-]*)?$" patternDescription:"the name of a user" doc:"the last name of the previous page"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type usersOutput struct{ Body client.Users }
type userOutput struct{ Body client.User }

type addInput struct{ Body client.NewUser }

type addOutput struct {
	Location     string `header:"Location"`
	CacheControl string `header:"Cache-Control"`
	Body         client.AddedUser
}

type rolesInput struct {
	Target
	Body client.NewRoles
}

type passwordInput struct {
	Target
	Body client.NewPassword
}

func (s *service) registerUsers(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary,
			Security: auth.Needs(auth.UsersWrite), Tags: []string{"users"}}
	}
	register(api, op("list-users", http.MethodGet, "/v1/users", "The users, by name"), s.listUsers)
	add := op("add-user", http.MethodPost, "/v1/users", "Add a user")
	add.DefaultStatus = http.StatusCreated
	register(api, add, s.addUser)
	register(api, op("get-user", http.MethodGet, "/v1/users/{name}", "One user"), s.getUser)
	remove := op("remove-user", http.MethodDelete, "/v1/users/{name}", "Remove a user and end their sessions and tokens")
	remove.DefaultStatus = http.StatusNoContent
	register(api, remove, s.removeUser)
	register(api, op("set-roles", http.MethodPut, "/v1/users/{name}/roles", "Replace a user's roles and end their sessions"), s.setRoles)
	password := op("set-password", http.MethodPut, "/v1/users/{name}/password", "Replace a user's password and end their sessions and tokens")
	password.DefaultStatus = http.StatusNoContent
	register(api, password, s.setPassword)
}

// wire is a user as others see them.
func wire(u store.User) client.User {
	return client.User{ID: u.ID.String(), Username: u.Name, Roles: u.Roles, CreatedAt: wireTime(u.CreatedAt)}
}

func (s *service) listUsers(ctx context.Context, in *listInput) (*usersOutput, error) {
	found, err := s.store.Users(ctx, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &usersOutput{Body: client.Users{Users: []client.User{}}}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		out.Body.Next = found[in.Limit-1].Name
	}
	for _, u := range found {
		out.Body.Users = append(out.Body.Users, wire(u))
	}
	out.Body.Before = out.Body.Users
	return out, nil
}

func (s *service) addUser(ctx context.Context, in *addInput) (*addOutput, error) {
	out := &addOutput{CacheControl: noStore}
	password := in.Body.Password
	if password == "" {
		password = token.NewSecret()
		out.Body.Password = password
	} else if err := unguessable(password, in.Body.Username); err != nil {
		return nil, err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	user, err := s.store.AddUser(ctx, in.Body.Username, hash, in.Body.Roles)
	if err != nil {
		return nil, err
	}
	out.Location, out.Body.User = "/v1/users/"+user.Name, wire(user)
	s.changed(ctx, "user added", user.Name, "roles", user.Roles)
	return out, nil
}

func (s *service) getUser(ctx context.Context, in *Target) (*userOutput, error) {
	user, err := s.store.User(ctx, in.Name)
	return &userOutput{Body: wire(user)}, err
}

func (s *service) removeUser(ctx context.Context, in *Target) (*struct{}, error) {
	if err := s.store.RemoveUser(ctx, in.Name); err != nil {
		return nil, err
	}
	s.changed(ctx, "user removed", in.Name)
	return nil, nil
}

func (s *service) setRoles(ctx context.Context, in *rolesInput) (*userOutput, error) {
	user, err := s.store.SetRoles(ctx, in.Name, in.Body.Roles)
	if err != nil {
		return nil, err
	}
	s.changed(ctx, "roles changed", in.Name, "roles", user.Roles)
	return &userOutput{Body: wire(user)}, nil
}

// unguessable refuses a new password that is easily guessed.
func unguessable(password, name string) error {
	if why := token.Guessable(password, name); why != "" {
		return problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/password", Detail: why})
	}
	return nil
}

func (s *service) setPassword(ctx context.Context, in *passwordInput) (*struct{}, error) {
	if err := unguessable(in.Body.Password, in.Name); err != nil {
		return nil, err
	}
	hash, err := s.hasher.Hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if err := s.store.SetPassword(ctx, in.Name, hash, ""); err != nil {
		return nil, err
	}
	s.changed(ctx, "password changed", in.Name)
	return nil, nil
}

// changed logs a change of a user, and who made it.
func (s *service) changed(ctx context.Context, what, user string, more ...any) {
	s.log.Info(what, append([]any{"request_id", serve.RequestID(ctx), "user", user, "by", principal(ctx).Name}, more...)...)
}
