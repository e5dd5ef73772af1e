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

// maxProblem bounds what is read of a failed answer, in bytes.
const maxProblem = 1 << 20

// Unreachable is a service that did not answer at all.
type Unreachable struct {
	URL string
	Err error
}

func (u *Unreachable) Error() string { return fmt.Sprintf("no answer from %s: %v", u.URL, u.Err) }

// Unwrap returns the transport's error.
func (u *Unreachable) Unwrap() error { return u.Err }

// slow is an answer that did not come in time. It is a
// [context.DeadlineExceeded].
type slow struct{}

func (slow) Error() string { return "no answer in time" }

// Unwrap returns the error of contexts.
func (slow) Unwrap() error { return context.DeadlineExceeded }

// Call is one JSON request to a service and what to do with its answer.
type Call struct {
	Method string
	URL    string
	Header http.Header // added to the request; nil for none
	Body   any         // encoded as JSON; an io.Reader goes as it is; nil for none
	Into   any         // decoded from a 2xx answer; an io.Writer gets it as it is; nil to ignore it

	// Failed reads an answer other than 2xx, where the other side has its own
	// form of errors. Nil means Read.
	Failed func(*http.Response) *Problem
}

// Do sends the call. A transport failure is an *Unreachable, an answer other
// than 2xx is a *Problem, also where the other side sent none; either may come
// from another service that the client asked on the way, for a token. The
// header is that of the answer, nil without one. Safe for concurrent use.
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
		out := taker{w: into}
		if _, err = io.Copy(&out, resp.Body); out.err != nil {
			return resp.Header, out.err
		}
	default:
		err = json.NewDecoder(resp.Body).Decode(into)
	}
	if err != nil {
		return resp.Header, &Unreachable{URL: c.URL, Err: fmt.Errorf("read the answer: %w", plain(err))}
	}
	return resp.Header, nil
}

// taker keeps the error of a writer apart from those of what is written to it.
type taker struct {
	w   io.Writer
	err error
}

func (t *taker) Write(p []byte) (n int, err error) {
	n, t.err = t.w.Write(p)
	return n, t.err
}

// plain says what is wrong with an answer that cannot be read.
func plain(err error) error {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, typed := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return errors.New("it breaks off")
	case syntax || typed:
		return errors.New("it is not what this service says")
	case timedOut(err):
		return slow{}
	}
	return err
}

// timedOut reports whether an error is that of a time limit.
func timedOut(err error) bool {
	e, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && e.Timeout()
}

// failure says why there is no answer. The client may have asked another
// service first, for a token: then that service's own failure is the reason.
func (c Call) failure(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && cause != context.DeadlineExceeded {
		return cause
	}
	if other, ok := errors.AsType[*Unreachable](err); ok {
		return other
	}
	if other, ok := errors.AsType[*Problem](err); ok {
		return other
	}
	if ctx.Err() != nil || timedOut(err) {
		return &Unreachable{URL: c.URL, Err: slow{}}
	}
	return &Unreachable{URL: c.URL, Err: rootCause(err)}
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
	for k, v := range c.Header {
		req.Header[k] = v
	}
	return req, nil
}

// Read turns a failed answer into a *Problem. What is no problem document
// becomes one, with the status and the first of the text.
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
	return Newf(KindOf(resp.StatusCode), "answered %d: %s", resp.StatusCode, bytes.TrimSpace(text))
}

// rootCause drops the wrappers that repeat method and address.
func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
