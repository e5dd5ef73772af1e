// Package api serves the data service over HTTP. It checks requests and the rights
// of their senders; the store keeps the data, the archive keeps the files, and the
// relay talks to the queue.
package api

import (
	"cmp"
	"context"
	_ "embed"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"foliocast/frontend/archive"
	"foliocast/frontend/events"
	"foliocast/frontend/relay"
	"foliocast/frontend/source"
	"foliocast/frontend/store"
	"foliocast/frontend/webhook"
	"foliocast/internal/audit/auditapi"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

//go:embed examples.json
var examples []byte

// Limits bounds what a client may ask for.
type Limits struct {
	// Upload is the maximum size of a dataset's file in bytes. Reading one takes
	// several times as much memory.
	Upload int64
	// Mapped is the maximum for a file in the stored Arrow form, which is
	// streamed to disk and mapped, so that only its names and offsets are in
	// memory. It is at least Upload.
	Mapped     int64
	UploadTime time.Duration // how long an upload may take
	ImportTime time.Duration // how long a source may take to send a file; 0 means 15 minutes
	// Memory is what all files together may take in memory that are read at once, in
	// bytes; 0 means 256 MB. One file may take three quarters.
	Memory int64
	Quotas
}

// Backend is what the operations work on.
type Backend struct {
	Store   *store.Store
	Archive *archive.Archive
	Relay   *relay.Relay
	Events  *events.Hub
	Sender  *webhook.Sender
	Fetcher *source.Fetcher
	// Rights returns the scopes of a user by their subject, none of a user who was removed.
	Rights func(ctx context.Context, subject string) ([]auth.Scope, error)
}

// API holds the operations of the data service.
type API struct {
	// Desk records what they refuse, once it runs.
	Desk    *auditapi.Desk
	log     *slog.Logger
	program string // its version
	limits  Limits
	backend serve.Backend[Backend]
	reader  *reader
	uploads serve.Tally
	streams serve.Tally
	flights *flights

	added, stored prometheus.Counter // versions of datasets, and their bytes
}

// Register adds the operations to d, guarded by v. Until Attach is called, they
// answer that the service is not ready yet.
func Register(d *serve.Door, v *auth.Verifier, log *slog.Logger, limits Limits) *API {
	limits.Mapped, limits.ImportTime = max(limits.Mapped, limits.Upload), cmp.Or(limits.ImportTime, 15*time.Minute)
	desk := auditapi.NewDesk(d.API, log) // before the guard, which refuses
	a := &API{Desk: desk, log: log, program: d.API.OpenAPI().Info.Version, limits: limits, reader: newReader(cmp.Or(limits.Memory, 256<<20), readWait),
		flights: newFlights(),
		added:   prometheus.NewCounter(prometheus.CounterOpts{Name: "foliocast_dataset_versions_total", Help: "New versions of datasets."}),
		stored:  prometheus.NewCounter(prometheus.CounterOpts{Name: "foliocast_dataset_bytes_total", Help: "Bytes of the new versions of datasets, as they are stored."}),
		backend: serve.Backend[Backend]{Service: "the data service", Unreachable: postgres.Unavailable}}
	d.Metrics.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "foliocast_uploads", Help: "Files that are being sent or read."}, func() float64 { return float64(a.uploads.All()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "foliocast_event_streams", Help: "Streams of events that are open."}, func() float64 { return float64(a.streams.All()) }),
		a.added, a.stored)
	v.Guard(d.API)
	d.Admit(auth.Subject)
	d.API.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) { next(huma.WithValue(ctx, apiKey{}, a)) })
	a.registerUpload(d.API)
	a.registerImport(d.API)
	a.registerAppend(d.API)
	a.registerDatasets(d.API)
	a.registerFile(d.API)
	a.registerSubmit(d.API)
	a.registerJobs(d.API)
	a.registerTrace(d.API)
	a.registerUsage(d.API)
	a.registerEvents(d.API)
	a.registerBatches(d.API)
	a.registerSchedules(d.API)
	a.registerWebhooks(d.API)
	a.registerChange(d.API)
	a.registerResult(d.API)
	a.registerAnswerPage(d.API)
	a.registerHistory(d.API)
	operation(a, d.API, auditapi.Operation(d.API), auth.AuditRead, requestTime, func(ctx context.Context, b *Backend, in *auditapi.Input) (*huma.StreamResponse, error) {
		return auditapi.Show(ctx, b.Store.Trail, in)
	})
	a.registerRemove(d.API)
	a.registerFlat(d.API)
	registerClients(d)
	openMaps(d.API)
	nullable(d.API)
	starred(d.API)
	serve.Examples(d.API, examples)
	return a
}

// Attach gives the operations what they work on.
func (a *API) Attach(b Backend) { a.backend.Attach(b) }

// Ready returns nil when the operations can do their work.
func (a *API) Ready(ctx context.Context) error {
	b := a.backend.Load()
	if b == nil {
		return serve.ErrNotAttached
	}
	return b.Store.Ping(ctx)
}

// operation registers one operation, which needs one scope. Its work must end
// within limit.
func operation[I, O any](a *API, api huma.API, op huma.Operation, need auth.Scope, limit time.Duration,
	handle func(context.Context, *Backend, *I) (*O, error)) {
	op.Security = auth.Needs(need)
	serve.Register(api, op, serve.Handler(&a.backend, limit, handle))
}

// requestTime bounds the work on a request that does not ask to wait longer.
const requestTime = 30 * time.Second

// caller returns the principal that sent the request.
func caller(ctx context.Context) (auth.Principal, error) {
	p, ok := auth.From(ctx)
	if !ok {
		return p, problem.New(problem.Unauthorized, "this needs an access token")
	}
	return p, nil
}

// bodied is an answer with nothing but a body.
type bodied[T any] struct{ Body T }

// described documents an answer that the router does not write itself.
func described(what string, mediaTypes ...string) map[string]*huma.Response {
	content := map[string]*huma.MediaType{}
	for _, m := range mediaTypes {
		content[m] = &huma.MediaType{}
	}
	return map[string]*huma.Response{"200": {Description: what, Content: content}}
}
