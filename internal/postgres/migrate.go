package postgres

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// NewerSchema says that a newer program has migrated a schema: this one does not know
// what its tables mean.
type NewerSchema struct {
	Schema string
	Has    int64 // number of the schema's last migration
	Known  int64 // number of the last one that this program has
}

func (n *NewerSchema) Error() string {
	return fmt.Sprintf("the schema %s has had migration %d, and this program knows those up to %d: a newer version of the program has changed it; start that version, or restore a backup from before",
		n.Schema, n.Has, n.Known)
}

// createSchema creates a schema, unless it exists. A role that owns its schema needs
// no right to create others.
func createSchema(ctx context.Context, config *pgx.ConnConfig, schema string) error {
	ctx, cancel := context.WithTimeout(ctx, silenceTime)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer closeSoon(ctx, conn)
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", schema).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{schema}.Sanitize())
	}
	// Two processes that create it at once both see it missing; the unique
	// violation of the second means that it exists now.
	if err != nil && Code(err) != UniqueViolation {
		return fmt.Errorf("create schema %s: %w", schema, err)
	}
	return nil
}

// migrate applies the migrations that a schema has not had.
func migrate(ctx context.Context, config *pgx.ConnConfig, schema string, migrations fs.FS) error {
	ctx, cancel := context.WithTimeout(ctx, migrateTime)
	defer cancel()
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
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	has, known, err := provider.GetVersions(ctx)
	if err == nil && has > known {
		err = &NewerSchema{Schema: schema, Has: has, Known: known}
	}
	return err
}

// lockID is the number of a schema's migration lock. Each schema has its own,
// because a process that finds its lock taken retries only after a second.
func lockID(schema string) int64 {
	h := fnv.New64a()
	h.Write([]byte("foliocast migrates " + schema))
	return int64(h.Sum64())
}
