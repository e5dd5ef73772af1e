// Package store keeps the identity service's users, sessions, service accounts
// and signing keys in PostgreSQL. It is the only package of the service that
// knows SQL. It sees digests and hashes, never a password or a token.
package store

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Schema is the service's own schema.
const Schema = "authsvc"

//go:embed queries/*.sql migrations/*.sql
var files embed.FS

// Migrations are the numbered steps that make the schema, for postgres.Open.
func Migrations() fs.FS { return postgres.Migrations(files) }

// Store keeps everything. Its errors for a caller are problems; where the
// server is away, a problem of the kind Unavailable. Safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	sql  map[string]string
}

// New returns a store on a pool of a schema with the Migrations.
func New(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, sql: postgres.Queries(files)}
}

// Ready reports whether the server answers.
func (s *Store) Ready(ctx context.Context) error { return s.pool.Ping(ctx) }

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// rows runs the statement of a name and collects its rows by position.
func rows[T any](ctx context.Context, s *Store, q querier, name string, args ...any) ([]T, error) {
	found, err := q.Query(ctx, s.sql[name], args...)
	if err != nil {
		return nil, failure(name, err)
	}
	all, err := pgx.CollectRows(found, pgx.RowToStructByPos[T])
	if err != nil {
		return nil, failure(name, err)
	}
	return all, nil
}

// row is rows for a statement that finds one row or none.
func row[T any](ctx context.Context, s *Store, q querier, name string, args ...any) (one T, ok bool, err error) {
	all, err := rows[T](ctx, s, q, name, args...)
	if err != nil || len(all) == 0 {
		return one, false, err
	}
	return all[0], true, nil
}

// is runs a statement that answers yes or no.
func (s *Store) is(ctx context.Context, q querier, name string, args ...any) (bool, error) {
	type answer struct{ Yes bool }
	a, _, err := row[answer](ctx, s, q, name, args...)
	return a.Yes, err
}

// exec runs a statement and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, q querier, name string, args ...any) (int64, error) {
	tag, err := q.Exec(ctx, s.sql[name], args...)
	if err != nil {
		return 0, failure(name, err)
	}
	return tag.RowsAffected(), nil
}

// in runs f in a transaction.
func (s *Store) in(ctx context.Context, f func(tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, s.pool, f)
	if _, ok := errors.AsType[*problem.Problem](err); ok || err == nil {
		return err
	}
	return failure("transaction", err)
}

// queryError is a failed statement, for the operator.
type queryError struct {
	name string
	err  error
}

func (q *queryError) Error() string { return q.name + ": " + q.err.Error() }
func (q *queryError) Unwrap() error { return q.err }

// failure translates a driver's error.
func failure(name string, err error) error {
	if _, ok := errors.AsType[*queryError](err); ok {
		return err
	}
	wrapped := &queryError{name, err}
	if postgres.Unavailable(err) {
		return problem.New(problem.Unavailable, "the identity service's database is away: try again in a few seconds").Because(wrapped)
	}
	return wrapped
}
