package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// sealKeyLength is that of AES-256, in bytes.
const sealKeyLength = 32

// Sealer encrypts private keys for storage, with AES-256-GCM under keys that are not
// stored beside them. Each ciphertext holds for the id of its private key only. A nil
// Sealer does not encrypt. Safe for concurrent use.
type Sealer struct {
	current string
	keys    map[string]cipher.AEAD // by id
}

// NewSealKey returns a new key as a line of text.
func NewSealKey() string {
	key := make([]byte, sealKeyLength)
	rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}

// ReadSealer reads one key a line. The first one encrypts; the others only decrypt what
// was encrypted before they were replaced.
func ReadSealer(text string) (*Sealer, error) {
	s := &Sealer{keys: map[string]cipher.AEAD{}}
	for line := range strings.FieldsSeq(text) {
		key, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(key) != sealKeyLength {
			return nil, fmt.Errorf("key %d is not %d bytes in base64", len(s.keys)+1, sealKeyLength)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(key)
		id := hex.EncodeToString(sum[:8])
		s.keys[id] = gcm
		if s.current == "" {
			s.current = id
		}
	}
	if len(s.keys) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return s, nil
}

// Current returns the id of the key that encrypts, or "".
func (s *Sealer) Current() string {
	if s == nil {
		return ""
	}
	return s.current
}

// about binds a ciphertext to the id of its private key.
func about(id string) []byte { return []byte("foliocast signing key " + id) }

// Seal encrypts the private key with an id under the current key.
func (s *Sealer) Seal(id string, private []byte) []byte {
	if s == nil {
		return private
	}
	return s.keys[s.current].Seal(nil, nil, private, about(id))
}

// Open decrypts what Seal returned when the current key was the one with the id with;
// "" means that it was not encrypted.
func (s *Sealer) Open(id, with string, sealed []byte) ([]byte, error) {
	if with == "" {
		return sealed, nil
	}
	if s == nil || s.keys[with] == nil {
		return nil, fmt.Errorf("the signing keys are encrypted under the key %s, which FOLIOCAST_KEY_ENCRYPTION_FILE does not have: give the right file, or make new signing keys with \"authsvc key reset\"", with)
	}
	private, err := s.keys[with].Open(nil, nil, sealed, about(id))
	if err != nil {
		return nil, fmt.Errorf("decrypt signing key %s: %w", id, err)
	}
	return private, nil
}
