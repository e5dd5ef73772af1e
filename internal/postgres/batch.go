package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Step is one statement of a batch.
type Step struct {
	Statement
	Args []any
	Read func(pgx.Rows) error // reads the statement's rows; nil ignores them. It is called again when the batch is repeated
}

// Batch sends steps to the server in one round trip. On a pool they are one
// transaction: when the server refuses one step, none takes effect. An error of
// Read comes after that, and undoes a step only in a transaction of [Tx].
func Batch(ctx context.Context, db DB, steps ...Step) error {
	if len(steps) == 0 {
		return nil
	}
	return retried(ctx, db, func() error { return db.SendBatch(ctx, queued(steps)).Close() })
}

func queued(steps []Step) *pgx.Batch {
	var batch pgx.Batch
	for _, s := range steps {
		read := s.Read
		if read == nil {
			read = ignore
		}
		batch.Queue(s.SQL, s.Args...).Query(func(rows pgx.Rows) error { return s.wrap(read(rows)) })
	}
	return &batch
}

func ignore(rows pgx.Rows) error {
	rows.Close()
	return rows.Err()
}

// Each reads rows by calling scan for each of them.
func Each(scan func(pgx.CollectableRow) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			if err := scan(rows); err != nil {
				rows.Close()
				return err
			}
		}
		return rows.Err()
	}
}

// Into reads rows by scan into a slice.
func Into[T any](to *[]T, scan pgx.RowToFunc[T]) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectRows(rows, scan)
		return err
	}
}

// Affected reads how many rows a statement changed.
func Affected(n *int) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		rows.Close()
		*n = int(rows.CommandTag().RowsAffected())
		return rows.Err()
	}
}

// Exactly fails unless a statement changed n rows.
func Exactly(n int) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var got int
		if err := Affected(&got)(rows); err != nil {
			return err
		}
		if got != n {
			return fmt.Errorf("changed %d rows, want %d", got, n)
		}
		return nil
	}
}
