package auth

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"foliocast/internal/problem"
)

// KeySource finds the public key with an id. It returns ErrUnknownKey when the issuer has no such key, and another error
// when it cannot tell.
type KeySource interface {
	Key(ctx context.Context, kid string) (*ecdsa.PublicKey, error)
}

// ErrUnknownKey says that the issuer has no key with the id.
var ErrUnknownKey = errors.New("no such key")

// StaticKeys is a fixed set of keys by id.
type StaticKeys map[string]*ecdsa.PublicKey

// Key returns the key with the id.
func (s StaticKeys) Key(_ context.Context, kid string) (*ecdsa.PublicKey, error) {
	if key, ok := s[kid]; ok {
		return key, nil
	}
	return nil, ErrUnknownKey
}

const (
	keysFresh   = 5 * time.Minute // after which the keys are fetched again
	keysRetry   = time.Second     // least time between two fetches
	keysTimeout = 3 * time.Second // of one fetch
	maxKeySet   = 64 << 10        // bytes of a key set
)

// RemoteKeys is the key set that the identity service publishes, fetched when
// it is first needed and then every five minutes in the background. A token
// with an unknown key id fetches it at once, but not more often than once a
// second. While the identity service is unreachable, the last keys stay valid. Safe for
// concurrent use.
type RemoteKeys struct {
	url    string
	client *http.Client
	log    *slog.Logger
	now    func() time.Time
	flight singleflight.Group

	mu      sync.Mutex
	keys    map[string]*ecdsa.PublicKey // nil before the first success
	fetched time.Time                   // of the last success
	tried   time.Time                   // of the last attempt
	err     error                       // of the last attempt
}

// NewRemoteKeys reads the keys of the identity service at base, as in
// http://127.0.0.1:5000.
func NewRemoteKeys(base string, log *slog.Logger) *RemoteKeys {
	return &RemoteKeys{url: strings.TrimRight(base, "/") + "/.well-known/jwks.json", client: &http.Client{Timeout: keysTimeout}, log: log, now: time.Now}
}

// Key returns the key with the id. When no keys were ever fetched, or the id is unknown and the identity service does not
// answer, the error is not ErrUnknownKey.
func (r *RemoteKeys) Key(ctx context.Context, kid string) (*ecdsa.PublicKey, error) {
	key, fetch := r.cached(kid)
	if !fetch {
		if key == nil {
			return nil, r.unknown()
		}
		return key, nil
	}
	done := r.flight.DoChan("", func() (any, error) {
		// The fetch that another caller waited for may have just ended.
		if _, fetch := r.cached(kid); fetch {
			r.fetch()
		}
		return nil, nil
	})
	if key != nil {
		return key, nil
	}
	select {
	case <-done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	r.mu.Lock()
	key = r.keys[kid]
	r.mu.Unlock()
	if key == nil {
		return nil, r.unknown()
	}
	return key, nil
}

// Ready is nil once there are keys. It fetches them if there are none yet.
func (r *RemoteKeys) Ready(ctx context.Context) error {
	if _, err := r.Key(ctx, ""); !errors.Is(err, ErrUnknownKey) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.keys == nil {
			return err
		}
	}
	return nil
}

// cached is the key as it is known now, and whether it is time to fetch.
func (r *RemoteKeys) cached(kid string) (key *ecdsa.PublicKey, fetch bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key = r.keys[kid]
	now := r.now()
	if now.Sub(r.tried) < keysRetry {
		return key, false
	}
	return key, key == nil || now.Sub(r.fetched) >= keysFresh
}

// unknown is why an id has no key.
func (r *RemoteKeys) unknown() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return fmt.Errorf("fetch keys: %w", r.err)
	}
	return ErrUnknownKey
}

// fetch replaces the keys, or keeps them when that fails.
func (r *RemoteKeys) fetch() {
	keys, err := r.get()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried, r.err = r.now(), err
	if err != nil {
		r.log.Warn("keys not fetched", "url", r.url, "err", err)
		return
	}
	r.keys, r.fetched = keys, r.tried
}

func (r *RemoteKeys) get() (map[string]*ecdsa.PublicKey, error) {
	resp, err := r.client.Get(r.url)
	if err != nil {
		return nil, problem.Reason(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, problem.Read(resp)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet))
	if err != nil {
		return nil, err
	}
	return readJWKS(text)
}
