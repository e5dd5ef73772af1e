package console

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	authclient "foliocast/authsvc/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// mostLife is how long a session lasts that is in use: as long as the identity service
// keeps a refresh token that is not used.
const mostLife = 7 * 24 * time.Hour

// early is how long before its end an access token is replaced.
const early = time.Minute

// workTime bounds the work on tokens, which goes on when the browser hangs up: a refresh
// token whose successor is lost is one that was used.
const workTime = 20 * time.Second

// sessions are the people who are signed in at the console. Safe for concurrent use.
type sessions struct {
	identity string // address of the identity service
	others   http.RoundTripper
	open     *authclient.Client
	own      auth.TokenSource
	log      *slog.Logger
	life     store.ConsoleLife
	flight   singleflight.Group // by the digest of a session, and the service
	turns    [256]sync.Mutex    // by the first byte of the digest: see renewed
	store    atomic.Pointer[store.Store]
}

func newSessions(c Config) *sessions {
	return &sessions{identity: c.Identity, others: c.Others, open: authclient.New(c.Identity, nil).Over(c.Others), own: c.Own, log: c.Log, life: store.ConsoleLife{Idle: c.Idle, Most: mostLife}}
}

// errEnded says that there is no session, or none any more.
var errEnded = problem.New(problem.Unauthorized, "the session has ended: sign in again")

// kept is the store. The error is a problem while the service has not reached its database.
func (s *sessions) kept() (*store.Store, error) {
	if kept := s.store.Load(); kept != nil {
		return kept, nil
	}
	return nil, problem.New(problem.Unavailable, "the data service is starting: try again in a moment").RetryAfter(time.Second)
}

// begin checks a password at the identity service and begins a session. It returns its
// secret, and the secret of a new device.
func (s *sessions) begin(ctx context.Context, with authclient.Credentials) (secret, string, error) {
	kept, err := s.kept()
	if err != nil {
		return nil, "", err
	}
	if with.Token, err = s.own.Token(ctx); err != nil {
		s.log.Warn("a login counts for this service's address: it has no token to forward it with", "err", err)
	}
	given, err := s.open.LoginWith(ctx, with)
	if err != nil {
		return nil, "", outside(err)
	}
	// The access token of a login is for every service. What is kept here is exchanged for
	// tokens that are for one each.
	made := newSecret()
	sealed, err := made.seal(tokens{Refresh: given.RefreshToken})
	if err == nil {
		err = inside(kept.AddConsoleSession(ctx, made.id(), sealed))
	}
	return made, given.Device, err
}

// token returns an access token of a session for a service, which is valid for some seconds
// at least. The error is errEnded for a session that has ended.
func (s *sessions) token(ctx context.Context, of secret, to auth.Audience) (string, error) {
	_, have, err := s.look(ctx, of)
	if err != nil {
		return "", err
	}
	if a := have.Access[to]; time.Until(a.Expires) > early {
		return a.Token, nil
	}
	// A browser that hangs up must not end the exchange for the others.
	done := s.flight.DoChan(string(of.id())+string(to), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), workTime)
		defer cancel()
		return s.renewed(ctx, of, to)
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

// look reads a session.
func (s *sessions) look(ctx context.Context, of secret) (seen store.ConsoleSession, have tokens, err error) {
	kept, err := s.kept()
	if err != nil {
		return seen, have, err
	}
	seen, found, err := kept.FindConsoleSession(ctx, of.id(), s.life)
	if err != nil {
		return seen, have, inside(err)
	}
	if !found {
		return seen, have, errEnded
	}
	have, err = of.open(seen.Sealed)
	return seen, have, err
}

// renewed exchanges the refresh token of a session for an access token. Two processes may do
// so at once: the identity service gives both the same successor, and the one whose turn comes later takes what the
// first has kept. In one process a session takes turns: a third use of a refresh token, after its successor was used, would count as theft.
func (s *sessions) renewed(ctx context.Context, of secret, to auth.Audience) (string, error) {
	turn := &s.turns[of.id()[0]]
	turn.Lock()
	defer turn.Unlock()
	for {
		seen, have, err := s.look(ctx, of)
		if err != nil {
			return "", err
		}
		old := have.Access[to]
		if time.Until(old.Expires) > early {
			return old.Token, nil
		}
		begin := time.Now()
		given, err := s.open.Refresh(ctx, have.Refresh, to)
		switch {
		case problem.Is(err, problem.Unauthorized):
			s.forget(ctx, of)
			return "", errEnded
		case problem.Is(err, problem.Forbidden):
			return "", problem.New(problem.Forbidden, "your roles have no right at this service")
		case err != nil && time.Until(old.Expires) > 5*time.Second:
			s.log.Warn("tokens not renewed, the old one is used", "err", err)
			return old.Token, nil
		case err != nil:
			return "", outside(err)
		}
		next := tokens{Refresh: given.RefreshToken, Access: maps.Clone(have.Access)}
		if next.Access == nil {
			next.Access = map[auth.Audience]access{}
		}
		next.Access[to] = access{Token: given.AccessToken, Expires: begin.Add(time.Duration(given.ExpiresIn) * time.Second)}
		if renewed, err := s.keep(ctx, of, seen, next); err != nil || renewed {
			return given.AccessToken, err
		}
	}
}

func (s *sessions) keep(ctx context.Context, of secret, seen store.ConsoleSession, next tokens) (bool, error) {
	kept, err := s.kept()
	if err != nil {
		return false, err
	}
	sealed, err := of.seal(next)
	if err != nil {
		return false, err
	}
	renewed, err := kept.RenewConsoleSession(ctx, of.id(), seen, sealed)
	return renewed, inside(err)
}

// end ends a session here and at the identity service. Where that does not answer, its
// session lives until its refresh token expires, which nobody has any more.
func (s *sessions) end(ctx context.Context, of secret) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), workTime)
	defer cancel()
	token, err := s.token(ctx, of, auth.Authsvc)
	if err == nil {
		err = authclient.New(s.identity, auth.Static(token)).Over(s.others).Logout(ctx)
	}
	if err != nil && !errors.Is(err, errEnded) {
		s.log.Warn("the identity service was not told of the end of a session", "err", err)
	}
	s.forget(ctx, of)
}

// forget removes what is kept of a session.
func (s *sessions) forget(ctx context.Context, of secret) {
	kept, err := s.kept()
	if err == nil {
		err = kept.EndConsoleSession(ctx, of.id())
	}
	if err != nil {
		s.log.Warn("a session of the console was not removed", "err", err)
	}
}

// outside makes a problem of the silence of the identity service.
func outside(err error) error {
	if p := problem.Answered(err); p != nil && p.Status < 500 {
		return p
	}
	return problem.New(problem.Unavailable, "the identity service does not answer: try again in a few seconds").RetryAfter(5 * time.Second).Because(err)
}

// inside makes a problem of the silence of the database.
func inside(err error) error {
	if err == nil || !postgres.Unavailable(err) {
		return err
	}
	return problem.New(problem.Unavailable, "the data service cannot reach its database: try again in a moment").RetryAfter(time.Second).Because(err)
}
