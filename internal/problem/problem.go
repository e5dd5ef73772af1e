// Package problem is the error that goes over the wire: RFC 9457 problem
// details, written by the services and read back by their clients. It does not
// depend on a router or on a service.
package problem

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ContentType is the media type of a problem.
const ContentType = "application/problem+json"

// Kind is what went wrong, in terms that a caller can act on.
type Kind string

// The kinds, one for each way in which a request can fail.
const (
	Malformed            Kind = "malformed"         // cannot be parsed
	Invalid              Kind = "invalid"           // parsed, but fields are wrong
	Unauthorized         Kind = "unauthorized"      // no token, or a bad one
	Forbidden            Kind = "forbidden"         // a good token without the scope
	NotFound             Kind = "not-found"         // what it names does not exist
	Conflict             Kind = "conflict"          // the state of the resource does not allow it
	Stale                Kind = "stale"             // If-Match names an older version
	PreconditionRequired Kind = "precondition"      // If-Match is missing
	TooLarge             Kind = "too-large"         // the body exceeds its limit
	UnsupportedMedia     Kind = "media-type"        // the content type is not supported
	NotAcceptable        Kind = "not-acceptable"    // no media type in Accept can be served
	OutOfRange           Kind = "range"             // Range asks for what lies behind the end
	TooMany              Kind = "too-many-requests" // over the rate, or the queue is full
	Internal             Kind = "internal"          // the service's own fault
	Unavailable          Kind = "unavailable"       // something that the service needs is unreachable
)

// statuses is the only mapping between kinds and HTTP statuses.
var statuses = []struct {
	kind   Kind
	status int
}{
	{Malformed, http.StatusBadRequest},
	{Invalid, http.StatusUnprocessableEntity},
	{Unauthorized, http.StatusUnauthorized},
	{Forbidden, http.StatusForbidden},
	{NotFound, http.StatusNotFound},
	{Conflict, http.StatusConflict},
	{Stale, http.StatusPreconditionFailed},
	{PreconditionRequired, http.StatusPreconditionRequired},
	{TooLarge, http.StatusRequestEntityTooLarge},
	{UnsupportedMedia, http.StatusUnsupportedMediaType},
	{NotAcceptable, http.StatusNotAcceptable},
	{OutOfRange, http.StatusRequestedRangeNotSatisfiable},
	{TooMany, http.StatusTooManyRequests},
	{Internal, http.StatusInternalServerError},
	{Unavailable, http.StatusServiceUnavailable},
}

// Status is the HTTP status of a kind; 500 for an unknown one.
func (k Kind) Status() int {
	for _, row := range statuses {
		if row.kind == k {
			return row.status
		}
	}
	return http.StatusInternalServerError
}

// KindOf is the kind of an HTTP status. A status outside the table is Malformed
// when it is a 4xx, and Internal otherwise.
func KindOf(status int) Kind {
	for _, row := range statuses {
		if row.status == status {
			return row.kind
		}
	}
	if status >= 400 && status < 500 {
		return Malformed
	}
	return Internal
}

// Problem is an error for a caller: a kind, a sentence, and the fault of every
// wrong field. Its cause is for the operator's log and never leaves the process.
type Problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	RequestID string  `json:"request_id,omitzero"`
	Faults    []Fault `json:"errors,omitzero"`

	cause  error
	header http.Header // see With
}

// New returns a problem of a kind with its sentence and faults, of which it lists the
// first MaxFaults.
func New(kind Kind, detail string, faults ...Fault) *Problem {
	return &Problem{
		Type:   "urn:foliocast:problem:" + string(kind),
		Title:  http.StatusText(kind.Status()),
		Status: kind.Status(),
		Detail: detail,
		Faults: Bounded(faults),
	}
}

// Newf is New with a formatted sentence.
func Newf(kind Kind, format string, args ...any) *Problem {
	return New(kind, fmt.Sprintf(format, args...))
}

// Because returns a copy of p that wraps a cause for the log.
func (p *Problem) Because(cause error) *Problem {
	q := *p
	q.cause = cause
	return &q
}

// RetryAfter returns a copy of p that asks the caller to wait before it tries again,
// in the header Retry-After.
func (p *Problem) RetryAfter(wait time.Duration) *Problem {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return p.With("Retry-After", strconv.FormatInt(seconds, 10))
}

// With returns a copy of p whose answer has a header.
func (p *Problem) With(name, value string) *Problem {
	q := *p
	q.header = p.header.Clone()
	if q.header == nil {
		q.header = http.Header{}
	}
	q.header.Set(name, value)
	return &q
}

// GetHeaders is what the answer has beside the problem, under the name that huma
// requires.
func (p *Problem) GetHeaders() http.Header { return p.header }

// Kind is the problem's kind.
func (p *Problem) Kind() Kind {
	if k, ok := strings.CutPrefix(p.Type, "urn:foliocast:problem:"); ok {
		return Kind(k)
	}
	return KindOf(p.Status)
}

// Error is the sentence, followed by every fault on a line of its own.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Detail)
	for _, f := range p.Faults {
		fmt.Fprintf(&b, "\n  %s %s", strings.TrimPrefix(f.Pointer, "/"), f.Detail)
	}
	return b.String()
}

// Unwrap returns the cause, for the log.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus is the HTTP status, under the name that huma requires.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type, whichever the router proposes.
func (p *Problem) ContentType(string) string { return ContentType }

// Is reports whether err is or wraps a problem of the kind.
func Is(err error, kind Kind) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Kind() == kind
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// Escape escapes a name for use in a JSON pointer (RFC 6901).
func Escape(name string) string { return pointerEscapes.Replace(name) }
