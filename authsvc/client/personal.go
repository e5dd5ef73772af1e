package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"foliocast/internal/auth"
)

// NewPersonalToken is a personal access token to be made.
type NewPersonalToken struct {
	Name      string       `json:"name" pattern:"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$" patternDescription:"1 to 64 letters, digits, spaces, dots, dashes or underscores, beginning with a letter or a digit" doc:"what it is for, such as the program that will have it"`
	Scopes    []auth.Scope `json:"scopes" minItems:"1" uniqueItems:"true" enum:"users:write,queues:write,jobs:write,jobs:read,datasets:write,datasets:read,audit:read" doc:"what it may do; you must have each of these rights"`
	ExpiresIn int64        `json:"expires_in,omitzero" minimum:"60" doc:"seconds until it expires; when absent, 90 days, or the most that the service allows"`
}

// PersonalToken is a personal access token as its owner sees it.
type PersonalToken struct {
	ID        string       `json:"id" format:"uuid"`
	Name      string       `json:"name"`
	Scopes    []auth.Scope `json:"scopes" nullable:"false" doc:"those that were chosen; it has those of them that you have"`
	CreatedAt time.Time    `json:"created_at"`
	ExpiresAt time.Time    `json:"expires_at"`
	UsedAt    time.Time    `json:"last_used_at,omitzero" doc:"to the minute; absent before the first use"`
}

// PersonalTokens are the tokens of a user, the latest first.
type PersonalTokens struct {
	Tokens []PersonalToken `json:"items" nullable:"false"`
	Before []PersonalToken `json:"tokens" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
	Most   int             `json:"most" doc:"how many you may have"`
	Life   int64           `json:"longest_life" doc:"seconds that a token may live"`
}

// AddedPersonalToken is a token that was just made.
type AddedPersonalToken struct {
	PersonalToken
	Token string `json:"token" doc:"the token itself, shown only once: send it as Authorization: Bearer"`
}

// PersonalTokens returns the tokens of the bearer.
func (c *Client) PersonalTokens(ctx context.Context) (PersonalTokens, error) {
	var all PersonalTokens
	err := c.do(ctx, http.MethodGet, "/v1/tokens", nil, &all)
	if all.Tokens == nil { // from a service that has the name before
		all.Tokens = all.Before
	}
	all.Before = all.Tokens
	return all, err
}

// AddPersonalToken makes a token of the bearer.
func (c *Client) AddPersonalToken(ctx context.Context, made NewPersonalToken) (AddedPersonalToken, error) {
	var added AddedPersonalToken
	return added, c.do(ctx, http.MethodPost, "/v1/tokens", made, &added)
}

// EndPersonalToken ends a token of the bearer.
func (c *Client) EndPersonalToken(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/v1/tokens/"+url.PathEscape(id), nil, nil)
}
