// Package client is the client of the data service: datasets, jobs and results.
// It sends each request once. An error is a *problem.Problem when the service
// answers with one, and a *problem.Unreachable when it does not answer. Creating
// a job under an idempotency key is safe to repeat, and so is every operation
// that only reads.
package client

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// requestTime bounds a request, in addition to the time that it asks the service
// to wait. Uploads and downloads are bounded by their contexts alone.
const requestTime = 30 * time.Second

// Client is one data service. Safe for concurrent use.
type Client struct {
	base string
	http *http.Client
}

// New returns a client of the service at base, as in http://127.0.0.1:8080,
// which sends the tokens of source. A nil transport means that of Transport, which keeps
// connections open.
func New(base string, transport http.RoundTripper, source auth.TokenSource) *Client {
	if transport == nil {
		transport = Transport(base, nil)
	}
	return &Client{
		base: strings.TrimSuffix(base, "/"),
		http: &http.Client{Transport: &auth.Transport{Source: source, Base: transport}},
	}
}

// Transport is the transport of New without one, with a configuration of TLS; nil means the
// authorities of the system.
func Transport(base string, secure *tls.Config) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	t.DisableCompression = onThisMachine(base) // there packing a result takes longer than sending it
	t.TLSClientConfig = secure
	return t
}

// onThisMachine reports whether an address is one of this machine.
func onThisMachine(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// call sends a request that is answered within requestTime and wait.
func (c *Client) call(ctx context.Context, call problem.Call, path string, wait time.Duration) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime+wait)
	defer cancel()
	return c.stream(ctx, call, path)
}

// stream sends a request that may take as long as ctx allows.
func (c *Client) stream(ctx context.Context, call problem.Call, path string) (http.Header, error) {
	call.URL = c.base + path
	return call.Do(ctx, c.http)
}
