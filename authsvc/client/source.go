package client

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// early is how long before its end an access token is replaced, at most; a
// short-lived one is replaced after half its life.
const early = time.Minute

// pause is how long the old token is used before the identity service, which
// could not be reached, is asked again.
const pause = 5 * time.Second

// Source keeps the access token of a service account fresh: it gets a new one
// before the old one expires, once for all callers that wait. While the identity
// service is unreachable, the old one is used until it expires. Safe for
// concurrent use.
type Source struct {
	from   *Client
	fetch  func(context.Context) (Tokens, error)
	now    func() time.Time
	flight singleflight.Group

	mu      sync.Mutex
	token   string
	renew   time.Time // when to get another
	expires time.Time
}

// ServiceTokens returns a source of a service's own tokens for another service. It
// gets them with client credentials from the identity service at base.
func ServiceTokens(base, id, secret string, to auth.Audience) *Source {
	s := &Source{from: New(base, nil), now: time.Now}
	s.fetch = func(ctx context.Context) (Tokens, error) {
		t, err := s.from.Credentials(ctx, id, secret, to)
		if problem.Is(err, problem.Unauthorized) {
			return t, problem.Newf(problem.Unauthorized,
				"the identity service at %s refuses the service account %q: make a new secret with \"authsvc service add %s\" and a --scope for each of its scopes, and restart this program with it",
				base, id, id).Because(err)
		}
		return t, err
	}
	return s
}

// Over makes the source ask over another transport. Call it before the first Token. It returns s.
func (s *Source) Over(transport http.RoundTripper) *Source {
	s.from = s.from.Over(transport)
	return s
}

var _ auth.TokenSource = (*Source)(nil)

// Token returns a token that is valid for at least some seconds.
func (s *Source) Token(ctx context.Context) (string, error) {
	if token, fresh := s.cached(); fresh {
		return token, nil
	}
	// A caller that gives up must not end the request for the others.
	done := s.flight.DoChan("", func() (any, error) {
		if token, fresh := s.cached(); fresh {
			return token, nil
		}
		return s.renewed(context.WithoutCancel(ctx))
	})
	select {
	case r := <-done:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// Forget drops a token that was refused.
func (s *Source) Forget(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token, s.renew, s.expires = "", time.Time{}, time.Time{}
	}
}

// cached returns the current token, and whether it need not be renewed yet.
func (s *Source) cached() (token string, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	return s.token, now.Before(s.renew) && now.Before(s.expires)
}

func (s *Source) renewed(ctx context.Context) (string, error) {
	begin := s.now()
	t, err := s.fetch(ctx)
	if err == nil {
		s.keep(t, begin)
		return t.AccessToken, nil
	}
	_, unreachable := errors.AsType[*problem.Unreachable](err)
	passing := unreachable || problem.Is(err, problem.Unavailable) || problem.Is(err, problem.TooMany)
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); passing && now.Before(s.expires) {
		s.renew = now.Add(pause)
		return s.token, nil
	}
	return "", err
}

func (s *Source) keep(t Tokens, issued time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	life := time.Duration(t.ExpiresIn) * time.Second
	s.token = t.AccessToken
	s.renew = issued.Add(life - min(early, life/2))
	s.expires = issued.Add(life)
}
