package token

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
)

// NewSecret returns a random text of at least 128 bits, in capital letters and
// digits: a generated password, a client secret, a refresh token.
func NewSecret() string { return rand.Text() }

// Digest returns what is stored of a secret from NewSecret. A fast hash is enough,
// because such a secret cannot be guessed.
func Digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// SameDigest reports, in constant time, whether secret has the digest. An
// empty digest matches nothing.
func SameDigest(digest []byte, secret string) bool {
	return subtle.ConstantTimeCompare(digest, Digest(secret)) == 1
}
