package token

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foliocast/internal/auth"
)

const (
	reloadPause = time.Second     // minimum time between two loads for an unknown key
	reloadTime  = 5 * time.Second // of one such load
)

// Ring holds the signing keys in memory. It is the identity service's own
// source of keys for the tokens that it takes itself. Safe for concurrent use.
type Ring struct {
	load   func(context.Context) ([]Key, error)
	now    func() time.Time
	flight singleflight.Group

	mu    sync.Mutex
	keys  []Key
	tried time.Time // of the last load
	err   error     // of the last load
}

// NewRing returns an empty ring that loads its keys with load. A nil now means
// time.Now.
func NewRing(load func(context.Context) ([]Key, error), now func() time.Time) *Ring {
	if now == nil {
		now = time.Now
	}
	return &Ring{load: load, now: now}
}

// Reload loads the keys again. On an error the ring keeps the ones that it has.
func (r *Ring) Reload(ctx context.Context) error {
	keys, err := r.load(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried, r.err = r.now(), err
	if err == nil {
		r.keys = keys
	}
	return err
}

// errNoKey says that the ring was never loaded.
var errNoKey = errors.New("there is no signing key yet")

// current returns the key that signs.
func (r *Ring) current() (Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := find(r.keys, Current); at >= 0 {
		return r.keys[at], nil
	}
	return Key{}, errNoKey
}

// Key returns the public key with an id, as an auth.KeySource. Another instance may
// have added a key, so an unknown id makes the ring load the keys again: once for
// all callers that wait, and at most once a second, because anyone can send a token
// with an unknown id. When the last load failed, its error is returned for an
// unknown id.
func (r *Ring) Key(ctx context.Context, kid string) (*ecdsa.PublicKey, error) {
	key, old, err := r.find(kid)
	if !old {
		return key, err
	}
	done := r.flight.DoChan("", func() (any, error) {
		// The load that another caller waited for may have just ended.
		if _, old, _ := r.find(kid); !old {
			return nil, nil
		}
		// A caller that gives up must not end the load for the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reloadTime)
		defer cancel()
		return nil, r.Reload(ctx)
	})
	select {
	case <-done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	key, _, err = r.find(kid)
	return key, err
}

// find returns the key with an id. If there is none, the error says why, and old
// whether the ring may be loaded again.
func (r *Ring) find(kid string) (key *ecdsa.PublicKey, old bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.keys {
		if k.ID == kid {
			return &k.Private.PublicKey, false, nil
		}
	}
	return nil, r.now().Sub(r.tried) >= reloadPause, cmp.Or(r.err, auth.ErrUnknownKey)
}

// JWKS returns the public half of every key.
func (r *Ring) JWKS() (auth.JWKS, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := auth.JWKS{Keys: []auth.JWK{}}
	for _, k := range r.keys {
		jwk, err := auth.PublicJWK(k.ID, &k.Private.PublicKey)
		if err != nil {
			return auth.JWKS{}, err
		}
		set.Keys = append(set.Keys, jwk)
	}
	if len(set.Keys) == 0 {
		return auth.JWKS{}, errNoKey
	}
	return set, nil
}
