package tracing

import (
	"context"
	"crypto/rand"

	"go.opentelemetry.io/otel/trace"
)

// ids gives a span the id in its context, and otherwise a random one.
type ids struct{}

type idKey struct{}

// NewIDs is for the SDK, which calls it for a span without a parent.
func (ids) NewIDs(ctx context.Context) (id trace.TraceID, _ trace.SpanID) {
	_, _ = rand.Read(id[:]) // never fails
	return id, ids{}.NewSpanID(ctx, id)
}

// NewSpanID is for the SDK.
func (ids) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	id, _ := ctx.Value(idKey{}).(SpanID)
	if !id.IsValid() {
		_, _ = rand.Read(id[:])
	}
	return id
}
