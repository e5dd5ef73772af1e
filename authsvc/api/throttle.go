package api

import (
	"context"
	"math"
	"slices"
	"time"

	"foliocast/authsvc/client"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// Wrong passwords are counted for each account and place, never for an account or a
// place alone: a stranger could keep the owner of an account out, or everybody behind
// one address. Only when strangers guess one account from many places does each new
// place get fewer attempts, but always one.
var (
	usual    = store.Rate{Burst: 10, Every: 10 * time.Second}
	attacked = store.Rate{Burst: 2, Every: 10 * time.Minute}
)

// place is where a login comes from: a device that has a secret of an earlier login, or
// else a network.
type place struct {
	name     string
	known    bool // the user has logged in there before
	attacked bool // strangers are guessing the user's password
}

func (p place) rate() store.Rate {
	if p.attacked && !p.known {
		return attacked
	}
	return usual
}

// source is whose turn it is to have passwords checked.
func (p place) source(ctx context.Context) string {
	if p.known {
		return token.Known
	}
	return serve.Network(serve.Source(ctx))
}

// from finds out where a login of a user comes from.
func (s *service) from(ctx context.Context, name, device string) (place, error) {
	here := serve.Network(serve.Source(ctx))
	known, attacked, err := s.store.Places(ctx, name, []string{here, token.Device(device)})
	p := place{name: here, known: len(known) > 0, attacked: attacked}
	if slices.Contains(known, token.Device(device)) {
		p.name = token.Device(device)
	}
	return p, err
}

// take counts an attempt before its password is checked, so that many at once do not
// slip through. It returns how to take it back when it does not count.
func (s *service) take(ctx context.Context, name string, from place) (giveBack func(), err error) {
	wait, err := s.store.TakeAttempt(ctx, name, from.name, from.rate())
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		return nil, problem.Newf(problem.TooMany, "too many wrong passwords: try again in %.0f s", math.Ceil(wait.Seconds())).RetryAfter(wait)
	}
	counted := false
	if !from.known {
		if counted, err = s.store.TakeStranger(ctx, name); err != nil {
			return nil, err
		}
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		err := s.store.ReturnAttempt(ctx, name, from.name, from.rate())
		if err == nil && counted {
			err = s.store.ReturnStranger(ctx, name)
		}
		if err != nil {
			s.log.Warn("an attempt that does not count was not returned", "request_id", serve.RequestID(ctx), "err", err)
		}
	}, nil
}

// remember keeps where a user has logged in. It returns the secret of a new device, if
// the client asks for one and has none that is known.
func (s *service) remember(ctx context.Context, user store.User, from place, with client.Credentials) (device string, err error) {
	places := []string{serve.Network(serve.Source(ctx))}
	switch {
	case with.Device != "" && from.name == token.Device(with.Device):
		places = append(places, from.name)
	case with.Remember:
		device = token.NewSecret()
		places = append(places, token.Device(device))
	}
	return device, s.store.AddPlaces(ctx, user.ID, places...)
}
