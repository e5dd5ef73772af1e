package token

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id (RFC 9106), the minimum that OWASP's Password Storage
// Cheat Sheet recommends: 19 MiB of memory, two passes, one lane.
const (
	argonMemory = 19 << 10 // KiB
	argonPasses = 2
	argonLanes  = 1
	saltLength  = 16 // bytes
	hashLength  = 32 // bytes
)

// Cost is what a new hash takes.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32 // over the memory
}

// hash computes the argon2id hash of a password under a new salt, in the PHC
// string format: at argonMemory and argonPasses it takes about 30 ms and 19 MiB.
func hash(password string, cost Cost) string {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, cost.Passes, cost.Memory, argonLanes, hashLength)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.Memory, cost.Passes, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

// matches reports whether password has the hash. A hash that cannot be read
// matches nothing.
func matches(encoded, password string) bool {
	h, err := parseHash(encoded)
	if err != nil {
		return false
	}
	sum := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.sum)))
	return subtle.ConstantTimeCompare(sum, h.sum) == 1
}

// phc is a hash in parts.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

// parseHash reads the PHC string of an argon2id hash. Parameters of more than
// sixteen times ours are refused: they would exhaust the service.
func parseHash(encoded string) (phc, error) {
	var h phc
	var version int
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return h, errors.New("not an argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return h, fmt.Errorf("not version %d of argon2id", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return h, fmt.Errorf("bad parameters of argon2id: %w", err)
	}
	if h.memory > 16*argonMemory || h.passes < 1 || h.passes > 16*argonPasses || h.lanes < 1 || h.lanes > 16 {
		return h, errors.New("parameters of argon2id are out of range")
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return h, fmt.Errorf("bad salt: %w", err)
	}
	if h.sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return h, fmt.Errorf("bad sum: %w", err)
	}
	if len(h.sum) < 16 || len(h.sum) > 64 {
		return h, fmt.Errorf("sum of %d bytes", len(h.sum))
	}
	return h, nil
}
