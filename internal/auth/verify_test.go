package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
)

func TestVerifyReadsThePrincipal(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	claims := issuer.Claims(auth.Secretary)
	want := auth.Principal{
		Subject: claims.Subject, Name: "tester", Client: claims.ClientID, Roles: []auth.Role{auth.Secretary},
		Scopes: []auth.Scope{auth.DatasetsRead, auth.DatasetsWrite}, For: claims.Audience, TokenID: claims.ID, Session: claims.Session,
		Issued: claims.IssuedAt.Time, Expires: claims.ExpiresAt.Time,
	}
	v := issuer.Verifier()
	for _, when := range []string{"first", "again"} {
		got, err := v.Verify(t.Context(), issuer.Sign(claims))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(got, want); d != "" {
			t.Errorf("%s: %s", when, d)
		}
	}
	service, err := v.Verify(t.Context(), issuer.Service("worker", auth.QueueLease))
	if err != nil || !service.Service || service.Subject != "worker" || !service.May(auth.QueueLease) || service.May(auth.QueueLease, auth.JobsRead) {
		t.Errorf("got %+v, %v", service, err)
	}
}

// TestVerifyRefuses removes one thing at a time from a good token (RFC 9068,
// sections 2.1, 2.2 and 4).
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	v := issuer.Verifier()
	claims := func(change func(*auth.Claims)) string {
		c := issuer.Claims(auth.Administrator)
		change(&c)
		return issuer.Sign(c)
	}
	for _, c := range []struct{ name, token, reason string }{
		{"nothing", "", "cannot be read"},
		{"nonsense", "a.b.c", "cannot be read"},
		{"too long", strings.Repeat("a", 9000), "is too long"},
		{"expired", issuer.Expired(), "is expired"},
		{"foreign", issuer.Foreign(), "has a bad signature"},
		{"tampered", issuer.Tampered(), "has a bad signature"},
		{"unsigned", issuer.Unsigned(), "has a bad signature"},
		{"unknown key", issuer.Unknown(), "is signed with an unknown key"},
		{"audience", issuer.WrongAudience(), "is not for this service"},
		{"issuer", issuer.WrongIssuer(), "is from another issuer"},
		{"no audience", claims(func(c *auth.Claims) { c.Audience = nil }), "lacks a required claim"},
		{"no issuer", claims(func(c *auth.Claims) { c.Issuer = "" }), "lacks a required claim"},
		{"no expiry", claims(func(c *auth.Claims) { c.ExpiresAt = nil }), "lacks a required claim"},
		{"no time of issue", claims(func(c *auth.Claims) { c.IssuedAt = nil }), "lacks a required claim"},
		{"no subject", claims(func(c *auth.Claims) { c.Subject = "" }), "lacks a required claim"},
		{"no id", claims(func(c *auth.Claims) { c.ID = "" }), "lacks a required claim"},
		{"no client", claims(func(c *auth.Claims) { c.ClientID = "" }), "lacks a required claim"},
		{"NUL in the subject", issuer.Unstorable(), "is not valid"},
		{"NUL in the name", claims(func(c *auth.Claims) { c.Name = "a\x00" }), "is not valid"},
		{"issued tomorrow", claims(func(c *auth.Claims) { c.IssuedAt = jwt.NewNumericDate(time.Now().Add(24 * time.Hour)) }), "is not valid yet"},
		{"valid tomorrow", claims(func(c *auth.Claims) { c.NotBefore = jwt.NewNumericDate(time.Now().Add(24 * time.Hour)) }), "is not valid yet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := v.Verify(t.Context(), c.token)
			bad, ok := errors.AsType[*auth.BadToken](err)
			if !ok || bad.Reason != c.reason {
				t.Errorf("got %v, want %q", err, c.reason)
			}
		})
	}
}

func TestVerifyRefusesHeaders(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issuer := authtest.With(t, "k", key)
	v := issuer.Verifier()
	sign := func(method jwt.SigningMethod, key any, header map[string]any) string {
		token := jwt.NewWithClaims(method, issuer.Claims(auth.Administrator))
		for name, value := range header {
			token.Header[name] = value
		}
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]any{"typ": "application/AT+JWT", "kid": "k"}
	if _, err := v.Verify(t.Context(), sign(jwt.SigningMethodES256, key, good)); err != nil {
		t.Errorf("the long form of the type: %v", err)
	}
	for name, token := range map[string]string{
		"an ID token":            sign(jwt.SigningMethodES256, key, map[string]any{"typ": "JWT", "kid": "k"}),
		"no key id":              sign(jwt.SigningMethodES256, key, map[string]any{"typ": "at+jwt"}),
		"a critical extension":   sign(jwt.SigningMethodES256, key, map[string]any{"typ": "at+jwt", "kid": "k", "crit": []string{"b64"}}),
		"HMAC of the public key": sign(jwt.SigningMethodHS256, public, good),
	} {
		if _, err := v.Verify(t.Context(), token); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestVerifiedTokenEndsInTime(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issuer := authtest.With(t, "k", key)
	now := time.Now()
	keys := auth.StaticKeys{"k": &key.PublicKey}
	v := auth.NewVerifier(keys, auth.DefaultIssuer, auth.Queue, func() time.Time { return now })
	token := issuer.Token(auth.Manager)
	for _, c := range []struct {
		after time.Duration
		ok    bool
	}{{0, true}, {9 * time.Minute, true}, {10*time.Minute + 2*time.Second, true}, {10*time.Minute + 6*time.Second, false}} {
		now = time.Now().Add(c.after)
		if _, err := v.Verify(t.Context(), token); (err == nil) != c.ok {
			t.Errorf("after %v: %v", c.after, err)
		}
	}
	now = time.Now()
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	delete(keys, "k")
	if _, err := v.Verify(t.Context(), token); err == nil {
		t.Error("a remembered token passes although its key was withdrawn")
	}
}

// FuzzVerify checks that no text makes Verify panic, and that only the signed
// token passes.
func FuzzVerify(f *testing.F) {
	issuer := authtest.New(f)
	good := issuer.Token(auth.Manager)
	f.Add(good)
	for _, token := range issuer.Bad() {
		f.Add(token)
	}
	for _, header := range []string{`{}`, `{"alg":1}`, `{"alg":"ES256","kid":{}}`, `null`, `[]`} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(header)) + ".e30.AA")
	}
	v := issuer.Verifier()
	f.Fuzz(func(t *testing.T, token string) {
		_, err := v.Verify(context.Background(), token)
		if err == nil && token != good {
			t.Errorf("%q passes", token)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	issuer := authtest.New(b)
	v := issuer.Verifier()
	token := issuer.Token(auth.Manager)
	for b.Loop() {
		if _, err := v.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
