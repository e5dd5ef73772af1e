// Package store keeps the identity service's users, sessions, service accounts
// and signing keys in PostgreSQL. It is the only package of the service that knows
// SQL. It sees digests and hashes, never a password or a token. Its errors for
// callers are problems or values of its own; the others wrap the driver's.
package store

import (
	"context"
	"embed"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/authsvc/token"
	"foliocast/internal/audit/trail"
	"foliocast/internal/postgres"
)

// Schema is the name of the service's schema in its database.
const Schema = "authsvc"

//go:embed queries/*.sql migrations/*.sql
var files embed.FS

// Migrations returns the numbered steps that create the schema, for postgres.Open.
func Migrations() fs.FS { return postgres.Migrations(files) }

// Store keeps the service's data. Each change is in the audit trail, from the request that
// the context of a call belongs to. Safe for concurrent use.
type Store struct {
	Trail  *trail.Trail
	pool   *pgxpool.Pool
	sql    statements
	sealer *token.Sealer // nil does not encrypt
}

// New returns a store on a pool of postgres.Open.
func New(pool *pgxpool.Pool) *Store {
	return &Store{Trail: trail.New(pool), pool: pool, sql: postgres.Load[statements](files)}
}

// Ready returns nil when the database answers.
func (s *Store) Ready(ctx context.Context) error { return s.pool.Ping(ctx) }
