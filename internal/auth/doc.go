// Package auth says who a request comes from and what it may do: the roles and
// scopes, the access tokens that carry them, their verification at the door of
// each service, and the source of tokens for requests to other services.
//
// It issues no tokens and knows no user: that is the identity service's part.
// Tokens are JSON Web Tokens in the profile of RFC 9068, signed with ES256.
package auth
