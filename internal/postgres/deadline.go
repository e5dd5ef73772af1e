package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// silenceTime bounds a statement, and the wait for a connection, of a caller whose
	// context has no deadline of its own. A server that answers says so before.
	silenceTime = statementTime + 5*time.Second
	// loopTime is the same in a service: the statements of background loops are short.
	loopTime = 15 * time.Second
	// restTime is how long a connection may be idle and still be used without a question
	// to the server, and pingTime how long the server may take to answer that.
	restTime = time.Second
	pingTime = 2 * time.Second
	// connectTime bounds connecting, up to the server's first answer, unless the
	// address has a connect_timeout.
	connectTime = 10 * time.Second
	// migrateTime bounds the migration of a schema, which may rewrite large tables.
	migrateTime = time.Hour
	// closeTime bounds the farewell to the server.
	closeTime = 5 * time.Second
)

// deadline gives each statement of a pool a deadline. A server, or a proxy before it,
// that accepts connections and does not answer would otherwise stop a background loop for
// good: the loop's own context ends with the program.
type deadline struct{ limit time.Duration }

type cancelKey struct{}

// begin returns a context with a deadline, which end releases.
func (d deadline) begin(ctx context.Context) context.Context {
	if _, has := ctx.Deadline(); has {
		return ctx
	}
	ctx, cancel := context.WithTimeout(ctx, d.limit)
	return context.WithValue(ctx, cancelKey{}, cancel)
}

func (deadline) end(ctx context.Context) {
	if cancel, ok := ctx.Value(cancelKey{}).(context.CancelFunc); ok {
		cancel()
	}
}

// The driver calls these at the beginning and the end of what its users call.

func (d deadline) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return d.begin(ctx)
}

func (d deadline) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	d.end(ctx)
}

func (d deadline) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return d.begin(ctx)
}

func (deadline) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (d deadline) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchEndData) {
	d.end(ctx)
}

func (d deadline) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return d.begin(ctx)
}

func (d deadline) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireEndData) {
	d.end(ctx)
}

// silent asks the server whether a connection still leads to it. If it does not, the others
// that are as idle do not either, and would each cost the same time: reset closes them.
func silent(ctx context.Context, conn *pgx.Conn, reset func()) bool {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	if err := conn.Ping(ctx); err == nil {
		return false
	}
	reset()
	return true
}

// closeSoon tells the server that a connection ends, and does not wait long for it.
func closeSoon(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	_ = conn.Close(ctx) // it is of no more use, whatever the server says
}
