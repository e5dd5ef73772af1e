// Package tracing makes the spans of a job's trace and sends them by OTLP. It knows nothing of jobs.
//
// A trace crosses processes as text, in the form of W3C Trace Context: a traceparent in the header of a request, in the row
// of a job and in a lease. Many spans are known only when they have ended, in another process than the one in which they
// began. They have names that everybody can compute ([ID]), so that a span may be the parent of others, or be linked to,
// before it is sent, and is the same span when it is sent twice.
package tracing

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// SpanID names a span in its trace.
type SpanID = trace.SpanID

// ID returns the name of the span that the words describe, such as the kind of the span and the key of the message that it
// is about.
func ID(words ...string) (id SpanID) {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	copy(id[:], sum[:])
	return id
}

// Span is one step of a trace, with its times.
type Span struct {
	Name       string
	ID, Parent SpanID // a random one when ID is zero
	Begin, End time.Time
	Attributes map[string]any // text, whole numbers, numbers and truth values
	Follows    SpanID         // an earlier attempt at the same, in the same trace; zero for none
	Fault      string         // why the step failed; "" if it did not
}

// Child returns the traceparent of another span of the same trace, or "" for a parent that is not a traceparent.
func Child(parent string, id SpanID) string {
	sc := parse(parent)
	if !sc.IsValid() {
		return ""
	}
	return format(sc.WithSpanID(id))
}

// Trace returns the name of the trace of a traceparent, and the id of its span. It reports false for any other text.
func Trace(parent string) (traceID string, span SpanID, ok bool) {
	sc := parse(parent)
	return sc.TraceID().String(), sc.SpanID(), sc.IsValid()
}

// header is the name of a traceparent among the fields of a message.
const header = "traceparent"

// parse returns the context of a traceparent, or an invalid one.
func parse(parent string) trace.SpanContext {
	if parent == "" {
		return trace.SpanContext{}
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{header: parent})
	return trace.SpanContextFromContext(ctx)
}

// format is the inverse of parse.
func format(sc trace.SpanContext) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), sc), carrier)
	return carrier[header]
}
