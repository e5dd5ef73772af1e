// Package authtest issues access tokens for tests, good ones and bad ones, and
// walks every operation of a service to see who may pass. It plays the identity
// service's part with its real key set, token format and signature.
package authtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"foliocast/internal/auth"
)

// Issuer signs tokens with a key of its own and publishes it.
type Issuer struct {
	URL string // base address of a server with the key set, for auth.NewRemoteKeys

	// Amend changes the claims of each token before it is signed, for a
	// service that knows its users. Nil changes nothing.
	Amend func(*auth.Claims)

	// Issue makes a personal access token with the scopes, for a service that knows them. With
	// nil, the issuer makes and exchanges them itself.
	Issue func(...auth.Scope) string

	mu       sync.Mutex
	ended    auth.Ended
	personal map[string]auth.Claims
	asked    int // exchanges

	t   testing.TB
	kid string
	key *ecdsa.PrivateKey
}

// New returns an issuer whose server ends with the test.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := With(t, uuid.NewString(), newKey(t))
	set, err := json.Marshal(i.keySet())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+auth.EndedPath, func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		json.NewEncoder(w).Encode(i.ended)
	})
	mux.HandleFunc("GET /.well-known/jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Write(set)
	})
	mux.HandleFunc("POST "+auth.TokenPath, func(w http.ResponseWriter, r *http.Request) {
		access, err := i.exchange(r.Context(), r.FormValue("subject_token"))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(w).Encode(map[string]string{"error": "invalid_request"})
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"access_token": access})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// With returns an issuer that signs with a key that exists already. It has no
// server: its URL is empty.
func With(t testing.TB, kid string, key *ecdsa.PrivateKey) *Issuer {
	return &Issuer{t: t, kid: kid, key: key, personal: map[string]auth.Claims{}}
}

// exchange is the identity service's part for personal access tokens.
func (i *Issuer) exchange(_ context.Context, personal string) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked++
	claims, ok := i.personal[personal]
	if !ok || claims.ExpiresAt.Before(time.Now()) {
		return "", auth.NotIssued()
	}
	return i.Sign(claims), nil
}

// Exchanges returns how often personal access tokens were exchanged.
func (i *Issuer) Exchanges() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// Personal makes a personal access token with the scopes.
func (i *Issuer) Personal(scopes ...auth.Scope) string {
	i.t.Helper()
	if i.Issue != nil {
		return i.Issue(scopes...)
	}
	claims := i.Claims()
	claims.Scope, claims.ClientID = auth.JoinScopes(scopes), auth.PersonalClient(uuid.NewString())
	return i.Stand(claims)
}

// Stand makes a personal access token for which an access token with the claims stands.
func (i *Issuer) Stand(claims auth.Claims) string {
	text := auth.Marked(auth.PersonalPrefix, rand.Text())
	i.Restand(text, claims)
	return text
}

// Restand exchanges a personal access token for others from now on.
func (i *Issuer) Restand(personal string, claims auth.Claims) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.personal[personal] = claims
}

// EndPersonal ends a personal access token.
func (i *Issuer) EndPersonal(personal string) {
	i.mu.Lock()
	claims := i.personal[personal]
	delete(i.personal, personal)
	i.mu.Unlock()
	i.End(claims)
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (i *Issuer) keySet() auth.JWKS {
	jwk, err := auth.PublicJWK(i.kid, &i.key.PublicKey)
	if err != nil {
		i.t.Fatal(err)
	}
	return auth.JWKS{Keys: []auth.JWK{jwk}}
}

// Verifier checks the issuer's tokens as a service does: with the key set that
// its server publishes, where there is one.
func (i *Issuer) Verifier() *auth.Verifier {
	var keys auth.KeySource = auth.StaticKeys{i.kid: &i.key.PublicKey}
	if i.URL != "" {
		keys = auth.NewRemoteKeys(i.URL, slog.New(slog.DiscardHandler))
	}
	return auth.NewVerifier(keys, auth.DefaultIssuer, auth.Queue, nil).Exchanging(i.exchange)
}

// Claims is a good token's content, for a person with the roles and scopes.
// Their subject is new each time.
func (i *Issuer) Claims(grants ...auth.Grant) auth.Claims {
	var scopes []auth.Scope
	var roles []auth.Role
	for _, g := range grants {
		scopes = append(scopes, g.Scopes()...)
		if role, ok := g.(auth.Role); ok {
			roles = append(roles, role)
		}
	}
	now := time.Now()
	return auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: auth.DefaultIssuer, Subject: uuid.NewString(), Audience: audience(auth.AllAudiences()...),
			ID: uuid.NewString(), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(10 * time.Minute)),
		},
		ClientID: "foliocast", Scope: auth.JoinScopes(scopes), Roles: roles, Name: "tester", Session: uuid.NewString(),
	}
}

// End publishes that the session of a token has ended.
func (i *Issuer) End(claims auth.Claims) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended.Sessions = append(i.ended.Sessions, auth.SessionDigest(claims.Session))
}

func audience(services ...auth.Audience) (all jwt.ClaimStrings) {
	for _, a := range services {
		all = append(all, string(a))
	}
	return all
}

// For is a token with every right that is for one service.
func (i *Issuer) For(service auth.Audience) string {
	claims := i.Claims(everything()...)
	claims.Audience = audience(service)
	return i.Sign(claims)
}

// Sign makes a token of claims.
func (i *Issuer) Sign(claims auth.Claims) string {
	i.t.Helper()
	if i.Amend != nil {
		i.Amend(&claims)
	}
	text, err := auth.Sign(claims, i.kid, i.key)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// Token is a good token for a person with the roles and scopes, as in
// Token(auth.Manager) or Token(auth.JobsRead, auth.JobsWrite).
func (i *Issuer) Token(grants ...auth.Grant) string {
	i.t.Helper()
	return i.Sign(i.Claims(grants...))
}

// Service is a good token for the service account with the name and scopes.
func (i *Issuer) Service(name string, scopes ...auth.Scope) string {
	i.t.Helper()
	claims := i.Claims()
	claims.Subject, claims.ClientID, claims.Name, claims.Session = name, name, name, ""
	claims.Scope = auth.JoinScopes(scopes)
	return i.Sign(claims)
}

// Tokens is a source of tokens for a service account with the scopes.
func (i *Issuer) Tokens(scopes ...auth.Scope) auth.TokenSource { return source{i, scopes} }

type source struct {
	issuer *Issuer
	scopes []auth.Scope
}

func (s source) Token(context.Context) (string, error) {
	return s.issuer.Service("service", s.scopes...), nil
}

// everything is every role and every scope.
func everything() []auth.Grant {
	grants := []auth.Grant{auth.Administrator}
	for _, s := range auth.AllScopes() {
		grants = append(grants, s)
	}
	return grants
}

// Expired is a token with every right that ended a minute ago.
func (i *Issuer) Expired() string {
	claims := i.Claims(everything()...)
	claims.IssuedAt = jwt.NewNumericDate(time.Now().Add(-11 * time.Minute))
	claims.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Minute))
	return i.Sign(claims)
}

// Unstorable is a token with every right, with claims that no database keeps.
func (i *Issuer) Unstorable() string {
	claims := i.Claims(everything()...)
	claims.Subject, claims.ID = "a\x00b", "a\x00b"
	return i.Sign(claims)
}

// Foreign is a token with every right that names the issuer's key and is
// signed with another.
func (i *Issuer) Foreign() string {
	return With(i.t, i.kid, newKey(i.t)).Token(everything()...)
}

// Unknown is a token with every right, signed with a key that is not published.
func (i *Issuer) Unknown() string {
	return With(i.t, uuid.NewString(), newKey(i.t)).Token(everything()...)
}

// Tampered is a token without rights whose claims were changed, after it was
// signed, to have every right.
func (i *Issuer) Tampered() string {
	claims := i.Claims()
	header, _, signature := split(i.Sign(claims))
	claims.Scope = auth.JoinScopes(auth.AllScopes())
	_, changed, _ := split(i.Sign(claims))
	return header + "." + changed + "." + signature
}

// WrongAudience is a token with every right that is for another audience.
func (i *Issuer) WrongAudience() string { return i.For("elsewhere") }

// WrongIssuer is a token with every right that names another issuer, signed
// with this issuer's key.
func (i *Issuer) WrongIssuer() string {
	claims := i.Claims(everything()...)
	claims.Issuer = "http://elsewhere.example"
	return i.Sign(claims)
}

// Unsigned is a token with every right and the algorithm "none".
func (i *Issuer) Unsigned() string {
	_, claims, _ := split(i.Token(everything()...))
	header := `{"alg":"none","typ":"at+jwt","kid":"` + i.kid + `"}`
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + claims + "."
}

// Bad is every kind of bad token by its name.
func (i *Issuer) Bad() map[string]string {
	return map[string]string{
		"an expired token": i.Expired(), "a token with NUL": i.Unstorable(), "a foreign token": i.Foreign(), "a token with an unknown key": i.Unknown(),
		"a tampered token": i.Tampered(), "a token for another audience": i.WrongAudience(),
		"a token of another issuer": i.WrongIssuer(), "an unsigned token": i.Unsigned(), "nonsense": "nonsense",
		"a personal token that nobody has issued": auth.Marked(auth.PersonalPrefix, rand.Text()), "a personal token with a typing error": auth.PersonalPrefix + rand.Text(),
	}
}

func split(token string) (header, claims, signature string) {
	header, rest, _ := strings.Cut(token, ".")
	claims, signature, _ = strings.Cut(rest, ".")
	return header, claims, signature
}
