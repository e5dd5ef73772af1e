package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/audit"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// noStore keeps tokens and passwords out of caches (RFC 6749, section 5.1).
const noStore = "no-store"

type loginInput struct {
	Authorization string `header:"Authorization" hidden:"true"`
	Source        string `header:"X-Login-Source" doc:"The address of the person's machine, from a service that has the right logins:forward and sends its access token"`
	Body          client.Credentials
}

type tokensOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         client.Tokens
}

func (s *service) registerLogin(api huma.API) {
	register(api, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/v1/login", Security: auth.Public(), Tags: []string{"sessions"},
		Summary: "Log a person in", Metadata: map[string]any{serve.Faults: []int{http.StatusUnauthorized, http.StatusForbidden}}, Description: "Begins a session. Wrong passwords are counted for each account and address. With remember, the answer has a device: sent with later logins, it keeps the wrong passwords of others from counting.",
	}, s.login)
	register(api, huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: "/v1/logout", Security: auth.Needs(), Tags: []string{"sessions"},
		Summary: "End the session of the token", DefaultStatus: http.StatusNoContent,
	}, s.logout)
}

func (s *service) login(ctx context.Context, in *loginInput) (*tokensOutput, error) {
	ctx, err := s.forwarded(ctx, in)
	if err != nil {
		return nil, err
	}
	name := in.Body.Username
	from, err := s.from(ctx, name, in.Body.Device)
	if err != nil {
		return nil, err
	}
	user, err := s.check(ctx, from, name, in.Body.Password)
	if err != nil {
		return nil, err
	}
	refresh := token.NewSecret()
	session, err := s.store.AddSession(ctx, user, token.Digest(refresh))
	if errors.Is(err, store.ErrNoSession) {
		return nil, wrongPassword()
	}
	if err != nil {
		return nil, err
	}
	s.log.Info("logged in", "request_id", serve.RequestID(ctx), "user", user.Name, "session", session.ID)
	scopes := session.Allowed()
	out, err := s.sessionTokens(session, refresh, scopes, auth.Audiences(scopes))
	if err == nil {
		out.Body.Device, err = s.remember(ctx, user, from, in.Body)
	}
	return out, err
}

// forwarded returns the context of a login that a service forwards: wrong passwords count for
// the person's machine, and not for the service, where they would be in everybody's way. Only
// a token says that it may, because others share addresses with the service. A login with
// any other token counts for where it comes from.
func (s *service) forwarded(ctx context.Context, in *loginInput) (context.Context, error) {
	if in.Authorization == "" || in.Source == "" {
		return ctx, nil
	}
	p, err := s.verifier.Bearer(ctx, in.Authorization)
	if problem.Is(err, problem.Unauthorized) {
		return ctx, nil
	}
	if err != nil {
		return ctx, err
	}
	alive, err := s.store.Live(ctx, p)
	if err != nil || !alive || !p.May(auth.LoginsForward) {
		return ctx, err
	}
	ctx = serve.WithSource(ctx, in.Source)
	audit.Of(ctx).Source = serve.Source(ctx)
	return ctx, nil
}

// check returns the user who has the name and the password. An unknown name takes
// as long as a wrong password and gets the same answer.
func (s *service) check(ctx context.Context, from place, name, password string) (store.User, error) {
	giveBack, err := s.take(ctx, name, from)
	if err != nil {
		return store.User{}, err
	}
	user, err := s.store.User(ctx, name)
	if err != nil && !problem.Is(err, problem.NotFound) {
		giveBack()
		return store.User{}, err
	}
	if err == nil { // else what was typed as a name may be a password
		audit.Of(ctx).Object = audit.Object{Kind: "user", ID: user.Name}
	}
	ok, err := s.hasher.Matches(ctx, from.source(ctx), user.PasswordHash, password)
	if err != nil || ok {
		giveBack()
	}
	if err != nil {
		return store.User{}, err
	}
	if !ok {
		s.log.Warn("wrong password", "request_id", serve.RequestID(ctx), "source", serve.Source(ctx), "user_id", user.ID)
		return store.User{}, wrongPassword()
	}
	return user, nil
}

func wrongPassword() error {
	return problem.New(problem.Unauthorized, "the username or the password is wrong").With("WWW-Authenticate", `Bearer realm="foliocast"`)
}

// sessionTokens returns the answer with the tokens of a session: an access token with the
// scopes, for the services to.
func (s *service) sessionTokens(session store.Session, refresh string, scopes []auth.Scope, to []auth.Audience) (*tokensOutput, error) {
	access, err := s.issuer.Person(session.UserID, session.ID, session.Name, session.Roles, scopes, to)
	if err != nil {
		return nil, err
	}
	return &tokensOutput{CacheControl: noStore, Body: client.Tokens{
		AccessToken: access.Text, TokenType: "Bearer", ExpiresIn: int(access.Life.Seconds()),
		RefreshToken: refresh, Scope: auth.JoinScopes(scopes), Username: session.Name, Roles: session.Roles,
	}}, nil
}

func (s *service) logout(ctx context.Context, _ *struct{}) (*struct{}, error) {
	p := principal(ctx)
	if _, personal := p.Personal(); personal {
		return nil, problem.New(problem.Conflict, "a personal access token has no session: end the token")
	}
	session, err := uuid.Parse(p.Session)
	if err != nil || p.Service {
		return nil, problem.New(problem.Conflict, "a service account has no session to end: its tokens end by themselves")
	}
	s.log.Info("logged out", "request_id", serve.RequestID(ctx), "user", p.Name, "session", session)
	return nil, s.store.Logout(ctx, session)
}
