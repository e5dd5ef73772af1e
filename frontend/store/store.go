// Package store keeps the data service's datasets, jobs, results and outbox in
// PostgreSQL. It is the only package of the service that knows SQL.
//
// Errors for callers are problems or types of this package; the others wrap the
// driver's.
package store

import (
	"context"
	"embed"
	"io/fs"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/audit/trail"
	"foliocast/internal/postgres"
)

// Schema is the name of the service's schema in its database.
const Schema = "frontend"

//go:embed queries/*.sql migrations/*.sql
var files embed.FS

// Migrations returns the numbered steps that create the schema, for postgres.Open.
func Migrations() fs.FS { return postgres.Migrations(files) }

// Store is the service's database. Each change is in the audit trail, from the request that
// the context of a call belongs to. Safe for concurrent use.
type Store struct {
	Trail  *trail.Trail
	pool   *pgxpool.Pool
	sql    statements
	recent recent

	name    string        // tells its notifications from those of others
	changed chan struct{} // see Changed
}

// New returns a store on a pool from postgres.Open.
func New(pool *pgxpool.Pool) *Store {
	return &Store{Trail: trail.New(pool), pool: pool, sql: postgres.Load[statements](files), name: uuid.NewString(), changed: make(chan struct{}, 1)}
}

// Ping reports whether the server answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }
