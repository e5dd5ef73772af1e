// Package store keeps datasets' versions, jobs, their results, and what is to
// be told to the queue, in PostgreSQL. It is the only package of this service
// that knows SQL; its errors for callers are problems, the rest is for the log.
package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres"
)

// Schema is where the service's tables stand.
const Schema = "frontend"

//go:embed queries/*.sql migrations/*.sql
var files embed.FS

// Migrations are the numbered steps that make the schema, for postgres.Open.
func Migrations() fs.FS { return postgres.Migrations(files) }

// Store is the service's memory. Safe for concurrent use.
type Store struct {
	pool    *pgxpool.Pool
	queries map[string]string
	channel string // of NOTIFY, one for each schema
	recent  recent
}

// New returns a store on a pool of postgres.Open.
func New(ctx context.Context, pool *pgxpool.Pool) (*Store, error) {
	s := &Store{pool: pool, queries: postgres.Queries(files)}
	var schema string
	if err := pool.QueryRow(ctx, s.sql("current_schema")).Scan(&schema); err != nil {
		return nil, fmt.Errorf("name the schema: %w", err)
	}
	// Channels are shared by all schemas of a database and at most 63 bytes long.
	sum := sha256.Sum256([]byte(schema))
	s.channel = "jobs_" + hex.EncodeToString(sum[:8])
	return s, nil
}

// sql is the statement of the file name.sql. A name that does not exist is a
// fault of the program.
func (s *Store) sql(name string) string {
	q, ok := s.queries[name]
	if !ok {
		panic("store: no statement " + name)
	}
	return q
}

// Ping reports whether the server answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// in runs f in a transaction.
func (s *Store) in(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, f)
}

// none reports whether err says that there is no such row.
func none(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
