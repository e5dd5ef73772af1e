package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"foliocast/authsvc/client"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

type identityOutput struct {
	Body client.Identity
}

type changePasswordInput struct {
	Body client.ChangedPassword
}

func (s *service) registerWhoami(api huma.API) {
	register(api, huma.Operation{
		OperationID: "whoami", Method: http.MethodGet, Path: "/v1/whoami", Security: auth.Needs(), Tags: []string{"sessions"},
		Summary: "Show the bearer of the token",
	}, s.whoami)
	register(api, huma.Operation{
		OperationID: "rights", Method: http.MethodGet, Path: "/v1/subjects/{id}", Security: auth.Needs(), Tags: []string{"users"},
		Summary: "What a user may do, for services that act for them", Description: "Answers 403 to users. A user who was removed has no scopes.",
	}, s.rights)
	register(api, huma.Operation{
		OperationID: "change-password", Method: http.MethodPut, Path: "/v1/whoami/password", Security: auth.Needs(), Tags: []string{"sessions"},
		Summary: "Change your own password", Description: "Ends all of your sessions and personal access tokens.", DefaultStatus: http.StatusNoContent,
	}, s.changePassword)
}

type subjectInput struct {
	ID string `path:"id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a UUID" doc:"The subject of the user's tokens"`
}

type rightsOutput struct{ Body client.Rights }

// rights tells a service what a user may do for whom it acts later, without a token of theirs.
func (s *service) rights(ctx context.Context, in *subjectInput) (*rightsOutput, error) {
	if !principal(ctx).Service {
		return nil, problem.New(problem.Forbidden, "only service accounts may ask for the rights of others")
	}
	id, err := uuid.Parse(in.ID)
	if err != nil {
		return nil, err
	}
	user, err := s.store.Subject(ctx, id)
	if problem.Is(err, problem.NotFound) {
		err = nil // not 404, with which a version without this route answers, too
	}
	out := &rightsOutput{Body: client.Rights{Subject: in.ID, Scopes: []auth.Scope{}}}
	for _, role := range user.Roles {
		out.Body.Scopes = append(out.Body.Scopes, role.Scopes()...)
	}
	return out, err
}

func (s *service) whoami(ctx context.Context, _ *struct{}) (*identityOutput, error) {
	p := principal(ctx)
	out := &identityOutput{Body: client.Identity{
		Subject: p.Subject, Username: p.Name, Service: p.Service, Scopes: append([]auth.Scope{}, p.Scopes...),
		Roles: append([]auth.Role{}, p.Roles...), Expires: p.Expires.UTC(),
	}}
	id, personal := p.Personal()
	if !personal {
		return out, nil
	}
	// What expires is the personal token, not the access token that stands for it.
	user, err := uuid.Parse(p.Subject)
	if err != nil {
		return nil, err
	}
	all, err := s.store.PersonalTokens(ctx, user)
	for _, t := range all {
		if t.ID.String() == id {
			out.Body.Token, out.Body.Expires = id, wireTime(t.ExpiresAt)
		}
	}
	return out, err
}

func (s *service) changePassword(ctx context.Context, in *changePasswordInput) (*struct{}, error) {
	p := principal(ctx)
	if p.Service {
		return nil, problem.New(problem.Conflict, "a service account has a secret, not a password")
	}
	if _, personal := p.Personal(); personal {
		return nil, problem.New(problem.Conflict, "a personal access token changes no password: log in")
	}
	user, err := s.check(ctx, place{name: "session " + p.Session, known: true}, p.Name, in.Body.OldPassword)
	if problem.Is(err, problem.Unauthorized) {
		audit.Of(ctx).Refused = true
		return nil, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/old_password", Detail: "is not the password"})
	}
	if err != nil {
		return nil, err
	}
	if err := unguessable(in.Body.Password, p.Name); err != nil {
		return nil, err
	}
	hash, err := s.hasher.Hash(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if err := s.store.SetPassword(ctx, user.Name, hash, user.PasswordHash); err != nil {
		return nil, err
	}
	s.changed(ctx, "password changed", user.Name)
	return nil, nil
}
