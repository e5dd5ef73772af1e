// Package postgres is what the services' stores share: it opens a service's
// schema and migrates it, loads and runs a store's statements, listens for
// notifications, and tells which errors may be temporary. It can also run a
// private server. It has no service's statements.
package postgres

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Open connects to the server at url, creates the schema when it is missing,
// applies the migrations in it, and returns a pool whose search_path is that
// schema alone. Several processes may open the same schema at once: a session
// lock lets one migrate and the others wait. maxConns bounds the pool.
func Open(ctx context.Context, url, schema string, migrations fs.FS, maxConns int32) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	config.MaxConns = maxConns
	config.ConnConfig.RuntimeParams["search_path"] = pgx.Identifier{schema}.Sanitize()
	config.ConnConfig.RuntimeParams["application_name"] = "foliocast-" + schema
	// Compiling a plan takes longer than running any of our statements.
	config.ConnConfig.RuntimeParams["jit"] = "off"
	if err := createSchema(ctx, config.ConnConfig, schema); err != nil {
		return nil, err
	}
	if err := migrate(ctx, config.ConnConfig, schema, migrations); err != nil {
		return nil, fmt.Errorf("migrate schema %s: %w", schema, err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open schema %s: %w", schema, err)
	}
	return pool, nil
}

func createSchema(ctx context.Context, config *pgx.ConnConfig, schema string) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{schema}.Sanitize())
	// Two processes that create it at once both see it missing; the unique
	// violation of the second means that it exists now.
	if err != nil && Code(err) != UniqueViolation {
		return fmt.Errorf("create schema %s: %w", schema, err)
	}
	return nil
}

func migrate(ctx context.Context, config *pgx.ConnConfig, schema string, migrations fs.FS) error {
	db := stdlib.OpenDB(*config)
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID(schema)), lock.WithLockTimeout(1, 60))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// lockID is the number of a schema's migration lock. Each schema has its own,
// because a process that finds its lock taken retries only after a second.
func lockID(schema string) int64 {
	h := fnv.New64a()
	h.Write([]byte("foliocast migrates " + schema))
	return int64(h.Sum64())
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
