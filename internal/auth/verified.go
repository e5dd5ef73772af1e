package auth

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"sync"
	"time"
)

// maxVerified bounds how many verified tokens are remembered.
const maxVerified = 4096

// verified remembers tokens whose signature was checked, by hash and until
// they expire: checking takes about 100 µs, and a client sends the same token
// for ten minutes.
type verified struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]entry
}

// entry is a verified token: whom it speaks for, and the key that it was
// checked with.
type entry struct {
	principal Principal
	kid       string
	key       *ecdsa.PublicKey
}

func newVerified() *verified {
	return &verified{tokens: map[[sha256.Size]byte]entry{}}
}

func (v *verified) get(token string, now time.Time) (entry, bool) {
	hash := sha256.Sum256([]byte(token))
	v.mu.Lock()
	defer v.mu.Unlock()
	e, ok := v.tokens[hash]
	if ok && !now.Before(e.principal.Expires) {
		delete(v.tokens, hash)
		return entry{}, false
	}
	return e, ok
}

func (v *verified) put(token string, e entry, now time.Time) {
	hash := sha256.Sum256([]byte(token))
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.tokens) >= maxVerified {
		forget(v.tokens, func(e entry) bool { return !now.Before(e.principal.Expires) })
	}
	v.tokens[hash] = e
}
