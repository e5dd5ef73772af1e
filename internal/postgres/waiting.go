package postgres

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OpenWaiting is [Open] for a service that may start before its server does:
// while the server is unreachable it tries again, after waits that double from
// 100 ms to 5 s, with jitter, and logs each failure. It returns any other
// error at once, such as a wrong password, and ends with ctx. A statement whose context
// has no deadline, as in a background loop, may take 15 s.
func OpenWaiting(ctx context.Context, log *slog.Logger, url, schema string, migrations fs.FS, maxConns int32) (*pgxpool.Pool, error) {
	open := func() (*pgxpool.Pool, error) {
		pool, err := OpenWithin(ctx, url, schema, migrations, maxConns, loopTime)
		if err != nil && (!Unavailable(err) || shutOut(Code(err))) {
			err = backoff.Permanent(err)
		}
		return pool, err
	}
	return backoff.Retry(ctx, open,
		backoff.WithBackOff(&backoff.ExponentialBackOff{InitialInterval: 100 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 5 * time.Second}),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, wait time.Duration) {
			log.Warn("waiting for PostgreSQL", "err", err, "pause_ms", wait.Milliseconds())
		}))
}

// MigrateWaiting brings a schema up to date as [OpenWaiting] does, and keeps no connection.
func MigrateWaiting(ctx context.Context, log *slog.Logger, url, schema string, migrations fs.FS) error {
	pool, err := OpenWaiting(ctx, log, url, schema, migrations, 2)
	if err != nil {
		return err
	}
	pool.Close()
	log.Info("the schema is up to date", "schema", schema)
	return nil
}
