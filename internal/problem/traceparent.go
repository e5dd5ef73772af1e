package problem

import "context"

// TraceparentHeader carries the place of a request in a trace, as W3C Trace Context says.
const TraceparentHeader = "Traceparent"

type traceparentKey struct{}

// WithTraceparent returns a context for the work below a span. A [Call] under it passes that on; "" is no span.
func WithTraceparent(ctx context.Context, traceparent string) context.Context {
	if traceparent == "" {
		return ctx
	}
	return context.WithValue(ctx, traceparentKey{}, traceparent)
}

// Traceparent is the place in a trace of the request that ctx belongs to, or "".
func Traceparent(ctx context.Context) string {
	traceparent, _ := ctx.Value(traceparentKey{}).(string)
	return traceparent
}
