package postgres

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 5 * time.Second
)

// OpenWaiting is [Open] for a service that may start before its server does:
// while the server is away it tries again, with pauses that grow from 100 ms to
// 5 s, and logs each failure. It returns another error at once, such as a
// wrong password, and ends with ctx.
func OpenWaiting(ctx context.Context, log *slog.Logger, url, schema string, migrations fs.FS, maxConns int32) (*pgxpool.Pool, error) {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		pool, err := Open(ctx, url, schema, migrations, maxConns)
		if err == nil || !Unavailable(err) {
			return pool, err
		}
		log.Warn("waiting for PostgreSQL", "err", err, "pause_ms", pause.Milliseconds())
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
