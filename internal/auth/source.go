package auth

import (
	"context"
	"fmt"
	"net/http"

	"foliocast/internal/problem"
)

// TokenSource gives the access token for a request to another service. Token
// returns one that is valid for some seconds at least. Safe for concurrent
// use.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// Static is a source of one token that never changes.
type Static string

// Token returns the token.
func (s Static) Token(context.Context) (string, error) { return string(s), nil }

// forgetter is a token source that can be told that its token was refused.
type forgetter interface{ Forget(token string) }

// Transport adds the token of Source to each request. When the answer is 401,
// it tells a source that has a method Forget(token), so that the next request
// goes with a new token; it does not send the request again. A redirection to
// another scheme, host or port is an error: the token is not for there.
type Transport struct {
	Source TokenSource
	Base   http.RoundTripper // nil means http.DefaultTransport
}

// RoundTrip sends the request with its token.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := t.token(req)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	signed := req.Clone(req.Context())
	signed.Header.Set("Authorization", "Bearer "+token)
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(signed)
	if f, ok := t.Source.(forgetter); ok && err == nil && resp.StatusCode == http.StatusUnauthorized {
		f.Forget(token)
	}
	return resp, err
}

// CloseIdleConnections closes those of Base. [http.Client] calls it.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.Base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// token is the token for a request.
func (t *Transport) token(req *http.Request) (string, error) {
	first := req
	for first.Response != nil && first.Response.Request != nil { // req follows a redirection
		first = first.Response.Request
	}
	if first.URL.Scheme != req.URL.Scheme || first.URL.Host != req.URL.Host {
		return "", fmt.Errorf("the answer of %s points to another address, %s, which gets no token", first.URL.Host, req.URL.Host)
	}
	token, err := t.Source.Token(req.Context())
	if err != nil {
		return "", &problem.Unsent{Err: fmt.Errorf("get a token: %w", err)}
	}
	return token, nil
}

// Client is an HTTP client that sends the tokens of source. It has no time
// limit of its own: the context of each request has it.
func Client(source TokenSource) *http.Client {
	return &http.Client{Transport: &Transport{Source: source}}
}
