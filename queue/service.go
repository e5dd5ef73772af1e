package queue

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"foliocast/internal/auth"
	"foliocast/internal/certs"
	"foliocast/internal/cli"
	"foliocast/internal/postgres"
	"foliocast/internal/serve"
	"foliocast/internal/tracing"
	"foliocast/queue/api"
	"foliocast/queue/store"
)

// serveQueue serves until ctx ends. It listens at once: while PostgreSQL is
// unreachable, it answers that it is not ready and keeps trying to connect.
func serveQueue(ctx context.Context, log *slog.Logger, config Config) error {
	defer runtime.KeepAlive(ballast())
	tracer, err := tracing.New("queue", cli.Version(), log)
	if err != nil {
		return err
	}
	defer tracer.Stop()
	secure, err := config.Client.Config(log)
	if err != nil {
		return err
	}
	var operations *api.API
	door := serve.NewDoor(serve.Config{Name: "queue", Version: cli.Version(), Log: log, Proxies: config.TrustedProxies,
		MetricsToken: config.MetricsToken, Tracer: tracer, Budget: serve.Budget{Requests: config.Requests, Bodies: config.Bodies},
		Ready: func(ctx context.Context) error { return operations.Ready(ctx) }})
	verifier := auth.NewRemote(config.AuthURL, certs.Transport(secure), config.Issuer, auth.Queue, serve.Source, log)
	operations = api.Register(door, verifier, log)

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
			work(ctx, log, operations, store.New(pool, config.policy()), config.AuditKeep)
		}
		return serve.Stopped(ctx, err)
	})
	err = group.Wait()
	if pool != nil {
		pool.Close()
	}
	return err
}

// besides is how much garbage, in bytes, may lie about at least before it is collected.
const besides = 32 << 20

// ballast is memory that the garbage collector counts and nobody touches, so that the
// machine never provides it. Without it, the few megabytes that the service uses would be
// collected after a few megabytes of garbage, which is each batch of messages. It is
// nil where GOGC or GOMEMLIMIT say what to do.
func ballast() []byte {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	return make([]byte, besides)
}

// work attaches the store to the operations, and runs the notifier and the sweeper
// until ctx ends.
func work(ctx context.Context, log *slog.Logger, operations *api.API, s *store.Store, keepAudit time.Duration) {
	notifier := s.NewNotifier(log)
	var background sync.WaitGroup
	background.Go(func() { notifier.Run(ctx) })
	background.Go(func() { newSweeper(s, log).run(ctx) })
	operations.Attach(api.Backend{Store: s, Notifier: notifier})
	background.Go(func() { operations.Sample(ctx) })
	background.Go(func() { operations.Desk.Run(ctx, s.Trail, keepAudit) })
	log.Info("ready")
	cli.Ready(ctx, log)
	background.Wait()
}

// migrateSchema brings the schema of the service to this version.
func migrateSchema(ctx context.Context, log *slog.Logger, c Config) error {
	return postgres.MigrateWaiting(ctx, log, c.DatabaseURL, cmp.Or(c.schema, store.Schema), store.Migrations())
}
