package token

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"sync"
	"time"

	"foliocast/internal/auth"
)

// reloadPause is the least time between two loads for an unknown key.
const reloadPause = time.Second

// Ring holds the signing keys in memory. It is the identity service's own
// source of keys for the tokens that it takes itself. Safe for concurrent use.
type Ring struct {
	load func(context.Context) ([]Key, error)
	now  func() time.Time

	mu     sync.Mutex
	keys   []Key
	loaded time.Time
}

// NewRing returns an empty ring that loads its keys by load. The clock now is
// time.Now when it is nil.
func NewRing(load func(context.Context) ([]Key, error), now func() time.Time) *Ring {
	if now == nil {
		now = time.Now
	}
	return &Ring{load: load, now: now}
}

// Reload brings the ring up to date. On an error it keeps what it has.
func (r *Ring) Reload(ctx context.Context) error {
	keys, err := r.load(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys, r.loaded = keys, r.now()
	return nil
}

// errNoKey says that the ring was never loaded.
var errNoKey = errors.New("there is no signing key yet")

// current is the key that signs.
func (r *Ring) current() (Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := find(r.keys, Current); at >= 0 {
		return r.keys[at], nil
	}
	return Key{}, errNoKey
}

// Key returns the public key of an id, as an auth.KeySource. Another instance
// may have made the key, so an unknown one is looked for at most once a second.
func (r *Ring) Key(ctx context.Context, kid string) (*ecdsa.PublicKey, error) {
	key, old := r.find(kid)
	if key == nil && old {
		if err := r.Reload(ctx); err != nil {
			return nil, err
		}
		key, _ = r.find(kid)
	}
	if key == nil {
		return nil, auth.ErrUnknownKey
	}
	return key, nil
}

// find is the key of an id, or nil, and whether the ring may be loaded again.
func (r *Ring) find(kid string) (key *ecdsa.PublicKey, old bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.keys {
		if k.ID == kid {
			return &k.Private.PublicKey, false
		}
	}
	return nil, r.now().Sub(r.loaded) >= reloadPause
}

// JWKS is the public half of every key.
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
