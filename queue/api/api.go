// Package api is the HTTP API of the message service: it checks requests, waits
// where a caller asks to wait, and leaves the rest to the store.
package api

import (
	"context"
	_ "embed"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/audit/auditapi"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/serve"
	"foliocast/queue/store"
)

//go:embed examples.json
var examples []byte

// requestTime bounds every request, including the longest wait.
const requestTime = maxWait + 30*time.Second

// Backend is what the operations use.
type Backend struct {
	Store    *store.Store
	Notifier *store.Notifier
	// LookAgain is how long a poll waits for the notifier before it looks by
	// itself, because notifications are lost while the notifier reconnects. 0
	// means 3 s.
	LookAgain time.Duration
}

// API is the operations of the message service behind a door.
type API struct {
	// Desk records what the operations refuse, once it runs.
	Desk     *auditapi.Desk
	log      *slog.Logger
	backend  serve.Backend[Backend]
	messages *prometheus.CounterVec
	waited   prometheus.Histogram
	depth    *serve.Sampler
}

// Register puts the operations behind the door, guarded by v. Until Attach
// they answer that the service is not ready yet.
func Register(d *serve.Door, v *auth.Verifier, log *slog.Logger) *API {
	a := &API{log: log, backend: serve.Backend[Backend]{Service: "the queue", Unreachable: postgres.Unavailable}, messages: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "foliocast_queue_messages_total", Help: "Messages by what happened to them.",
	}, []string{"event"})}
	a.waited = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "foliocast_queue_wait_seconds", Help: "Time from the upload of a message to its first lease.",
		Buckets: prometheus.ExponentialBuckets(0.05, 4, 9),
	})
	a.depth = &serve.Sampler{Look: a.sampled, Log: log}
	d.Metrics.MustRegister(a.messages, a.waited, a.depth)
	a.Desk = auditapi.NewDesk(d.API, log) // before the guard, which refuses
	v.Guard(d.API)
	d.Admit(auth.Subject)
	a.registerMessages(d.API)
	a.registerLeases(d.API)
	a.registerParts(d.API)
	a.registerResults(d.API)
	a.registerQueues(d.API)
	a.registerOwners(d.API)
	a.registerDead(d.API)
	a.registerWorkers(d.API)
	operation(a, d.API, auditapi.Operation(d.API), auth.AuditRead, func(ctx context.Context, b *Backend, in *auditapi.Input) (*huma.StreamResponse, error) {
		return auditapi.Show(ctx, b.Store.Trail, in)
	})
	serve.Examples(d.API, examples)
	return a
}

// Attach gives the operations what they use.
func (a *API) Attach(b Backend) { a.backend.Attach(b) }

// Ready returns nil when the operations can reach their database.
func (a *API) Ready(ctx context.Context) error {
	b := a.backend.Load()
	if b == nil {
		return serve.ErrNotAttached
	}
	return b.Store.Ping(ctx)
}

// count adds an event that happened to n messages to the metrics.
func (a *API) count(event string, n int) { a.messages.WithLabelValues(event).Add(float64(n)) }

// bodied wraps a body in the struct that huma expects.
type bodied[T any] struct{ Body T }

// operation registers one operation, which needs one scope.
func operation[I, O any](a *API, api huma.API, op huma.Operation, need auth.Scope,
	handle func(context.Context, *Backend, *I) (*O, error)) {
	op.Security = auth.Needs(need)
	serve.Register(api, op, serve.Handler(&a.backend, requestTime, handle))
}
