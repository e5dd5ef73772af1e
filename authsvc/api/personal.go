package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

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

// usualLife is how long a personal access token lives that does not say.
const usualLife = 90 * 24 * time.Hour

type personalTokensOutput struct{ Body client.PersonalTokens }

type addPersonalTokenInput struct{ Body client.NewPersonalToken }

type addPersonalTokenOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         client.AddedPersonalToken
}

type endPersonalTokenInput struct {
	ID string `path:"id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a UUID"`
}

func (s *service) registerPersonal(api huma.API) {
	register(api, huma.Operation{
		OperationID: "list-tokens", Method: http.MethodGet, Path: "/v1/tokens", Security: auth.Needs(), Tags: []string{"tokens"},
		Summary: "Your personal access tokens, the latest first", Description: "Those that have expired are listed for 30 days.",
	}, s.personalTokens)
	register(api, huma.Operation{
		OperationID: "add-token", Method: http.MethodPost, Path: "/v1/tokens", Security: auth.Needs(), Tags: []string{"tokens"},
		Summary:     "Make a personal access token",
		Description: "Programs send it as Authorization: Bearer to every service, until it expires or you end it. It has those of its scopes that you have at the time. It ends when your password changes. The answer shows it, only once.", DefaultStatus: http.StatusCreated,
	}, s.addPersonalToken)
	register(api, huma.Operation{
		OperationID: "end-token", Method: http.MethodDelete, Path: "/v1/tokens/{id}", Security: auth.Needs(), Tags: []string{"tokens"},
		Summary: "End a personal access token", Description: "Every service refuses it within ten seconds. A token may end itself.", DefaultStatus: http.StatusNoContent,
	}, s.endPersonalToken)
}

// owner returns the user who is logged in, and their session. A token must not make others,
// which would outlive it.
func owner(ctx context.Context) (user, session uuid.UUID, err error) {
	p := principal(ctx)
	if p.Service {
		return user, session, problem.New(problem.Conflict, "a service account has a secret, and no tokens of its own")
	}
	if _, ok := p.Personal(); ok {
		return user, session, problem.New(problem.Conflict, "a personal access token manages no tokens: log in with your password")
	}
	user, err1 := uuid.Parse(p.Subject)
	session, err2 := uuid.Parse(p.Session)
	return user, session, errors.Join(err1, err2)
}

func personalWire(t store.PersonalToken) client.PersonalToken {
	return client.PersonalToken{ID: t.ID.String(), Name: t.Name, Scopes: t.Scopes, CreatedAt: wireTime(t.CreatedAt), ExpiresAt: wireTime(t.ExpiresAt), UsedAt: wireTimeOrZero(t.UsedAt)}
}

func wireTime(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func (s *service) personalTokens(ctx context.Context, _ *struct{}) (*personalTokensOutput, error) {
	user, _, err := owner(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.store.PersonalTokens(ctx, user)
	if err != nil {
		return nil, err
	}
	out := &personalTokensOutput{Body: client.PersonalTokens{Tokens: []client.PersonalToken{}, Most: s.tokens.Most, Life: int64(s.tokens.Life.Seconds())}}
	for _, t := range found {
		out.Body.Tokens = append(out.Body.Tokens, personalWire(t))
	}
	out.Body.Before = out.Body.Tokens
	return out, nil
}

func (s *service) addPersonalToken(ctx context.Context, in *addPersonalTokenInput) (*addPersonalTokenOutput, error) {
	_, session, err := owner(ctx)
	if err != nil {
		return nil, err
	}
	life := min(usualLife, s.tokens.Life)
	if asked := in.Body.ExpiresIn; asked > int64(s.tokens.Life.Seconds()) {
		return nil, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/expires_in",
			Detail: "must be at most " + strconv.FormatInt(int64(s.tokens.Life.Seconds()), 10) + ": no token lives longer than " + days(s.tokens.Life)})
	} else if asked > 0 {
		life = time.Duration(asked) * time.Second
	}
	text := token.NewPersonal()
	added, err := s.store.AddPersonalToken(ctx, session, store.NewPersonalToken{
		Name: in.Body.Name, Digest: token.Digest(text), Scopes: in.Body.Scopes, Life: life, Most: s.tokens.Most})
	if fault, ok := errors.AsType[*store.NotAllowed](err); ok {
		return nil, problem.New(problem.Invalid, "a token cannot have more rights than you", problem.Fault{
			Pointer: "/scopes/" + strconv.Itoa(fault.Index), Detail: "is a right that you do not have"})
	}
	if err != nil {
		return nil, err
	}
	p := principal(ctx)
	s.log.Info("token added", "request_id", serve.RequestID(ctx), "user", p.Name, "token", added.ID, "scope", auth.JoinScopes(added.Scopes))
	return &addPersonalTokenOutput{CacheControl: noStore, Body: client.AddedPersonalToken{PersonalToken: personalWire(added), Token: text}}, nil
}

// days says how long a time is.
func days(d time.Duration) string {
	if d < 48*time.Hour {
		return d.String()
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " days"
}

func (s *service) endPersonalToken(ctx context.Context, in *endPersonalTokenInput) (*struct{}, error) {
	p := principal(ctx)
	id, err := uuid.Parse(in.ID)
	if err != nil {
		return nil, err
	}
	user, err := uuid.Parse(p.Subject)
	if itself, personal := p.Personal(); !personal || itself != in.ID {
		user, _, err = owner(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.log.Info("token ended", "request_id", serve.RequestID(ctx), "user", p.Name, "token", id)
	return nil, s.store.EndPersonalToken(ctx, user, id)
}

// use finds what a personal access token is worth now.
func (s *service) use(ctx context.Context, personal string) (store.Grant, error) {
	if !auth.Intact(auth.PersonalPrefix, personal) {
		return store.Grant{}, auth.NotIssued()
	}
	grant, ok, err := s.store.UsePersonalToken(ctx, token.Digest(personal))
	if err == nil && !ok {
		err = auth.NotIssued()
	}
	return grant, err
}

// standIn returns an access token for every service that stands for a personal one, which was
// sent to this service itself.
func (s *service) standIn(ctx context.Context, personal string) (string, error) {
	grant, err := s.use(ctx, personal)
	if err != nil {
		return "", err
	}
	access, err := s.issuer.Personal(grant.ID, grant.UserID, grant.SessionID, grant.Name, grant.Scopes(), auth.AllAudiences(), grant.ExpiresAt)
	return access.Text, err
}

// exchange is RFC 8693: the services exchange the personal access tokens that they are sent
// for access tokens of a few minutes. A token without a right at the service is exchanged,
// too: the service says what it lacks.
func (s *service) exchange(ctx context.Context, form url.Values) (*tokensOutput, error) {
	if form.Get("subject_token") == "" || form.Get("subject_token_type") != auth.AccessTokenType {
		return nil, oauth(invalidRequest, "subject_token is missing, or its subject_token_type is not "+auth.AccessTokenType)
	}
	grant, err := s.use(ctx, form.Get("subject_token"))
	if bad, ok := errors.AsType[*auth.BadToken](err); ok {
		audit.Of(ctx).Refused = true
		return nil, oauth(invalidRequest, bad.Error()) // RFC 8693, section 2.2.2
	}
	if err != nil {
		return nil, err
	}
	scopes, err := narrow(form, grant.Scopes())
	if err != nil {
		return nil, err
	}
	to := auth.Audiences(scopes)
	if form.Has("resource") {
		to = []auth.Audience{auth.Audience(form.Get("resource"))}
		if !to[0].Known() {
			return nil, noService()
		}
		scopes = to[0].At(scopes)
	}
	access, err := s.issuer.Personal(grant.ID, grant.UserID, grant.SessionID, grant.Name, scopes, to, grant.ExpiresAt)
	if err != nil {
		return nil, err
	}
	return &tokensOutput{CacheControl: noStore, Body: client.Tokens{AccessToken: access.Text, IssuedType: auth.AccessTokenType, TokenType: "Bearer",
		ExpiresIn: int(access.Life.Seconds()), Scope: auth.JoinScopes(scopes), Username: grant.Name}}, nil
}
