package auth

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	leeway   = 5 * time.Second // between the clocks of issuer and verifier (RFC 7519, section 4.1.4)
	maxToken = 8 << 10         // bytes of a token
)

// Verifier checks access tokens as RFC 9068, section 4, asks: type, algorithm,
// signature, issuer, audience and times, each against what this side expects
// and never against what the token names (RFC 8725, sections 3.1 to 3.11). Safe
// for concurrent use.
type Verifier struct {
	keys   KeySource
	parser *jwt.Parser
	now    func() time.Time
	seen   *verified
	ended  *endedSessions // nil when sessions are not followed
	stood  *exchanged     // nil when personal tokens are not taken
}

// NewVerifier checks tokens against keys, issuer and audience. The clock now
// is time.Now when it is nil.
func NewVerifier(keys KeySource, issuer string, audience Audience, now func() time.Time) *Verifier {
	if now == nil {
		now = time.Now
	}
	checks := []jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodES256.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway), jwt.WithStrictDecoding(), jwt.WithTimeFunc(now),
	}
	if audience != AnyAudience {
		checks = append(checks, jwt.WithAudience(string(audience)))
	}
	return &Verifier{keys: keys, now: now, seen: newVerified(), parser: jwt.NewParser(checks...)}
}

// NewRemote checks tokens by what the identity service at base publishes: its keys,
// and which sessions have ended. It follows the latter while Run runs. It exchanges personal
// tokens there; source says which address a request came from, for the limit of bad ones. A nil
// transport means http.DefaultTransport.
func NewRemote(base string, transport http.RoundTripper, issuer string, audience Audience, source func(context.Context) string, log *slog.Logger) *Verifier {
	keys := NewRemoteKeys(base, log)
	keys.client.Transport = transport
	v := NewVerifier(keys, issuer, audience, nil)
	v.ended = newEndedSessions(base, log)
	v.ended.client.Transport = transport
	v.stood = newExchanged(remoteExchange(base, transport, audience), exchangeAgain, source, v.now)
	return v
}

// Exchanging makes v take personal tokens, too, and exchange each of them every time: for
// the identity service itself. It returns v.
func (v *Verifier) Exchanging(by Exchange) *Verifier {
	v.stood = newExchanged(by, 0, nil, v.now)
	return v
}

// Run follows which sessions have ended, until ctx ends.
func (v *Verifier) Run(ctx context.Context) {
	if v.ended != nil {
		v.ended.run(ctx)
	}
}

// BadToken says why a token is not accepted. Its text has nothing of the
// token's content.
type BadToken struct {
	Reason   string
	Err      error
	personal bool // a personal access token
}

func (b *BadToken) Error() string {
	if b.personal {
		return "the personal access token " + b.Reason
	}
	return "the access token " + b.Reason
}

// advice says what the bearer can do.
func (b *BadToken) advice() string {
	if b.personal {
		return "make another one"
	}
	return "log in again"
}

// Unwrap returns the parser's error.
func (b *BadToken) Unwrap() error { return b.Err }

// Verify returns whom the token speaks for. The error is a *BadToken when the
// token is not valid, and another one when that could not be checked.
func (v *Verifier) Verify(ctx context.Context, token string) (Principal, error) {
	if v.stood != nil && strings.HasPrefix(token, PersonalPrefix) {
		return v.personal(ctx, token)
	}
	return v.access(ctx, token)
}

// personal returns whom a personal token speaks for, by the access token that stands for it.
// When that has expired or its session has ended, another one says what the personal token
// is worth now.
func (v *Verifier) personal(ctx context.Context, token string) (p Principal, err error) {
	for range 2 {
		var access string
		if access, err = v.stood.access(ctx, token); err != nil {
			return Principal{}, err
		}
		p, err = v.access(ctx, access)
		if _, bad := errors.AsType[*BadToken](err); !bad {
			return p, err
		}
		v.stood.drop(token, access)
	}
	return Principal{}, err
}

// access returns whom an access token speaks for.
func (v *Verifier) access(ctx context.Context, token string) (Principal, error) {
	p, err := v.signed(ctx, token)
	if err == nil && v.ended != nil && p.Session != "" {
		err = v.ended.check(ctx, p.Session)
	}
	if err != nil {
		return Principal{}, err
	}
	return p, nil
}

// signed returns whom a token speaks for by its signature and its claims: its session
// may have ended.
func (v *Verifier) signed(ctx context.Context, token string) (Principal, error) {
	if len(token) > maxToken {
		return Principal{}, &BadToken{Reason: "is too long"}
	}
	if known, ok := v.seen.get(token, v.now()); ok {
		// The key is asked for again: it may have been withdrawn.
		key, err := v.keys.Key(ctx, known.kid)
		if err == nil && key.Equal(known.key) {
			return known.principal, nil
		}
	}
	var claims Claims
	var entry entry
	_, err := v.parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		var err error
		entry.kid, entry.key, err = v.key(ctx, t)
		return entry.key, err
	})
	if unavailable, ok := errors.AsType[*noKeys](err); ok {
		return Principal{}, unavailable.err
	}
	if err != nil {
		return Principal{}, &BadToken{Reason: reason(err), Err: err}
	}
	entry.principal = claims.principal()
	v.seen.put(token, entry, v.now())
	return entry.principal, nil
}

// noKeys carries a failure to find keys through the parser.
type noKeys struct{ err error }

func (n *noKeys) Error() string { return n.err.Error() }

// key checks the header and finds the key that it names.
func (v *Verifier) key(ctx context.Context, t *jwt.Token) (string, *ecdsa.PublicKey, error) {
	typ, _ := t.Header["typ"].(string)
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	if typ != tokenType {
		return "", nil, fmt.Errorf("its type is not %s", tokenType)
	}
	if _, ok := t.Header["crit"]; ok {
		return "", nil, errors.New("it asks for an extension that is not known")
	}
	kid, _ := t.Header["kid"].(string)
	if kid == "" {
		return "", nil, ErrUnknownKey
	}
	key, err := v.keys.Key(ctx, kid)
	if err != nil && !errors.Is(err, ErrUnknownKey) {
		return "", nil, &noKeys{err}
	}
	return kid, key, err
}

// reason is why a token is not valid, for its bearer.
func reason(err error) string {
	for _, row := range []struct {
		err    error
		reason string
	}{
		{jwt.ErrTokenMalformed, "cannot be read"},
		{ErrUnknownKey, "is signed with an unknown key"},
		{jwt.ErrTokenSignatureInvalid, "has a bad signature"},
		{jwt.ErrTokenUnverifiable, "cannot be verified"},
		{jwt.ErrTokenExpired, "is expired"},
		{jwt.ErrTokenUsedBeforeIssued, "is not valid yet"},
		{jwt.ErrTokenNotValidYet, "is not valid yet"},
		{jwt.ErrTokenInvalidAudience, "is not for this service"},
		{jwt.ErrTokenInvalidIssuer, "is from another issuer"},
		{jwt.ErrTokenRequiredClaimMissing, "lacks a required claim"},
	} {
		if errors.Is(err, row.err) {
			return row.reason
		}
	}
	return "is not valid"
}
