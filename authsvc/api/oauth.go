package api

import (
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
)

// Error codes of RFC 6749, section 5.2.
const (
	invalidRequest   = "invalid_request"
	invalidClient    = "invalid_client"
	invalidGrant     = "invalid_grant"
	invalidScope     = "invalid_scope"
	unsupportedGrant = "unsupported_grant_type"
	invalidTarget    = "invalid_target" // RFC 8707, section 2
	slowDown         = "slow_down"      // RFC 8628, section 3.5
)

// oauthError is a refusal in the form that OAuth clients read. The router asks it
// for its status and media type, and writes it unchanged.
type oauthError struct {
	client.OAuthError
	status int
}

func (e *oauthError) Error() string             { return e.Code + ": " + e.Description }
func (e *oauthError) GetStatus() int            { return e.status }
func (e *oauthError) ContentType(string) string { return "application/json" }

// oauth makes a refusal. A client that did not authenticate gets 401 and a
// challenge, everything else 400.
func oauth(code, description string) error {
	header := http.Header{"Cache-Control": {noStore}}
	status := http.StatusBadRequest
	if code == invalidClient {
		status = http.StatusUnauthorized
		header.Set("WWW-Authenticate", `Basic realm="foliocast"`)
	}
	return huma.ErrorWithHeaders(&oauthError{client.OAuthError{Code: code, Description: description}, status}, header)
}

// oauthLater refuses a client that has sent too many wrong secrets.
func oauthLater(wait time.Duration) error {
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	return huma.ErrorWithHeaders(&oauthError{client.OAuthError{Code: slowDown,
		Description: "too many wrong secrets: try again in " + seconds + " s"}, http.StatusTooManyRequests},
		http.Header{"Cache-Control": {noStore}, "Retry-After": {seconds}})
}

// readForm reads a form whose fields may occur once each.
func readForm(contentType string, body []byte) (url.Values, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, oauth(invalidRequest, "the body must be of the type application/x-www-form-urlencoded")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, oauth(invalidRequest, "the body is not a form")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, oauth(invalidRequest, "a field occurs more than once")
		}
		if values[0] == "" {
			form.Del(name) // RFC 6749, section 3.2: a field without a value counts as absent
		}
	}
	return form, nil
}

// target returns the services that a token is to be for, and which of the scopes it
// gets: all of them, or those at the one service that the form names as resource
// (RFC 8707).
func target(form url.Values, scopes []auth.Scope) ([]auth.Audience, []auth.Scope, error) {
	if !form.Has("resource") {
		return auth.Audiences(scopes), scopes, nil
	}
	to := auth.Audience(form.Get("resource"))
	if !to.Known() {
		return nil, nil, noService()
	}
	at := to.At(scopes)
	if len(at) == 0 && to != auth.Authsvc {
		return nil, nil, oauth(invalidTarget, "the account has no right at that service")
	}
	return []auth.Audience{to}, at, nil
}

func noService() error {
	return oauth(invalidTarget, "there is no such service: the resources are "+audiences())
}

func audiences() string {
	var names []string
	for _, a := range auth.AllAudiences() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}

// credentials is the client's id and secret, from HTTP Basic or from the form,
// but not from both (RFC 6749, section 2.3.1).
func credentials(authorization string, form url.Values) (id, secret string, err error) {
	if authorization == "" {
		id, secret = form.Get("client_id"), form.Get("client_secret")
		if id == "" || secret == "" {
			return "", "", oauth(invalidClient, "the client must send its id and its secret")
		}
		return id, secret, nil
	}
	if form.Has("client_secret") {
		return "", "", oauth(invalidRequest, "the client must authenticate in one way only")
	}
	request := http.Request{Header: http.Header{"Authorization": {authorization}}}
	id, secret, ok := request.BasicAuth()
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	if !ok || err1 != nil || err2 != nil {
		return "", "", oauth(invalidClient, "the header Authorization is not of the scheme Basic")
	}
	if form.Has("client_id") && form.Get("client_id") != id {
		return "", "", oauth(invalidRequest, "the form names another client than the header Authorization")
	}
	return id, secret, nil
}
