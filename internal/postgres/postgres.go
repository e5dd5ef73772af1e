// Package postgres is what the services' stores share: it opens a service's
// schema and migrates it, loads and runs a store's statements, listens for
// notifications, and tells which errors may be temporary. It can also run a
// private server. It has no service's statements.
package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// idleTime is how long a transaction may wait for its next statement, before the
// server ends it with its connection.
const idleTime = 30 * time.Second

// statementTime is how long one statement may take. The contexts of requests end
// sooner; this ends what nobody waits for any more.
const statementTime = time.Minute

// Open connects to the server at url, creates the schema when it is missing,
// applies the migrations in it, and returns a pool whose search_path is that
// schema alone. Several processes may open the same schema at once: a session
// lock lets one migrate and the others wait. maxConns bounds the pool. The error is
// a *NewerSchema when a newer program has migrated the schema.
func Open(ctx context.Context, url, schema string, migrations fs.FS, maxConns int32) (*pgxpool.Pool, error) {
	return OpenWithin(ctx, url, schema, migrations, maxConns, silenceTime)
}

// OpenWithin is [Open] with another time in which the server must answer a statement whose
// context has no deadline.
func OpenWithin(ctx context.Context, url, schema string, migrations fs.FS, maxConns int32, limit time.Duration) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTime
	}
	config.MaxConns = maxConns
	config.ConnConfig.RuntimeParams["search_path"] = pgx.Identifier{schema}.Sanitize()
	config.ConnConfig.RuntimeParams["application_name"] = "foliocast-" + schema
	// Compiling a plan takes longer than running any of our statements.
	config.ConnConfig.RuntimeParams["jit"] = "off"
	// A plan that reads a whole table is made while the table is small, and kept while it grows. All
	// statements that must be fast have an index.
	config.ConnConfig.RuntimeParams["enable_seqscan"] = "off"
	// One plan serves all parameters, for that reason. PostgreSQL would plan most of our joins again for each call, which
	// takes longer than running them.
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	// An idle transaction keeps its locks, and keeps dead rows from being
	// removed, which slows everybody down. None of ours waits for anything but the server.
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = strconv.FormatInt(idleTime.Milliseconds(), 10)
	if err := createSchema(ctx, config.ConnConfig, schema); err != nil {
		return nil, err
	}
	if err := migrate(ctx, config.ConnConfig, schema, migrations); err != nil {
		return nil, fmt.Errorf("migrate schema %s: %w", schema, err)
	}
	// Set after the migrations, which may take longer.
	config.ConnConfig.RuntimeParams["statement_timeout"] = strconv.FormatInt(statementTime.Milliseconds(), 10)
	config.ConnConfig.Tracer = deadline{limit}
	var pool *pgxpool.Pool
	config.ShouldPing = func(ctx context.Context, p pgxpool.ShouldPingParams) bool {
		return p.IdleDuration > restTime && silent(ctx, p.Conn, func() { pool.Reset() })
	}
	pool, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open schema %s: %w", schema, err)
	}
	return pool, nil
}

// Ping connects once. The error is the server's own, which has a [Code], when it
// answers but takes no connection, as while it recovers from a crash.
func Ping(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// Await pings until the server answers or ctx ends, and returns the last error.
func Await(ctx context.Context, url string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := Ping(ctx, url)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-tick.C:
		}
	}
}
