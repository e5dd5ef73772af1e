package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// JWKS is a set of public keys as it goes over the wire (RFC 7517).
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWK is one public key (RFC 7517; RFC 7518, section 6.2).
type JWK struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use,omitzero"`
	Algorithm string `json:"alg,omitzero"`
	KeyID     string `json:"kid"`
	Curve     string `json:"crv,omitzero"`
	X         string `json:"x,omitzero"`
	Y         string `json:"y,omitzero"`
}

// coordinate is the length of a coordinate on P-256, in bytes.
const coordinate = 32

// PublicJWK is the wire form of a public key on P-256 under an id.
func PublicJWK(kid string, key *ecdsa.PublicKey) (JWK, error) {
	point, err := key.Bytes()
	if err != nil {
		return JWK{}, fmt.Errorf("key %s: %w", kid, err)
	}
	if len(point) != 1+2*coordinate {
		return JWK{}, fmt.Errorf("key %s is not on the curve P-256", kid)
	}
	return JWK{
		KeyType: "EC", Use: "sig", Algorithm: "ES256", KeyID: kid, Curve: "P-256",
		X: base64.RawURLEncoding.EncodeToString(point[1 : 1+coordinate]),
		Y: base64.RawURLEncoding.EncodeToString(point[1+coordinate:]),
	}, nil
}

// errOtherKey is a well-formed key that cannot verify ES256.
var errOtherKey = errors.New("not a key for ES256")

// publicKey reads the key, or returns errOtherKey.
func (k JWK) publicKey() (*ecdsa.PublicKey, error) {
	if k.KeyType != "EC" || k.Curve != "P-256" || k.KeyID == "" ||
		k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != "ES256" {
		return nil, errOtherKey
	}
	x, err := base64.RawURLEncoding.DecodeString(k.X)
	if err != nil || len(x) != coordinate {
		return nil, fmt.Errorf("key %q: x is not a coordinate on P-256", k.KeyID)
	}
	y, err := base64.RawURLEncoding.DecodeString(k.Y)
	if err != nil || len(y) != coordinate {
		return nil, fmt.Errorf("key %q: y is not a coordinate on P-256", k.KeyID)
	}
	point := append(append([]byte{4}, x...), y...)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", k.KeyID, err)
	}
	return key, nil
}

// readJWKS reads a key set. Keys for other algorithms are passed over, as RFC
// 7517 section 5 asks; a damaged key, or a set without any key for ES256, is
// an error.
func readJWKS(text []byte) (map[string]*ecdsa.PublicKey, error) {
	var set JWKS
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, k := range set.Keys {
		key, err := k.publicKey()
		if errors.Is(err, errOtherKey) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read key set: %w", err)
		}
		keys[k.KeyID] = key
	}
	if len(keys) == 0 {
		return nil, errors.New("read key set: it has no key for ES256")
	}
	return keys, nil
}
