package client

import (
	"time"

	"foliocast/internal/auth"
)

// Names of users and service accounts: 2 to 32 lower-case letters, digits, dots,
// dashes or underscores, beginning with a letter. Passwords: 10 to 200 characters
// of any kind, which must not be among the first million that a guesser tries.

// Credentials log a person in.
type Credentials struct {
	Username string `json:"username" pattern:"^[a-z][a-z0-9._-]{1,31}$" patternDescription:"2 to 32 lower-case letters, digits, dots, dashes or underscores, beginning with a letter"`
	Password string `json:"password" minLength:"1" maxLength:"200"`
	Device   string `json:"device,omitzero" maxLength:"100" doc:"what an earlier login answered"`
	Remember bool   `json:"remember,omitzero" doc:"answer with a device, unless the login has one that is known"`

	// Source is the address of the person's machine, for a program that logs them in from
	// another one. The service heeds it when that program is one of its trusted proxies, or
	// sends an access token of its own with the right logins:forward.
	Source string `json:"-"`
	Token  string `json:"-"`
}

// SourceHeader names the person's machine in a login that a service forwards.
const SourceHeader = "X-Login-Source"

// Tokens is the answer to a login, a refresh or client credentials (RFC 6749,
// section 5.1), with more about a person.
type Tokens struct {
	AccessToken  string      `json:"access_token" doc:"send it as Authorization: Bearer"`
	TokenType    string      `json:"token_type" doc:"always Bearer"`
	IssuedType   string      `json:"issued_token_type,omitzero" doc:"of an exchange (RFC 8693)"`
	ExpiresIn    int         `json:"expires_in" doc:"seconds until the access token expires"`
	RefreshToken string      `json:"refresh_token,omitzero" doc:"exchanges once for new tokens; absent for a service account"`
	Scope        string      `json:"scope" doc:"scopes of the access token, separated by spaces"`
	Username     string      `json:"username,omitzero"`
	Roles        []auth.Role `json:"roles,omitzero"`
	Device       string      `json:"device,omitzero" doc:"keep it, and send it with later logins of this user: with it, nobody else's wrong passwords are in the way"`
}

// Identity is the bearer of a token.
type Identity struct {
	Subject  string       `json:"subject" doc:"the user's id, or the service account's name"`
	Username string       `json:"username"`
	Service  bool         `json:"service" doc:"a service account, not a person"`
	Roles    []auth.Role  `json:"roles"`
	Scopes   []auth.Scope `json:"scopes"`
	Expires  time.Time    `json:"expires_at" doc:"when the token expires"`
	Token    string       `json:"token,omitzero" doc:"the id of the personal access token"`
}

// User is a user as others see them.
type User struct {
	ID        string      `json:"id" format:"uuid"`
	Username  string      `json:"username"`
	Roles     []auth.Role `json:"roles"`
	CreatedAt time.Time   `json:"created_at"`
}

// Users is a page of users, by name.
type Users struct {
	Users  []User `json:"items" nullable:"false"`
	Before []User `json:"users" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
	Next   string `json:"next,omitzero" doc:"pass it as after to get the next page; absent on the last page"`
}

// NewUser is a user to be added.
type NewUser struct {
	Username string      `json:"username" pattern:"^[a-z][a-z0-9._-]{1,31}$" patternDescription:"2 to 32 lower-case letters, digits, dots, dashes or underscores, beginning with a letter"`
	Password string      `json:"password,omitzero" minLength:"10" maxLength:"200" doc:"at least 10 characters, not easily guessed; when absent, one is generated and is in the answer"`
	Roles    []auth.Role `json:"roles" minItems:"1" uniqueItems:"true" enum:"administrator,manager,secretary"`
}

// AddedUser is a user who was just added.
type AddedUser struct {
	User
	Password string `json:"password,omitzero" doc:"the generated password, shown only once"`
}

// NewRoles replaces a user's roles.
type NewRoles struct {
	Roles []auth.Role `json:"roles" minItems:"1" uniqueItems:"true" enum:"administrator,manager,secretary"`
}

// NewPassword replaces a user's password.
type NewPassword struct {
	Password string `json:"password" minLength:"10" maxLength:"200" doc:"at least 10 characters, not easily guessed"`
}

// ChangedPassword replaces the password of the token's bearer.
type ChangedPassword struct {
	OldPassword string `json:"old_password" minLength:"1" maxLength:"200"`
	Password    string `json:"password" minLength:"10" maxLength:"200" doc:"at least 10 characters, not easily guessed"`
}

// Introspection says whether an access token is valid (RFC 7662, section 2.2).
// When it is not, every field but Active is absent.
type Introspection struct {
	Active    bool     `json:"active"`
	Scope     string   `json:"scope,omitzero"`
	ClientID  string   `json:"client_id,omitzero"`
	Username  string   `json:"username,omitzero"`
	TokenType string   `json:"token_type,omitzero"`
	Expires   int64    `json:"exp,omitzero" doc:"seconds since 1970"`
	Issued    int64    `json:"iat,omitzero" doc:"seconds since 1970"`
	Subject   string   `json:"sub,omitzero"`
	Audience  []string `json:"aud,omitzero" doc:"the services that it is for"`
	Issuer    string   `json:"iss,omitzero"`
	TokenID   string   `json:"jti,omitzero"`
}

// OAuthError is a refusal at the token endpoint (RFC 6749, section 5.2).
type OAuthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitzero"`
}

// Metadata lists the endpoints (RFC 8414).
type Metadata struct {
	Issuer        string   `json:"issuer"`
	Token         string   `json:"token_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	Introspection string   `json:"introspection_endpoint"`
	GrantTypes    []string `json:"grant_types_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	ResponseTypes []string `json:"response_types_supported"`
	Scopes        []string `json:"scopes_supported"`
}

// Rights is what a user may do, nothing after a removal.
type Rights struct {
	Subject string       `json:"subject"`
	Scopes  []auth.Scope `json:"scopes" nullable:"false"`
}
