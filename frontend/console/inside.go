package console

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"

	"foliocast/internal/problem"
)

// base is the address of the API for the client of this package, which never leaves the
// process.
const base = "http://data.invalid"

// within is a transport that hands requests to the API of this process, as if the browser had
// sent them itself: so a page can do what the API allows, with its checks, its limits, its audit
// trail and its sentences, and nothing else.
type within struct {
	api   http.Handler
	outer *http.Request // of the browser
}

// errCut is the error of an answer that broke off.
var errCut = errors.New("the answer broke off")

// RoundTrip answers a request. It holds the whole answer: pages ask for bounded ones.
func (w within) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	inner := req.Clone(req.Context())
	inner.RequestURI = req.URL.RequestURI()
	inner.RemoteAddr, inner.Host, inner.TLS = w.outer.RemoteAddr, w.outer.Host, w.outer.TLS
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto"} {
		if values := w.outer.Header.Values(name); values != nil {
			inner.Header[name] = values
		}
	}
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	defer inner.Body.Close()
	out := &answer{header: http.Header{}}
	defer func() {
		if fault := recover(); fault == http.ErrAbortHandler {
			resp, err = nil, errCut
		} else if fault != nil {
			panic(fault)
		}
	}()
	w.api.ServeHTTP(out, inner)
	out.WriteHeader(http.StatusOK)
	return &http.Response{Status: strconv.Itoa(out.status) + " " + http.StatusText(out.status), StatusCode: out.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: out.sent, Body: io.NopCloser(&out.body), ContentLength: int64(out.body.Len()), Request: req}, nil
}

// answer holds what a handler answers.
type answer struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

// Header returns the header to come.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the status, and the header as it is.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write keeps a part of the body.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Flush does nothing: the answer is held until it is whole.
func (a *answer) Flush() {}

// problemOf is the problem in an error, which is one of ours where it has none.
func problemOf(err error) *problem.Problem {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	if _, silent := errors.AsType[*problem.Unreachable](err); silent {
		return problem.New(problem.Unavailable, "a service that this page needs does not answer: try again in a few seconds").Because(err)
	}
	return problem.New(problem.Internal, "the page failed: this is a fault of ours, and it is logged under the request id").Because(err)
}
