package client

import (
	"context"
	"errors"
	"fmt"
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
// was away, is asked again.
const pause = 5 * time.Second

// Source keeps an access token fresh: it gets a new one before the old one
// ends, once for however many callers. While the identity service is away, the
// old one is used to its end. Safe for concurrent use.
type Source struct {
	fetch  func(context.Context) (Tokens, error)
	now    func() time.Time
	flight singleflight.Group

	mu      sync.Mutex
	token   string
	renew   time.Time // get another from here on
	expires time.Time
}

// ServiceTokens is the source of a service's own tokens, by client credentials
// at the identity service at base.
func ServiceTokens(base, id, secret string) *Source {
	c := New(base, nil)
	return &Source{now: time.Now, fetch: func(ctx context.Context) (Tokens, error) {
		t, err := c.Credentials(ctx, id, secret)
		if problem.Is(err, problem.Unauthorized) {
			return t, problem.Newf(problem.Unauthorized,
				"the identity service at %s refuses the service account %q: make a new secret with \"authsvc service add %s\" and a --scope for each of its rights, and start this program with it",
				base, id, id).Because(err)
		}
		return t, err
	}}
}

// SessionTokens is the source of a person's tokens: it begins with those of a
// login, and refreshes them at the identity service at base. It calls changed
// with the new tokens, before it uses them, so that they can be kept for the
// next start; nil keeps them in memory only.
func SessionTokens(base string, from Tokens, issued time.Time, changed func(Tokens) error) *Source {
	c := New(base, nil)
	s := &Source{now: time.Now}
	refresh := from.RefreshToken
	s.fetch = func(ctx context.Context) (Tokens, error) {
		t, err := c.Refresh(ctx, refresh)
		if err != nil {
			return t, err
		}
		refresh = t.RefreshToken
		if changed != nil {
			if err := changed(t); err != nil {
				return t, fmt.Errorf("keep the new tokens: %w", err)
			}
		}
		return t, nil
	}
	s.keep(from, issued)
	return s
}

var _ auth.TokenSource = (*Source)(nil)

// Token is a token that holds for some seconds at least.
func (s *Source) Token(ctx context.Context) (string, error) {
	if token, fresh := s.cached(); fresh {
		return token, nil
	}
	// One caller that gives up must not end the request of the others.
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

// cached is the token at hand, and whether it is not yet time for another.
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
	_, away := errors.AsType[*problem.Unreachable](err)
	away = away || problem.Is(err, problem.Unavailable) || problem.Is(err, problem.TooMany)
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); away && now.Before(s.expires) {
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
