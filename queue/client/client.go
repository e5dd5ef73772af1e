// Package client calls the message service: one method for each of its operations.
// It tries each request once and returns every failure: an answer other than
// success is a *problem.Problem, and no answer at all a *problem.Unreachable. All
// operations but Lease may be repeated without harm; the messages of a lease whose
// answer was lost can be leased again when it expires.
package client

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// requestTime bounds a request that does not ask the service to wait.
const requestTime = 20 * time.Second

// pollTime bounds a request that asks the service to wait, in addition to that time: it
// sends little, and nobody notices earlier that its connection leads nowhere.
const pollTime = 15 * time.Second

// dialTime bounds the time to connect.
const dialTime = 5 * time.Second

// idlePerHost is how many connections are kept open between requests.
const idlePerHost = 16

// Client is one message service. Safe for concurrent use.
type Client struct {
	base  string
	http  *http.Client
	limit time.Duration

	unanswered *unanswered
}

// Within returns the same client with another limit of the time that a request takes. The
// default is 20 s. A request that asks the service to wait may take that time, and 15 s
// more at most.
func (c *Client) Within(limit time.Duration) *Client {
	other := *c
	other.limit = limit
	return &other
}

// New returns a client of the service at base, such as http://127.0.0.1:7500,
// that sends the tokens of source. A nil transport means that of Transport, which keeps
// connections open.
func New(base string, transport http.RoundTripper, source auth.TokenSource) *Client {
	if transport == nil {
		transport = Transport(nil)
	}
	return &Client{
		base:  strings.TrimSuffix(base, "/"),
		limit: requestTime,

		unanswered: &unanswered{byWorker: map[string]string{}},
		http:       &http.Client{Transport: &auth.Transport{Source: source, Base: transport}},
	}
}

// Transport is the transport of New without one, with a configuration of TLS; nil means the
// authorities of the system.
func Transport(secure *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSClientConfig:     secure,
		TLSHandshakeTimeout: dialTime,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: idlePerHost,
		IdleConnTimeout:     time.Minute, // shorter than the service keeps them
	}
}

// call sends a request with a time limit and returns the answer's header.
func (c *Client) call(ctx context.Context, call problem.Call, path string, wait time.Duration) (http.Header, error) {
	limit := c.limit
	if wait > 0 {
		limit = min(limit, pollTime)
	}
	ctx, cancel := context.WithTimeout(ctx, limit+wait)
	defer cancel()
	call.URL = c.base + path
	header, err := call.Do(ctx, c.http)
	if errors.Is(err, context.DeadlineExceeded) {
		// The idle connections may lead nowhere either: each would cost the same time.
		c.http.CloseIdleConnections()
	}
	return header, err
}

// get, post, put and remove send a request and decode its answer as a T.
func get[T any](ctx context.Context, c *Client, path string, wait time.Duration) (answer T, err error) {
	_, err = c.call(ctx, problem.Call{Method: http.MethodGet, Into: &answer}, path, wait)
	return answer, err
}

func post[T any](ctx context.Context, c *Client, path string, wait time.Duration, body any) (answer T, err error) {
	_, err = c.call(ctx, problem.Call{Method: http.MethodPost, Body: body, Into: &answer}, path, wait)
	return answer, err
}

func put[T any](ctx context.Context, c *Client, path string, header http.Header, body any) (answer T, err error) {
	_, err = c.call(ctx, problem.Call{Method: http.MethodPut, Header: header, Body: body, Into: &answer}, path, 0)
	return answer, err
}

func patch[T any](ctx context.Context, c *Client, path string, body any) (answer T, err error) {
	_, err = c.call(ctx, problem.Call{Method: http.MethodPatch, Body: body, Into: &answer}, path, 0)
	return answer, err
}

func remove[T any](ctx context.Context, c *Client, path string) (answer T, err error) {
	_, err = c.call(ctx, problem.Call{Method: http.MethodDelete, Into: &answer}, path, 0)
	return answer, err
}

// dryRun returns the query of an operation that can be a dry run.
func dryRun(dry bool) string {
	if dry {
		return "?dry_run=true"
	}
	return ""
}

// after returns the query of a page.
func after(position int64, limit int) url.Values {
	q := url.Values{"after": {strconv.FormatInt(position, 10)}}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return q
}
