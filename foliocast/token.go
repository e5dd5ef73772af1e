package foliocast

import (
	"context"
	"maps"
	"net/http"
	"time"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// early is how long before its end an access token is replaced.
const early = 30 * time.Second

// source holds the session with one identity service and gives its access tokens for
// one service. Only one process at a time refreshes them: a refresh token works once,
// and its second use would end the session.
type source struct {
	vault vault
	given string // a token to use instead of the session; may be empty
	auth  string
	to    auth.Audience
	now   func() time.Time

	over   http.RoundTripper // to the identity service; nil means http.DefaultTransport
	caFile string            // whose authorities it trusts; empty means those of the system

	// renewal gets a new token in place of this process, which may end at any moment; nil means that it gets its tokens itself.
	renewal func(ctx context.Context, s source) error
}

// at returns the source of tokens for another service, from the same session.
func (s source) at(to auth.Audience) source {
	s.to = to
	return s
}

var _ auth.TokenSource = source{}

// Token returns an access token that is valid for a while, and refreshes the
// session for one where needed.
func (s source) Token(ctx context.Context) (string, error) {
	if s.given != "" {
		return s.given, nil
	}
	all, err := s.vault.read()
	if err != nil {
		return "", err
	}
	mine, ok := all.ByAuth[s.auth]
	if !ok {
		return "", s.notSignedIn()
	}
	if mine.Personal != "" {
		return mine.Personal, nil
	}
	if s.fresh(mine) {
		return mine.Access[s.to].Token, nil
	}
	if s.renewal == nil {
		return s.refresh(ctx)
	}
	if err := s.renewal(ctx, s); err != nil {
		return "", err
	}
	s.renewal = func(context.Context, source) error { return s.notSignedIn() } // once is enough
	return s.Token(ctx)
}

// Forget drops an access token that was refused: the next call refreshes.
func (s source) Forget(token string) {
	if s.given != "" || s.renewal != nil {
		return // it writes nothing
	}
	_ = s.vault.change(func(all *sessions) error {
		if mine := all.ByAuth[s.auth]; mine.Access[s.to].Token == token {
			delete(mine.Access, s.to)
		}
		return nil
	})
}

func (s source) fresh(mine session) bool {
	return s.now().Before(mine.Access[s.to].ExpiresAt.Add(-early))
}

func (s source) refresh(ctx context.Context) (string, error) {
	token := ""
	var ended error
	err := s.vault.change(func(all *sessions) error {
		mine, ok := all.ByAuth[s.auth]
		if !ok {
			return s.notSignedIn()
		}
		if s.fresh(mine) { // another process has refreshed it
			token = mine.Access[s.to].Token
			return nil
		}
		begin := s.now()
		t, err := client.New(s.auth, nil).Over(s.over).Refresh(ctx, mine.RefreshToken, s.to)
		switch {
		case problem.Is(err, problem.Unauthorized):
			delete(all.ByAuth, s.auth)
			ended = problem.Newf(problem.Unauthorized, "your session at %s has ended", s.auth)
			return nil
		case err != nil:
			if old := mine.Access[s.to]; s.now().Before(old.ExpiresAt) {
				token = old.Token // still valid for some seconds
				return nil
			}
			return err
		}
		token = t.AccessToken
		all.ByAuth[s.auth] = mine.renewed(t, s.to, begin)
		return nil
	})
	if ended != nil {
		err = ended
	}
	return token, err
}

// renewed is the session with the tokens for a service that were asked for at begin.
func (m session) renewed(t client.Tokens, to auth.Audience, begin time.Time) session {
	m.RefreshToken = t.RefreshToken
	m.Access = maps.Clone(m.Access)
	if m.Access == nil {
		m.Access = map[auth.Audience]access{}
	}
	m.Access[to] = access{t.AccessToken, begin.Add(time.Duration(t.ExpiresIn) * time.Second).UTC()}
	return m
}

func (s source) notSignedIn() error {
	return problem.Newf(problem.Unauthorized, "you are not signed in at %s", s.auth)
}
