package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Transaction runs statements of one transaction: see [Tx].
type Transaction interface {
	DB
	finish(ctx context.Context, b *pgx.Batch) error
}

// Tx runs f in a transaction: it commits when f returns nil and rolls back
// otherwise. An error of f is returned unchanged. It calls f again, in another
// transaction, after a deadlock: f must set all that it leaves behind each time.
//
// The transaction begins in the same round trip as its first statement, and [Finish]
// commits it in that of its last ones.
func Tx(ctx context.Context, pool *pgxpool.Pool, f func(tx Transaction) error) error {
	return retried(ctx, pool, func() error {
		return pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { return (&opening{conn: conn.Conn()}).run(ctx, f) })
	})
}

// Finish sends the last steps of a transaction of [Tx] and commits it, in one round trip: f of Tx returns
// its error, and does nothing after it. When the server refuses a step, none takes effect; an error of Read
// comes too late to undo anything.
func Finish(ctx context.Context, tx Transaction, steps ...Step) error {
	return tx.finish(ctx, queued(steps))
}

// opening is a transaction of which the server hears with its first statement.
type opening struct {
	conn     *pgx.Conn
	tx       pgx.Tx // nil before that
	finished bool   // by Finish
}

func (o *opening) run(ctx context.Context, f func(tx Transaction) error) (err error) {
	defer func() {
		if o.tx == nil || o.finished {
			return
		}
		// It does nothing after a commit.
		if undone := o.tx.Rollback(ctx); undone != nil && !errors.Is(undone, pgx.ErrTxClosed) {
			err = undone
		}
	}()
	if err = f(o); err != nil || o.tx == nil || o.finished {
		return err
	}
	return o.tx.Commit(ctx)
}

func (o *opening) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if o.tx != nil {
		return o.tx.SendBatch(ctx, b)
	}
	var whole pgx.Batch
	whole.BeginTx(pgx.TxOptions{})
	whole.QueuedQueries = append(whole.QueuedQueries, b.QueuedQueries...)
	results := o.conn.SendBatch(ctx, &whole)
	o.tx = results.Tx()
	_, _ = results.Exec() // of its beginning; Close has the same error
	return results
}

func (o *opening) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if o.tx != nil {
		return o.tx.Query(ctx, sql, args...)
	}
	results := o.first(ctx, sql, args)
	rows, err := results.Query()
	if err != nil {
		_ = results.Close() // has the same error
		return rows, err
	}
	return &firstRows{Rows: rows, results: results}, nil
}

func (o *opening) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if o.tx != nil {
		return o.tx.Exec(ctx, sql, args...)
	}
	results := o.first(ctx, sql, args)
	tag, err := results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	return tag, err
}

// first sends the first statement.
func (o *opening) first(ctx context.Context, sql string, args []any) pgx.BatchResults {
	var batch pgx.Batch
	batch.Queue(sql, args...)
	return o.SendBatch(ctx, &batch)
}

func (o *opening) finish(ctx context.Context, b *pgx.Batch) error {
	b.Queue("commit")
	err := o.SendBatch(ctx, b).Close()
	// After an error of a step the transaction is still open. After another one it was committed, or the connection is gone.
	o.finished = err == nil || o.conn.PgConn().TxStatus() == outside
	return err
}

// outside is the state of a connection that is in no transaction.
const outside = 'I'

// firstRows are the rows of the first statement: the connection is free once its batch is closed.
type firstRows struct {
	pgx.Rows
	results pgx.BatchResults
	err     error
}

func (r *firstRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *firstRows) Close() {
	r.Rows.Close()
	r.err = r.results.Close()
}

func (r *firstRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}
