package foliocast

import (
	"net/http"
	"strings"
	"time"

	authclient "foliocast/authsvc/client"
	frontend "foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/certs"
	queue "foliocast/queue/client"
)

// services are the clients of a command that needs a session.
type services struct {
	at       addresses
	over     http.RoundTripper // to all services
	source   source
	auth     *authclient.Client
	frontend *frontend.Client
	queue    *queue.Client
}

// services finds the addresses and the session for a command.
func (a *app) services() (services, error) {
	return a.servicesWith(func(s source) source { return s })
}

// servicesWith is services with a source of tokens that change returns.
func (a *app) servicesWith(change func(source) source) (services, error) {
	token, err := a.givenToken()
	if err != nil {
		return services{}, err
	}
	v, err := a.vault()
	if err != nil && token == "" {
		return services{}, err
	}
	known, err := a.addresses(v)
	if err != nil {
		return services{}, err
	}
	secure, err := a.secure(known)
	if err != nil {
		return services{}, err
	}
	over := certs.Transport(secure)
	s := change(source{vault: v, given: token, auth: known.Auth, over: over, caFile: known.CAFile, to: auth.Authsvc, now: time.Now})
	return services{
		at:       known,
		over:     over,
		source:   s,
		auth:     authclient.New(known.Auth, s).Over(over),
		frontend: frontend.New(known.Frontend, frontend.Transport(known.Frontend, secure), s.at(auth.Frontend)),
		queue:    queue.New(known.Queue, queue.Transport(secure), s.at(auth.Queue)),
	}, nil
}

// tokenVariable names the token to use instead of a sign-in.
const tokenVariable = "FOLIOCAST_TOKEN"

// givenToken is the token of the environment; "" for none.
func (a *app) givenToken() (string, error) {
	token := strings.TrimSpace(a.env(tokenVariable))
	return token, checkToken(tokenVariable, token)
}

// checkToken refuses a personal access token that was not copied whole, before it is sent.
func checkToken(what, token string) error {
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) ||
		strings.HasPrefix(token, auth.PersonalPrefix) && !auth.Intact(auth.PersonalPrefix, token) {
		return usagef("%s is not a whole token: it must be as foliocast token create has printed it", what)
	}
	return nil
}

// addresses are those that the command line names, else those of the last
// sign-in.
func (a *app) addresses(v vault) (addresses, error) {
	all, err := v.read()
	if err != nil {
		return addresses{}, err
	}
	fallback := defaultAddresses()
	if last, ok := all.ByAuth[all.Current]; ok {
		fallback = last.Addresses
	}
	return a.where.resolve(a.env, fallback)
}
