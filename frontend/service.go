package main

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	authclient "foliocast/authsvc/client"
	"foliocast/frontend/api"
	"foliocast/frontend/archive"
	"foliocast/frontend/courier"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/serve"
	"foliocast/queue/client"
)

// serveFrontend serves until ctx ends. It listens at once: while PostgreSQL is
// not there it answers that it is not ready, and goes on trying.
func serveFrontend(ctx context.Context, log *slog.Logger, config Config) error {
	files, err := archive.Open(config.DataDir, config.OpenDatasets)
	if err != nil {
		return err
	}
	var operations *api.API
	door := serve.NewDoor(serve.Config{Name: "frontend", Version: version, Log: log, RateLimit: config.RateLimit,
		Ready: func(ctx context.Context) error { return operations.Ready(ctx) }})
	keys := auth.NewRemoteKeys(config.AuthURL, log)
	operations = api.Register(door, auth.NewVerifier(keys, config.Issuer, auth.Audience, nil), log,
		api.Limits{Upload: config.MaxUpload, Mapped: config.MaxMapped, UploadTime: config.UploadTime})

	// The user's token stops here: to the queue this service goes with its own.
	queue := client.New(config.QueueURL, nil, authclient.ServiceTokens(config.AuthURL, config.ClientID, config.ClientSecret))

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	var pool *pgxpool.Pool
	background.Go(func() {
		var s *store.Store
		if pool, s = connect(ctx, log, config); pool != nil {
			mail := courier.New(s, queue, log, door.Metrics)
			waiters := api.NewWaiters(s, log)
			operations.Attach(api.Backend{Store: s, Archive: files, Courier: mail, Waiters: waiters})
			log.Info("ready")
			background.Go(func() { waiters.Run(ctx) })
			mail.Run(ctx)
		}
	})
	err = serve.Run(ctx, log, config.Listen, door.Router)
	cancel()
	background.Wait()
	if pool != nil {
		pool.Close()
	}
	return err
}

// Bounds on the wait before PostgreSQL is tried again.
const (
	minRetry = 100 * time.Millisecond
	maxRetry = 5 * time.Second
)

// connect opens the schema, trying until it succeeds. It returns nil when ctx
// ends before.
func connect(ctx context.Context, log *slog.Logger, config Config) (*pgxpool.Pool, *store.Store) {
	for wait := minRetry; ; wait = min(2*wait, maxRetry) {
		pool, err := postgres.Open(ctx, config.DatabaseURL, cmp.Or(config.schema, store.Schema), store.Migrations(), config.Connections)
		if err == nil {
			s, err := store.New(ctx, pool)
			if err == nil {
				return pool, s
			}
			pool.Close()
		}
		if ctx.Err() != nil {
			return nil, nil
		}
		log.Warn("the database cannot be opened, will try again", "err", err, "wait_ms", wait.Milliseconds())
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(wait):
		}
	}
}
