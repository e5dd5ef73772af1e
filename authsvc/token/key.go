package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// State is a signing key's place in the rotation.
type State string

// The states, in the order in which a key passes through them. All are
// published.
const (
	Next     State = "next"     // published before it signs, so that verifiers know it by then
	Current  State = "current"  // signs
	Previous State = "previous" // no longer signs; its tokens are still valid
)

// Key is a key pair that signs access tokens.
type Key struct {
	ID      string // the "kid" of its tokens
	State   State
	Since   time.Time // when it entered its state
	Private *ecdsa.PrivateKey
}

// newKey generates a key on the curve P-256.
func newKey(state State, now time.Time) (Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("make signing key: %w", err)
	}
	return Key{ID: uuid.NewString(), State: state, Since: now, Private: private}, nil
}

// EncodeKey returns the private key as PKCS #8, for storage.
func EncodeKey(private *ecdsa.PrivateKey) ([]byte, error) {
	return x509.MarshalPKCS8PrivateKey(private)
}

// DecodeKey reads what EncodeKey wrote.
func DecodeKey(text []byte) (*ecdsa.PrivateKey, error) {
	key, err := x509.ParsePKCS8PrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("read signing key: %w", err)
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("read signing key: it is not on the curve P-256")
	}
	return private, nil
}
