package frontend

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	authclient "foliocast/authsvc/client"
	"foliocast/frontend/api"
	"foliocast/frontend/archive"
	"foliocast/frontend/console"
	"foliocast/frontend/egress"
	"foliocast/frontend/events"
	"foliocast/frontend/relay"
	"foliocast/frontend/source"
	"foliocast/frontend/store"
	"foliocast/frontend/webhook"
	"foliocast/internal/auth"
	"foliocast/internal/certs"
	"foliocast/internal/cli"
	"foliocast/internal/postgres"
	"foliocast/internal/serve"
	"foliocast/internal/tracing"
	"foliocast/queue/client"
)

// serveFrontend serves until ctx ends. It listens at once: while PostgreSQL is
// unreachable, it answers that it is not ready and keeps trying to connect.
func serveFrontend(ctx context.Context, log *slog.Logger, config Config) error {
	files, err := archive.Open(config.DataDir, config.OpenDatasets)
	if err != nil {
		return err
	}
	tracer, err := tracing.New("frontend", cli.Version(), log)
	if err != nil {
		return err
	}
	defer tracer.Stop()
	secure, err := config.Client.Config(log)
	if err != nil {
		return err
	}
	others := certs.Transport(secure)
	var operations *api.API
	door := serve.NewDoor(serve.Config{Name: "frontend", Version: cli.Version(), Log: log, RateLimit: config.RateLimit, Proxies: config.TrustedProxies,
		MetricsToken: config.MetricsToken, Tracer: tracer, BeginTraces: true, Budget: serve.Budget{Requests: config.Requests, Bodies: config.Bodies},
		Ready: func(ctx context.Context) error { return operations.Ready(ctx) }})
	verifier := auth.NewRemote(config.AuthURL, others, config.Issuer, auth.Frontend, serve.Source, log)
	toIdentity := authclient.ServiceTokens(config.AuthURL, config.ClientID, config.ClientSecret, auth.Authsvc).Over(others)
	pages := console.New(door, console.Config{Verifier: verifier, Identity: config.AuthURL, Own: toIdentity, Queue: config.QueueURL, Others: others, Version: cli.Version(), Idle: config.ConsoleIdle, Log: log})
	operations = api.Register(door, verifier, log,
		api.Limits{Upload: config.MaxUpload, Mapped: config.MaxMapped, UploadTime: config.UploadTime, ImportTime: config.ImportTime, Memory: config.ReadMemory,
			Quotas: api.Quotas{Jobs: config.UserJobs, Schedules: config.UserSchedules, Webhooks: config.UserWebhooks, Uploads: config.MaxUploads, UserUploads: config.UserUploads, Bytes: config.UserBytes, Streams: config.MaxStreams, UserStreams: config.UserStreams}})
	pages.Register()
	boundMemory(config.ReadMemory)

	// The user's token stops here: this service sends its own to the queue.
	owners := authclient.New(config.AuthURL, toIdentity).Over(others)
	queue := client.New(config.QueueURL, client.Transport(secure), authclient.ServiceTokens(config.AuthURL, config.ClientID, config.ClientSecret, auth.Queue).Over(others))

	var pool *pgxpool.Pool
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { verifier.Run(ctx); return nil })
	group.Go(func() error {
		return serve.Run(ctx, log, serve.Listening{Address: config.Listen, Notice: config.StopNotice, TLS: config.Server}, door.Router)
	})
	group.Go(func() (err error) {
		pool, err = postgres.OpenWaiting(ctx, log, config.DatabaseURL, cmp.Or(config.schema, store.Schema), store.Migrations(), config.Connections)
		if err == nil {
			door.Metrics.MustRegister(postgres.PoolMetrics(pool))
			pages.Attach(store.New(pool))
			work(ctx, log, operations, pool, files, queue, owners, door.Metrics, tracer,
				Keep{Jobs: config.KeepJobs, Versions: config.KeepVersions, Dry: config.KeepDryRun, Audit: config.AuditKeep, Events: config.KeepEvents, Console: pages.Life()},
				webhook.NewSender(egress.Policy{Settings: "FOLIOCAST_WEBHOOK", HTTP: config.WebhookHTTP, Networks: config.WebhookNetworks}, nil),
				source.New(egress.Policy{Settings: "FOLIOCAST_IMPORT", HTTP: config.ImportHTTP, Networks: config.ImportNetworks}, nil))
		}
		return serve.Stopped(ctx, err)
	})
	err = group.Wait()
	if pool != nil {
		pool.Close()
	}
	return err
}

// besides is about how much memory the service takes beside the files that it reads.
const besides = 64 << 20

// boundMemory makes the garbage collector work harder, rather than later, once the
// files that are read take all memory that they may. GOMEMLIMIT overrides it.
func boundMemory(reading int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(reading + besides)
	}
}

// work attaches the operations' backend, relays jobs to the queue and results from it, and delivers
// events to webhooks, until ctx ends.
func work(ctx context.Context, log *slog.Logger, operations *api.API, pool *pgxpool.Pool, files *archive.Archive, queue *client.Client, owners *authclient.Client, metrics *prometheus.Registry, tracer *tracing.Tracer, keep Keep, sender *webhook.Sender, fetcher *source.Fetcher) {
	s := store.New(pool)
	relay := relay.New(s, queue, log, metrics)
	relay.Tracer = tracer
	hub := events.NewHub(s, log)
	relay.Ended = hub.Ended
	hooks := webhook.NewWorker(s, sender, hub, owners.Rights, log)
	operations.Attach(api.Backend{Store: s, Archive: files, Relay: relay, Events: hub, Sender: sender, Fetcher: fetcher, Rights: owners.Rights})
	log.Info("ready")
	cli.Ready(ctx, log)
	var background sync.WaitGroup
	background.Go(func() { hub.Run(ctx) })
	background.Go(func() { operations.Fire(ctx) })
	background.Go(func() { hooks.Run(ctx) })
	background.Go(func() { sampleOutbox(ctx, log, s, metrics) })
	background.Go(func() { operations.Desk.Run(ctx, s.Trail, keep.Audit) })
	background.Go(func() { tidier{log, s, files, keep}.run(ctx) })
	relay.Run(ctx)
	background.Wait()
}

// migrateSchema brings the schema of the service to this version.
func migrateSchema(ctx context.Context, log *slog.Logger, c Config) error {
	return postgres.MigrateWaiting(ctx, log, c.DatabaseURL, cmp.Or(c.schema, store.Schema), store.Migrations())
}
