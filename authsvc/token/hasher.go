package token

import (
	"context"
	"errors"
	"sync/atomic"
)

const (
	hashesAtOnce = 2  // each takes a core and 19 MiB
	hashesQueued = 64 // about a second of work
)

// ErrBusy says that too many passwords wait to be hashed.
var ErrBusy = errors.New("too many passwords are being checked")

// Hasher hashes and checks passwords, a few at once. Safe for concurrent use.
type Hasher struct {
	slots   chan struct{}
	waiting atomic.Int32
	dummy   string
}

// NewHasher returns a hasher that runs two hashes at once and lets 64 wait.
func NewHasher() *Hasher {
	return &Hasher{slots: make(chan struct{}, hashesAtOnce), dummy: hash(NewSecret())}
}

// Hash returns the argon2id hash of a password. The error is ErrBusy or that
// of ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return hash(password), nil
}

// Matches reports whether password has the hash. An empty hash, that of a user
// who does not exist, matches nothing and takes the same time. The error is
// ErrBusy or that of ctx.
func (h *Hasher) Matches(ctx context.Context, encoded, password string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	if encoded == "" {
		matches(h.dummy, password)
		return false, nil
	}
	return matches(encoded, password), nil
}

func (h *Hasher) enter(ctx context.Context) error {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > hashesQueued {
		return ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (h *Hasher) leave() { <-h.slots }
