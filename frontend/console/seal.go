package console

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"foliocast/internal/auth"
)

// secret is what a browser's cookie says of a session. Nobody else has it: the database has a
// digest, and the session's tokens encrypted under a key that is made of the secret. So
// neither a copy of the database nor its digests sign anybody in.
type secret []byte

// secretBytes is the length of a secret.
const secretBytes = 32

func newSecret() secret {
	s := make(secret, secretBytes)
	rand.Read(s)
	return s
}

// parseSecret reads the value of a cookie.
func parseSecret(text string) (secret, bool) {
	s, err := base64.RawURLEncoding.DecodeString(text)
	return s, err == nil && len(s) == secretBytes
}

// String is the value of the cookie.
func (s secret) String() string { return base64.RawURLEncoding.EncodeToString(s) }

// id is the digest under which the session is kept.
func (s secret) id() []byte { return s.derive("foliocast console session id") }

// derive makes 32 bytes of the secret, others for each purpose.
func (s secret) derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, s, nil, purpose, sha256.Size)
	if err != nil {
		panic(err) // only a length that no hash has fails
	}
	return key
}

func (s secret) cipher() cipher.AEAD {
	block, err := aes.NewCipher(s.derive("foliocast console session tokens"))
	if err != nil {
		panic(err) // only another length of the key fails
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that GCM needs
	}
	return gcm
}

// tokens are those of a session.
type tokens struct {
	Refresh string                   `json:"refresh"`
	Access  map[auth.Audience]access `json:"access"`
}

// access is an access token for one service.
type access struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// seal encrypts tokens.
func (s secret) seal(t tokens) ([]byte, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode the tokens of a session: %w", err)
	}
	return s.cipher().Seal(nil, nil, text, nil), nil
}

// open decrypts what seal returned.
func (s secret) open(sealed []byte) (t tokens, err error) {
	text, err := s.cipher().Open(nil, nil, sealed, nil)
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		return t, fmt.Errorf("decrypt the tokens of a session: %w", err)
	}
	return t, nil
}
