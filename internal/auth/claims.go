package auth

import (
	"crypto/ecdsa"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"foliocast/internal/problem"
)

// DefaultIssuer is the issuer in tokens unless a setting names another. It is
// a name that must be equal on both sides, not an address that is called.
const DefaultIssuer = "http://127.0.0.1:5000"

// tokenType is the "typ" of an access token (RFC 9068, section 2.1).
const tokenType = "at+jwt"

// Claims is what an access token says (RFC 9068, section 2.2). All but
// Session, Name and Roles are required.
type Claims struct {
	jwt.RegisteredClaims
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
	Session  string `json:"sid,omitzero"`
	Name     string `json:"name,omitzero"`
	Roles    []Role `json:"roles,omitzero"`
}

// Validate reports each required claim that is missing, and text that nobody can
// keep. The parser calls it in addition to its own checks.
func (c Claims) Validate() error {
	var errs []error
	for _, claim := range []struct{ name, value string }{
		{"sub", c.Subject}, {"jti", c.ID}, {"client_id", c.ClientID},
	} {
		if claim.value == "" {
			errs = append(errs, fmt.Errorf("%w: %s", jwt.ErrTokenRequiredClaimMissing, claim.name))
		}
	}
	for _, text := range []string{c.Subject, c.ID, c.ClientID, c.Session, c.Name, c.Scope} {
		if !problem.Storable(text) {
			errs = append(errs, errors.New("a claim has a character that cannot be kept"))
		}
	}
	if c.IssuedAt == nil {
		errs = append(errs, fmt.Errorf("%w: iat", jwt.ErrTokenRequiredClaimMissing))
	}
	return errors.Join(errs...)
}

// principal returns whom the claims speak for. A service account's token names
// the account as subject and as client (RFC 9068, section 2.2).
func (c Claims) principal() Principal {
	return Principal{
		Subject: c.Subject,
		Name:    c.Name,
		Service: c.Subject == c.ClientID,
		Client:  c.ClientID,
		Roles:   c.Roles,
		Scopes:  SplitScopes(c.Scope),
		For:     c.Audience,
		TokenID: c.ID,
		Session: c.Session,
		Issued:  c.IssuedAt.Time,
		Expires: c.ExpiresAt.Time,
	}
}

// Sign returns an access token of the claims, signed with key. Its public half
// is published under the id kid. The key must be on the curve P-256.
func Sign(claims Claims, kid string, key *ecdsa.PrivateKey) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["typ"] = tokenType
	token.Header["kid"] = kid
	text, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return text, nil
}
