package postgres

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgxlisten"
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
}

// Waits before the listener reconnects: they double from the first to the
// second, with jitter. A connection that lasted longer than the second starts
// again from the first.
const (
	minReconnect = 50 * time.Millisecond
	maxReconnect = 5 * time.Second
)

// Run listens until ctx ends. It logs each broken connection.
func (l Listener) Run(ctx context.Context) {
	waits := backoff.ExponentialBackOff{InitialInterval: minReconnect, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxReconnect}
	var connected time.Time
	var wait time.Duration // before the next connection
	inner := pgxlisten.Listener{
		ReconnectDelay: -1, // Connect waits
		Connect: func(ctx context.Context) (*pgx.Conn, error) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(wait):
			}
			connected = time.Now()
			return pgx.ConnectConfig(ctx, l.config())
		},
		LogError: func(ctx context.Context, err error) {
			if ctx.Err() != nil {
				return
			}
			if time.Since(connected) > maxReconnect {
				waits.Reset()
			}
			wait = waits.NextBackOff()
			l.Log.Warn("not listening for notifications, will reconnect", "channel", Channel(l.Pool), "err", err, "wait_ms", wait.Milliseconds())
		},
	}
	inner.Handle(Channel(l.Pool), handler(l.Notify))
	_ = inner.Listen(ctx) // returns only because ctx ended
}

// config is the pool's configuration, under an application name of its own for
// the operator.
func (l Listener) config() *pgx.ConnConfig {
	config := l.Pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] += "-listener"
	return config
}

// handler passes notifications on.
type handler func(payload string)

// HandleBacklog is called when the connection listens.
func (h handler) HandleBacklog(context.Context, string, *pgx.Conn) error {
	h("")
	return nil
}

func (h handler) HandleNotification(_ context.Context, n *pgconn.Notification, _ *pgx.Conn) error {
	h(n.Payload)
	return nil
}
