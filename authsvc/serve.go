package authsvc

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"foliocast/authsvc/api"
	"foliocast/authsvc/store"
	"foliocast/authsvc/token"
	"foliocast/internal/cli"
	"foliocast/internal/postgres"
	"foliocast/internal/serve"
	"foliocast/internal/tracing"
)

const (
	keysEvery     = 30 * time.Second // between checks for a due rotation, which also load the keys of other instances
	attemptsEvery = time.Minute      // between purges of attempts to log in
	purgeEvery    = time.Hour
)

// runService serves until ctx ends. It waits for PostgreSQL, and makes the first
// administrator if there has never been a user.
func runService(ctx context.Context, c config, log *slog.Logger, out io.Writer) error {
	tracer, err := tracing.New("authsvc", cli.Version(), log)
	if err != nil {
		return err
	}
	defer tracer.Stop()
	pool, err := postgres.OpenWaiting(ctx, log, c.DatabaseURL, store.Schema, store.Migrations(), c.MaxConns)
	if err != nil {
		return serve.Stopped(ctx, err)
	}
	defer pool.Close()
	s := store.New(pool)
	if err := firstAdministrator(ctx, s, log, c.AdminFile, out); err != nil {
		return serve.Stopped(ctx, err)
	}
	seal, err := sealer(ctx, s, log, c.KeyFile)
	if err != nil {
		return serve.Stopped(ctx, err)
	}
	s = s.Sealing(seal)
	ring := token.NewRing(s.Keys, nil)
	if err := keepKeys(ctx, s, ring, c.policy(), log); err != nil {
		return serve.Stopped(ctx, err)
	}
	door := serve.NewDoor(serve.Config{Name: "authsvc", Version: cli.Version(), Log: log, Ready: s.Ready, Proxies: c.TrustedProxies,
		MetricsToken: c.MetricsToken, Tracer: tracer, Budget: serve.Budget{Requests: c.Requests}})
	door.Metrics.MustRegister(postgres.PoolMetrics(pool))
	desk := api.Register(door, api.Config{Store: s, Ring: ring, Issuer: c.Issuer, Log: log,
		Access: c.AccessLife, Tokens: api.Tokens{Life: c.TokenLife, Most: c.UserTokens}})
	tending, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { tend(tending, s, ring, c.policy(), log) })
	background.Go(func() { desk.Run(tending, s.Trail, c.AuditKeep) })
	cli.Ready(ctx, log)
	err = serve.Run(ctx, log, serve.Listening{Address: c.Listen, Notice: c.StopNotice, TLS: c.Server}, door.Router)
	cancel()
	background.Wait()
	return err
}

// tend rotates the signing keys when they are due and deletes old sessions. After
// a failure it tries again at the next tick.
func tend(ctx context.Context, s *store.Store, ring *token.Ring, policy token.Policy, log *slog.Logger) {
	keys, attempts, purge := time.NewTicker(keysEvery), time.NewTicker(attemptsEvery), time.NewTicker(purgeEvery)
	defer keys.Stop()
	defer attempts.Stop()
	defer purge.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-keys.C:
			err = keepKeys(ctx, s, ring, policy, log)
		case <-purge.C:
			_, err = s.PurgeSessions(ctx)
		case <-attempts.C:
			err = s.PurgeAttempts(ctx)
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("key rotation or session purge failed", "err", err)
		}
	}
}

// keepKeys rotates the signing keys and loads them.
func keepKeys(ctx context.Context, s *store.Store, ring *token.Ring, policy token.Policy, log *slog.Logger) error {
	changed, err := s.RotateKeys(ctx, policy)
	if err != nil {
		return err
	}
	if changed {
		log.Info("signing keys rotated")
	}
	return ring.Reload(ctx)
}
