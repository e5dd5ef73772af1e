package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// DB runs statements: a pool, or a transaction.
type DB interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// The errors of all functions below begin with the name of the statement that
// failed and wrap the driver's error, for [Code] and [Unavailable].

// On a pool, they also repeat what the server undid because of a deadlock or a
// serialization failure, a few times.

// Exec runs a statement and returns the number of rows that it changed.
func Exec(ctx context.Context, db DB, s Statement, args ...any) (int64, error) {
	var tag pgconn.CommandTag
	err := retried(ctx, db, func() (err error) { tag, err = db.Exec(ctx, s.SQL, args...); return err })
	if err != nil {
		return 0, s.wrap(err)
	}
	return tag.RowsAffected(), nil
}

// Collect runs a statement and returns its rows, read by scan: an empty slice,
// not nil, without any.
func Collect[T any](ctx context.Context, db DB, scan pgx.RowToFunc[T], s Statement, args ...any) ([]T, error) {
	var all []T
	err := retried(ctx, db, func() error {
		rows, err := db.Query(ctx, s.SQL, args...)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, scan)
		return err
	})
	if err != nil {
		return nil, s.wrap(err)
	}
	return all, nil
}

// Find runs a statement and returns its first row, read by scan, or false when
// it has no rows.
func Find[T any](ctx context.Context, db DB, scan pgx.RowToFunc[T], s Statement, args ...any) (row T, found bool, err error) {
	all, err := Collect(ctx, db, scan, s, args...)
	if err != nil || len(all) == 0 {
		return row, false, err
	}
	return all[0], true, nil
}

// One runs a statement that always has a row, and returns it, read by scan.
func One[T any](ctx context.Context, db DB, scan pgx.RowToFunc[T], s Statement, args ...any) (T, error) {
	row, found, err := Find(ctx, db, scan, s, args...)
	if err == nil && !found {
		err = s.wrap(pgx.ErrNoRows)
	}
	return row, err
}

func (s Statement) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", s.Name, err)
}
