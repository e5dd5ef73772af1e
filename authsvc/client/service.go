package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"foliocast/internal/auth"
)

// NewService is a service account to be added.
type NewService struct {
	Name   string       `json:"name" pattern:"^[a-z][a-z0-9._-]{1,31}$" patternDescription:"2 to 32 lower-case letters, digits, dots, dashes or underscores, beginning with a letter"`
	Scopes []auth.Scope `json:"scopes" minItems:"1" uniqueItems:"true" enum:"users:write,queues:write,jobs:write,jobs:read,datasets:write,datasets:read,audit:read,queue:enqueue,queue:lease,results:read,results:write,logins:forward" doc:"what it may do"`
}

// Service is a service account as administrators see it.
type Service struct {
	Name      string          `json:"name" doc:"its client_id"`
	Scopes    []auth.Scope    `json:"scopes" nullable:"false"`
	CreatedAt time.Time       `json:"created_at"`
	ChangedAt time.Time       `json:"changed_at" doc:"when it got its secret or its scopes"`
	UsedAt    time.Time       `json:"last_used_at,omitzero" doc:"when it last got a token with its secret, to the minute"`
	Previous  *PreviousSecret `json:"previous_secret,omitzero" doc:"the secret before, while it is valid, too"`
}

// PreviousSecret is the secret that a service account had before.
type PreviousSecret struct {
	Until  time.Time `json:"valid_until"`
	UsedAt time.Time `json:"last_used_at,omitzero" doc:"a program still has the old secret if this is after changed_at"`
}

// Services is a page of service accounts, by name.
type Services struct {
	Services []Service `json:"items" nullable:"false"`
	Before   []Service `json:"services" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
	Next     string    `json:"next,omitzero" doc:"pass it as after to get the next page; absent on the last page"`
}

// ServiceSecret is a service account with the secret that it just got.
type ServiceSecret struct {
	Service
	Secret string `json:"client_secret" doc:"the secret, shown only once"`
}

// NewScopes replaces the scopes of a service account.
type NewScopes struct {
	Scopes []auth.Scope `json:"scopes" minItems:"1" uniqueItems:"true" enum:"users:write,queues:write,jobs:write,jobs:read,datasets:write,datasets:read,audit:read,queue:enqueue,queue:lease,results:read,results:write,logins:forward"`
}

// Rotation asks for a new secret.
type Rotation struct {
	Overlap int64 `json:"overlap" minimum:"0" maximum:"2592000" doc:"seconds, 30 days at most, for which the present secret stays valid; 0 ends it and its tokens now"`
}

// Services returns every service account, by name.
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	var all []Service
	for after := ""; ; {
		var page Services
		if err := c.do(ctx, http.MethodGet, "/v1/services?after="+url.QueryEscape(after), nil, &page); err != nil {
			return nil, err
		}
		if page.Services == nil { // from a service that has the name before
			page.Services = page.Before
		}
		all = append(all, page.Services...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// Service returns the service account with a name.
func (c *Client) Service(ctx context.Context, name string) (Service, error) {
	var s Service
	return s, c.do(ctx, http.MethodGet, servicePath(name), nil, &s)
}

// AddService adds a service account and returns its secret.
func (c *Client) AddService(ctx context.Context, account NewService) (ServiceSecret, error) {
	var added ServiceSecret
	return added, c.do(ctx, http.MethodPost, "/v1/services", account, &added)
}

// SetServiceScopes replaces the scopes of a service account.
func (c *Client) SetServiceScopes(ctx context.Context, name string, scopes ...auth.Scope) (Service, error) {
	var s Service
	return s, c.do(ctx, http.MethodPut, servicePath(name)+"/scopes", NewScopes{scopes}, &s)
}

// RotateSecret gives a service account a new secret, beside which the present one is valid
// for a time.
func (c *Client) RotateSecret(ctx context.Context, name string, overlap time.Duration) (ServiceSecret, error) {
	var s ServiceSecret
	return s, c.do(ctx, http.MethodPost, servicePath(name)+"/secret", Rotation{int64(overlap.Seconds())}, &s)
}

// RemoveService removes a service account and ends its tokens.
func (c *Client) RemoveService(ctx context.Context, name string) error {
	return c.do(ctx, http.MethodDelete, servicePath(name), nil, nil)
}

func servicePath(name string) string { return "/v1/services/" + url.PathEscape(name) }
