// Package api is the HTTP face of the message service: it checks what comes
// in, waits where a caller asks to wait, and leaves the rest to the store.
package api

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/queue/store"
)

// requestTime bounds every request, the longest wait included.
const requestTime = maxWait + 30*time.Second

// Backend is what the operations work on.
type Backend struct {
	Store *store.Store
	Bell  *store.Bell
}

// API is the operations of the message service behind a door.
type API struct {
	log      *slog.Logger
	backend  atomic.Pointer[Backend]
	messages *prometheus.CounterVec
}

// Register puts the operations behind the door, guarded by v. Until Attach
// they answer that the service is not ready yet.
func Register(d *serve.Door, v *auth.Verifier, log *slog.Logger) *API {
	a := &API{log: log, messages: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "queue_messages_total", Help: "Messages by what happened to them.",
	}, []string{"event"})}
	d.Metrics.MustRegister(a.messages, depth{a})
	v.Guard(d.API)
	a.registerMessages(d.API)
	a.registerLeases(d.API)
	a.registerParts(d.API)
	a.registerResults(d.API)
	a.registerQueues(d.API)
	a.registerDead(d.API)
	return a
}

// Attach gives the operations what they work on.
func (a *API) Attach(b Backend) { a.backend.Store(&b) }

// Ready is nil when the operations can do their work.
func (a *API) Ready(ctx context.Context) error {
	b := a.backend.Load()
	if b == nil {
		return errNotAttached
	}
	return b.Store.Ping(ctx)
}

var errNotAttached = errors.New("PostgreSQL was not reached yet")

// count notes that something happened to n messages.
func (a *API) count(event string, n int) { a.messages.WithLabelValues(event).Add(float64(n)) }

// bodied wraps an answer's body as the router wants it.
type bodied[T any] struct{ Body T }

// operation registers one operation, which needs one right.
func operation[I, O any](a *API, api huma.API, op huma.Operation, need auth.Scope,
	handle func(context.Context, *Backend, *I) (*O, error)) {
	op.Security = auth.Needs(need)
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		b := a.backend.Load()
		if b == nil {
			return nil, problem.New(problem.Unavailable, "the queue is starting: try again in a moment").Because(errNotAttached)
		}
		out, err := handle(ctx, b, in)
		if err != nil {
			return nil, fault(ctx, err)
		}
		return out, nil
	})
}

// fault turns an error of the store into a problem for the caller.
func fault(ctx context.Context, err error) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return problem.New(problem.Unavailable, "the caller went away")
	case postgres.Unavailable(err) || ctx.Err() != nil:
		return problem.New(problem.Unavailable, "the queue cannot reach its database: try again in a moment").Because(err)
	}
	return problem.New(problem.Internal, "the queue failed: this is a fault of ours, and it is logged under the request id").Because(err)
}
