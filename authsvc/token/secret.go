package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"

	"foliocast/internal/auth"
)

// NewSecret returns a random text of at least 128 bits, in capital letters and
// digits: a generated password, a refresh token.
func NewSecret() string { return rand.Text() }

// NewPersonal returns a personal access token.
func NewPersonal() string { return auth.Marked(auth.PersonalPrefix, rand.Text()) }

// NewClientSecret returns the secret of a service account.
func NewClientSecret() string { return auth.Marked(auth.SecretPrefix, rand.Text()) }

// Successor returns the refresh token that follows another, under a salt that only
// the store knows: neither the old token nor the store alone gives it.
func Successor(token string, salt []byte) string {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(token))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil))
}

// Digest returns what is stored of a secret that was generated here. A fast hash is enough:
// the secret has 128 random bits, so that nobody finds it by trying, however fast.
func Digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Device returns what is stored of the secret of a device, as a place where its user has
// logged in.
func Device(secret string) string { return "device " + hex.EncodeToString(Digest(secret)) }

// SameDigest reports, in constant time, whether secret has the digest. An
// empty digest matches nothing.
func SameDigest(digest []byte, secret string) bool {
	return subtle.ConstantTimeCompare(digest, Digest(secret)) == 1
}
