package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// maxRefusal bounds what is read of a refusal, in bytes.
const maxRefusal = 64 << 10

// Refresh exchanges a refresh token for new tokens, with an access token for one
// service. A refresh token that has ended is a problem of the kind Unauthorized; a
// session without a right at the service, one of the kind Forbidden.
func (c *Client) Refresh(ctx context.Context, refreshToken string, to auth.Audience) (Tokens, error) {
	return c.grant(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}, "resource": {string(to)}}, nil)
}

// Credentials returns an access token for a service account, for one service. A wrong
// secret is a problem of the kind Unauthorized; an account without a right at the
// service, one of the kind Forbidden.
func (c *Client) Credentials(ctx context.Context, id, secret string, to auth.Audience) (Tokens, error) {
	// RFC 6749, section 2.3.1, encodes both like a form before they go as Basic.
	req := &http.Request{Header: http.Header{}}
	req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	return c.grant(ctx, url.Values{"grant_type": {"client_credentials"}, "resource": {string(to)}}, req.Header)
}

// grant asks the token endpoint.
func (c *Client) grant(ctx context.Context, form url.Values, header http.Header) (Tokens, error) {
	var t Tokens
	call := c.form("/v1/token", form, &t)
	call.Failed = refusal
	for name, values := range header {
		call.Header[name] = values
	}
	_, err := call.Do(ctx, c.open)
	if err == nil && (t.AccessToken == "" || t.ExpiresIn <= 0) {
		err = &problem.Unreachable{URL: call.URL, Err: errors.New("the answer has no access token or no lifetime")}
	}
	return t, err
}

// form returns a call with a form as its body, as OAuth requires.
func (c *Client) form(path string, form url.Values, into any) problem.Call {
	return problem.Call{Method: http.MethodPost, URL: c.base + path, Body: strings.NewReader(form.Encode()), Into: into,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
}

// refusal reads a refusal in the form of RFC 6749 as a problem. An invalid client or
// grant becomes Unauthorized, because the caller must log in again, and a service
// without any right becomes Forbidden.
func refusal(resp *http.Response) *problem.Problem {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	var e OAuthError
	if json.Unmarshal(text, &e) != nil || e.Code == "" {
		resp.Body = io.NopCloser(bytes.NewReader(text))
		return problem.Read(resp)
	}
	kind := problem.KindOf(resp.StatusCode)
	switch e.Code {
	case "invalid_client", "invalid_grant":
		kind = problem.Unauthorized
	case "invalid_target":
		kind = problem.Forbidden
	}
	if e.Description == "" {
		e.Description = e.Code
	}
	return problem.New(kind, e.Description)
}
