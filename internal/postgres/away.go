package postgres

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
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
		if err == nil || !Away(err) {
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

// awayCodes are the SQLSTATEs of a server that starts, stops or is full. Those
// of class 08, a broken connection, belong to them too.
var awayCodes = []string{"57P01", "57P02", "57P03", "53300"}

// Away reports whether err says that the server cannot be talked to now, so
// that the same may succeed later. It does not say whether a statement that was
// under way took effect.
func Away(err error) bool {
	if code := Code(err); code != "" {
		return slices.Contains(awayCodes, code) || strings.HasPrefix(code, "08")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}
