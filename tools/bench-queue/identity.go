package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"foliocast/internal/auth"
)

// identity plays the identity service's part with its key set and its tokens, those of a
// service account. Safe for concurrent use.
type identity struct {
	*httptest.Server
	kid string
	key *ecdsa.PrivateKey

	mu    sync.Mutex
	token string
	until time.Time // when the token is replaced
}

func newIdentity() (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	i := &identity{kid: uuid.NewString(), key: key}
	jwk, err := auth.PublicJWK(i.kid, &key.PublicKey)
	if err != nil {
		return nil, err
	}
	answers := map[string]any{"/.well-known/jwks.json": auth.JWKS{Keys: []auth.JWK{jwk}}, auth.EndedPath: auth.Ended{}}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(answers[r.URL.Path]) // the caller asks again
	}))
	return i, nil
}

// Token returns a token that lives ten minutes, or the one before while it lasts.
func (i *identity) Token(context.Context) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	if now.Before(i.until) {
		return i.token, nil
	}
	const account = "bench"
	var err error
	i.token, err = auth.Sign(auth.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: auth.DefaultIssuer, Subject: account, Audience: jwt.ClaimStrings{string(auth.Queue)},
			ID: uuid.NewString(), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(10 * time.Minute)),
		},
		ClientID: account, Name: account, Scope: auth.JoinScopes([]auth.Scope{auth.QueueEnqueue, auth.QueueLease}),
	}, i.kid, i.key)
	i.until = now.Add(5 * time.Minute)
	return i.token, err
}
