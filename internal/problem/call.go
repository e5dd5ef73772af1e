package problem

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// maxProblem bounds, in bytes, how much of a failed answer is read.
const maxProblem = 1 << 20

// Unreachable is the error of a service that did not answer at all.
type Unreachable struct {
	URL string
	Err error
}

func (u *Unreachable) Error() string {
	what := "no answer from"
	if _, ok := errors.AsType[*Insecure](u.Err); ok {
		what = "no secure connection to"
	}
	return fmt.Sprintf("%s %s: %v", what, u.URL, u.Err)
}

// Unwrap returns the transport's error.
func (u *Unreachable) Unwrap() error { return u.Err }

// Unsent is the error of a request that was never sent, because what it needs could not
// be had from another service: a token. A problem in it is the other service's.
type Unsent struct{ Err error }

// Error is the sentence of the other service's problem or silence alone, if it is one.
func (u *Unsent) Error() string {
	if p, ok := errors.AsType[*Problem](u.Err); ok {
		return p.Error()
	}
	if other, ok := errors.AsType[*Unreachable](u.Err); ok {
		return other.Error()
	}
	return u.Err.Error()
}

// Unwrap returns the cause.
func (u *Unsent) Unwrap() error { return u.Err }

// ErrForeign is the cause of a problem that was read from an answer without a problem
// document: something on the way may have sent it, such as a proxy, and whether the
// service received the request is unknown.
var ErrForeign = errors.New("the answer is not a problem document")

// Answered returns the problem with which the service itself answered a [Call], and nil
// when err is another error, comes from another service, or was sent by something on the
// way. Only such an answer says what the service did.
func Answered(err error) *Problem {
	if _, unsent := errors.AsType[*Unsent](err); unsent || errors.Is(err, ErrForeign) {
		return nil
	}
	p, _ := errors.AsType[*Problem](err)
	return p
}

// timeout is the error of an answer that did not come in time. It is a
// [context.DeadlineExceeded].
type timeout struct{}

func (timeout) Error() string { return "no answer in time" }

// Unwrap returns the error of an expired context.
func (timeout) Unwrap() error { return context.DeadlineExceeded }

// Call is one JSON request to a service and what to do with its answer. It
// passes on the id of the request that it is part of, its place in a trace, and for whom.
type Call struct {
	Method string
	URL    string
	Header http.Header // added to the request; nil for none
	Body   any         // encoded as JSON; an io.Reader is sent unchanged; nil for none
	Into   any         // decoded from a 2xx answer; an io.Writer receives it unchanged; nil to ignore it

	// Failed reads an answer other than 2xx from a service that has its own form
	// of errors. Nil means Read.
	Failed func(*http.Response) *Problem
}

// Do sends the call. When there is no answer the error is an *Unreachable, and
// for an answer other than 2xx a *Problem, even when the service did not send
// one. When the client got no token, the error is an *Unsent, which wraps the problem or
// silence of the service that it asked for one.
// Do returns the header of the answer, or nil without one. It is safe for
// concurrent use.
func (c Call) Do(ctx context.Context, client *http.Client) (http.Header, error) {
	req, err := c.request(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, c.failure(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		if c.Failed != nil {
			return resp.Header, c.Failed(resp)
		}
		return resp.Header, Read(resp)
	}
	switch into := c.Into.(type) {
	case nil:
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxProblem))
	case io.Writer:
		out := errWriter{w: into}
		if _, err = io.Copy(&out, resp.Body); out.err != nil {
			return resp.Header, out.err
		}
	default:
		err = json.NewDecoder(resp.Body).Decode(into)
	}
	if err != nil {
		return resp.Header, &Unreachable{URL: c.URL, Err: fmt.Errorf("read the answer: %w", readable(err))}
	}
	return resp.Header, nil
}

// errWriter remembers the error of w, to tell it from errors of reading.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) Write(p []byte) (n int, err error) {
	n, e.err = e.w.Write(p)
	return n, e.err
}

// readable says in plain words why an answer cannot be read.
func readable(err error) error {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, typed := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return errors.New("it is incomplete")
	case syntax || typed:
		return errors.New("it is not in the form of this service")
	case timedOut(err):
		return timeout{}
	}
	return err
}

// timedOut reports whether err says that a time limit has passed.
func timedOut(err error) bool {
	e, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && e.Timeout()
}

// failure says why there is no answer. The client may first have asked another
// service for a token; then the failure of that service is the reason.
func (c Call) failure(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && cause != context.DeadlineExceeded {
		return cause
	}
	if unsent, ok := errors.AsType[*Unsent](err); ok {
		return unsent
	}
	if ctx.Err() != nil || timedOut(err) {
		return &Unreachable{URL: c.URL, Err: timeout{}}
	}
	return &Unreachable{URL: c.URL, Err: Reason(err)}
}

func (c Call) request(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	kind := ""
	switch b := c.Body.(type) {
	case nil:
	case io.Reader:
		body = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, c.Method, c.URL, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if id := RequestID(ctx); id != "" {
		req.Header.Set(RequestIDHeader, id)
	}
	if traceparent := Traceparent(ctx); traceparent != "" {
		req.Header.Set(TraceparentHeader, traceparent)
	}
	if subject := onBehalfOf(ctx); subject != "" {
		req.Header.Set(OnBehalfOfHeader, subject)
	}
	for k, v := range c.Header {
		req.Header[k] = v
	}
	return req, nil
}

// Read turns a failed answer into a *Problem. An answer that is not a problem
// document becomes one, with the status and the beginning of the text.
func Read(resp *http.Response) *Problem {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var p Problem
	if media == ContentType && json.Unmarshal(text, &p) == nil && p.Status == resp.StatusCode {
		return &p
	}
	if len(text) > 200 {
		text = text[:200]
	}
	return Newf(KindOf(resp.StatusCode), "answered %d: %s", resp.StatusCode, bytes.TrimSpace(text)).Because(ErrForeign)
}

// rootCause removes the wrappers, which repeat method and address.
func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
