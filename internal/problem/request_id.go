package problem

import "context"

// RequestIDHeader carries a request's id from service to service and back.
const RequestIDHeader = "X-Request-Id"

type requestIDKey struct{}

// WithRequestID returns a context for the work on the request with an id. A
// [Call] under it passes the id on.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// OnBehalfOfHeader carries, from a service to another one, the subject of the user for
// whom it acts. It gives no right: the other service only records it.
const OnBehalfOfHeader = "X-On-Behalf-Of"

type onBehalfOfKey struct{}

// WithOnBehalfOf returns a context for the work for a subject. A [Call] under it says so.
func WithOnBehalfOf(ctx context.Context, subject string) context.Context {
	return context.WithValue(ctx, onBehalfOfKey{}, subject)
}

func onBehalfOf(ctx context.Context) string {
	subject, _ := ctx.Value(onBehalfOfKey{}).(string)
	return subject
}
