// Package client is the client of the identity service: it logs people and service
// accounts in, keeps their tokens fresh, and manages users. It also defines the
// types of requests and responses.
//
// Every error is a *problem.Problem, when the service refuses, or a
// *problem.Unreachable, when it does not answer.
package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// timeout bounds one request.
const timeout = 15 * time.Second

// Client calls one identity service. Safe for concurrent use.
type Client struct {
	base string
	open *http.Client // for routes that need no token
	http *http.Client
}

// New returns a client of the identity service at base, as in
// http://127.0.0.1:5000, that sends the tokens of source. Without a source
// (nil) only Login, Refresh and Credentials work.
func New(base string, source auth.TokenSource) *Client {
	c := &Client{base: strings.TrimRight(base, "/"), open: &http.Client{Timeout: timeout}}
	c.http = c.open
	if source != nil {
		c.http = &http.Client{Timeout: timeout, Transport: &auth.Transport{Source: source}}
	}
	return c
}

// Over returns the same client over another transport, as for TLS with an authority of one's own.
func (c *Client) Over(transport http.RoundTripper) *Client {
	over := &Client{base: c.base, open: &http.Client{Timeout: timeout, Transport: transport}}
	over.http = over.open
	if signed, ok := c.http.Transport.(*auth.Transport); ok {
		over.http = &http.Client{Timeout: timeout, Transport: &auth.Transport{Source: signed.Source, Base: transport}}
	}
	return over
}

func (c *Client) do(ctx context.Context, method, path string, body, into any) error {
	_, err := problem.Call{Method: method, URL: c.base + path, Body: body, Into: into}.Do(ctx, c.http)
	return err
}

// Login checks a person's password and begins a session.
func (c *Client) Login(ctx context.Context, username, password string) (Tokens, error) {
	return c.LoginWith(ctx, Credentials{Username: username, Password: password})
}

// LoginWith is Login with all that a login may have.
func (c *Client) LoginWith(ctx context.Context, with Credentials) (Tokens, error) {
	var t Tokens
	header := http.Header{}
	if with.Source != "" {
		header.Set("X-Forwarded-For", with.Source)
		header.Set(SourceHeader, with.Source)
	}
	if with.Token != "" {
		header.Set("Authorization", "Bearer "+with.Token)
	}
	_, err := problem.Call{Method: http.MethodPost, URL: c.base + "/v1/login", Header: header, Body: with, Into: &t}.Do(ctx, c.open)
	return t, err
}

// Logout ends the session that the client's token belongs to.
func (c *Client) Logout(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "/v1/logout", nil, nil)
}

// Whoami returns the bearer of the client's token.
func (c *Client) Whoami(ctx context.Context) (Identity, error) {
	var i Identity
	return i, c.do(ctx, http.MethodGet, "/v1/whoami", nil, &i)
}

// Rights returns the scopes of a user by their subject. A user who was
// removed has none. Only service accounts may ask.
func (c *Client) Rights(ctx context.Context, subject string) ([]auth.Scope, error) {
	var r Rights
	err := c.do(ctx, http.MethodGet, "/v1/subjects/"+url.PathEscape(subject), nil, &r)
	return r.Scopes, err
}

// ChangePassword replaces the password of the token's bearer and ends all of their
// sessions.
func (c *Client) ChangePassword(ctx context.Context, from, to string) error {
	return c.do(ctx, http.MethodPut, "/v1/whoami/password", ChangedPassword{from, to}, nil)
}

// Users returns every user, by name.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	var all []User
	for after := ""; ; {
		var page Users
		if err := c.do(ctx, http.MethodGet, "/v1/users?after="+url.QueryEscape(after), nil, &page); err != nil {
			return nil, err
		}
		if page.Users == nil { // from a service that has the name before
			page.Users = page.Before
		}
		all = append(all, page.Users...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// User returns the user with a name.
func (c *Client) User(ctx context.Context, name string) (User, error) {
	var u User
	return u, c.do(ctx, http.MethodGet, userPath(name), nil, &u)
}

// AddUser adds a user. Without a password, one is generated and returned.
func (c *Client) AddUser(ctx context.Context, user NewUser) (AddedUser, error) {
	var added AddedUser
	return added, c.do(ctx, http.MethodPost, "/v1/users", user, &added)
}

// RemoveUser removes a user and ends their sessions.
func (c *Client) RemoveUser(ctx context.Context, name string) error {
	return c.do(ctx, http.MethodDelete, userPath(name), nil, nil)
}

// SetRoles replaces a user's roles and ends their sessions.
func (c *Client) SetRoles(ctx context.Context, name string, roles ...auth.Role) (User, error) {
	var u User
	return u, c.do(ctx, http.MethodPut, userPath(name)+"/roles", NewRoles{roles}, &u)
}

// SetPassword replaces another user's password and ends their sessions.
func (c *Client) SetPassword(ctx context.Context, name, password string) error {
	return c.do(ctx, http.MethodPut, userPath(name)+"/password", NewPassword{password}, nil)
}

func userPath(name string) string { return "/v1/users/" + url.PathEscape(name) }
