package postgres

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Channel returns the channel of a pool of [Open]: each schema has one, which
// bears its name. A store notifies on it with pg_notify(current_schema(), …), in
// the transaction that the notification is about.
func Channel(pool *pgxpool.Pool) string {
	path := pool.Config().ConnConfig.RuntimeParams["search_path"] // a quoted identifier
	return strings.ReplaceAll(strings.Trim(path, `"`), `""`, `"`)
}

// Listener listens on the channel of a pool's schema, on a connection of its
// own, and reconnects when that breaks.
type Listener struct {
	Pool *pgxpool.Pool
	Log  *slog.Logger

	// Notify is called with the payload of each notification, one at a time.
	// It is called with "" whenever the listener has connected: what was
	// sent while it was not connected is lost, so anything may have happened.
	Notify func(payload string)

	// Silence is how long without a notification the listener waits before it asks the
	// server whether it is still there; 0 means 30 s.
	Silence time.Duration
}

const (
	// Waits before the listener reconnects: they double from the first to the
	// second, with jitter. A connection that lasted longer than the second starts
	// again from the first.
	minReconnect = 50 * time.Millisecond
	maxReconnect = 5 * time.Second

	defaultSilence = 30 * time.Second
)

// Run listens until ctx ends. It logs each broken connection.
func (l Listener) Run(ctx context.Context) {
	waits := backoff.ExponentialBackOff{InitialInterval: minReconnect, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxReconnect}
	for {
		began := time.Now()
		err := l.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > maxReconnect {
			waits.Reset()
		}
		wait := waits.NextBackOff()
		l.Log.Warn("not listening for notifications, will reconnect", "channel", Channel(l.Pool), "err", err, "wait_ms", wait.Milliseconds())
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// listen listens on one connection until that breaks or the server does not answer any
// more. (The module pgxlisten is not used: it would wait for ever behind a server or a
// proxy that has stopped to answer.)
func (l Listener) listen(ctx context.Context) error {
	silence := cmp.Or(l.Silence, defaultSilence)
	conn, err := pgx.ConnectConfig(ctx, l.config())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer closeSoon(ctx, conn)
	listen := "listen " + pgx.Identifier{Channel(l.Pool)}.Sanitize()
	if _, err := conn.Exec(ctx, listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	l.Notify("")
	for {
		wait, cancel := context.WithTimeout(ctx, silence)
		n, err := conn.WaitForNotification(wait)
		cancel()
		switch {
		case err == nil:
			l.Notify(n.Payload)
		case ctx.Err() != nil || !pgconn.Timeout(err):
			return fmt.Errorf("wait for a notification: %w", err)
		default:
			reply, cancel := context.WithTimeout(ctx, min(silence, connectTime))
			_, err := conn.Exec(reply, listen) // once more changes nothing
			cancel()
			if err != nil {
				return fmt.Errorf("the server is silent: %w", err)
			}
		}
	}
}

// config is the pool's configuration, under an application name of its own for
// the operator.
func (l Listener) config() *pgx.ConnConfig {
	config := l.Pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] += "-listener"
	return config
}
