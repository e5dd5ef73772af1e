package serve

import (
	"context"
	"sync/atomic"
)

type waitsKey struct{}

// Waits notes that the request waits for something to happen, as a long poll or a stream does. Its time says nothing about the
// service's speed: it is counted apart, and is not in the histogram of times.
func Waits(ctx context.Context) {
	if waits, ok := ctx.Value(waitsKey{}).(*atomic.Bool); ok {
		waits.Store(true)
	}
}
