package main

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/serve"
	"foliocast/queue/api"
	"foliocast/queue/store"
)

// serveQueue serves until ctx ends. It listens at once: while PostgreSQL is
// not there it answers that it is not ready, and goes on trying.
func serveQueue(ctx context.Context, log *slog.Logger, config Config) error {
	var operations *api.API
	door := serve.NewDoor(serve.Config{Name: "queue", Version: version, Log: log,
		Ready: func(ctx context.Context) error { return operations.Ready(ctx) }})
	keys := auth.NewRemoteKeys(config.AuthURL, log)
	operations = api.Register(door, auth.NewVerifier(keys, config.Issuer, auth.Audience, nil), log)

	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	var pool *pgxpool.Pool
	background.Go(func() {
		if pool = connect(ctx, log, config); pool != nil {
			work(ctx, log, operations, store.New(pool, config.policy()))
		}
	})
	err := serve.Run(ctx, log, config.Listen, door.Router)
	cancel()
	background.Wait()
	if pool != nil {
		pool.Close()
	}
	return err
}

// work attaches the store to the operations and does what is to be done beside
// them, until ctx ends.
func work(ctx context.Context, log *slog.Logger, operations *api.API, s *store.Store) {
	bell := s.NewBell(log)
	var background sync.WaitGroup
	background.Go(func() { bell.Listen(ctx) })
	background.Go(func() { newSweeper(s, log).run(ctx) })
	operations.Attach(api.Backend{Store: s, Bell: bell})
	log.Info("ready")
	background.Wait()
}

// Bounds on the wait before PostgreSQL is tried again.
const (
	minRetry = 100 * time.Millisecond
	maxRetry = 5 * time.Second
)

// connect opens the schema, trying until it succeeds. It returns nil when ctx
// ends before.
func connect(ctx context.Context, log *slog.Logger, config Config) *pgxpool.Pool {
	for wait := minRetry; ; wait = min(2*wait, maxRetry) {
		pool, err := postgres.Open(ctx, config.DatabaseURL, cmp.Or(config.schema, store.Schema), store.Migrations(), config.Connections)
		if err == nil {
			return pool
		}
		if ctx.Err() != nil {
			return nil
		}
		log.Warn("the database cannot be opened, will try again", "err", err, "wait_ms", wait.Milliseconds())
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}
