// Package token creates and checks the secrets of the identity service:
// passwords and their hashes, opaque refresh tokens and client secrets, signing
// keys and their rotation, and the access tokens that they sign.
//
// It stores nothing and knows no HTTP.
package token
