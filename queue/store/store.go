// Package store keeps the messages in PostgreSQL: it is the only package of
// the message service that speaks SQL, and the place where its promises are
// kept. Nothing is lost, because a message is either in flight or in the feed
// of ended messages, moved in one transaction; nothing counts twice, because
// only the greatest token of a message may end it.
//
// Locks are always taken in this order: the queues (shared by whoever locks
// several messages, alone by whoever changes the queues), the deal, messages
// by their id, the feed.
package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres"
)

//go:embed queries/*.sql migrations/*.sql
var files embed.FS

// Schema is the name of the service's schema in its database.
const Schema = "queue"

// Migrations are the numbered steps that make the schema, for postgres.Open.
func Migrations() fs.FS { return postgres.Migrations(files) }

// Bounds on one answer, in bytes of JSON: a single message may exceed them.
const (
	maxLeaseBytes  = 16 << 20
	maxResultBytes = 16 << 20
)

// Policy says how leases and attempts are counted.
type Policy struct {
	Lease       time.Duration // how long a lease lives without a heartbeat
	MaxAttempts int           // leases without a result until a message is dead
	BackOff     time.Duration // wait after the first failed attempt; doubles with each
	MaxBackOff  time.Duration // the longest wait
	Retention   time.Duration // how long ended messages and their keys are kept; 0 for ever
}

// DefaultPolicy is what the service does unless it is told otherwise.
func DefaultPolicy() Policy {
	return Policy{Lease: 30 * time.Second, MaxAttempts: 3, BackOff: time.Second, MaxBackOff: time.Minute, Retention: 30 * 24 * time.Hour}
}

// Store is the messages of one schema. Safe for concurrent use, by several
// processes at once too.
type Store struct {
	pool   *pgxpool.Pool
	sql    map[string]string
	policy Policy
}

// New returns a store on a pool whose schema is migrated.
func New(pool *pgxpool.Pool, policy Policy) *Store {
	return &Store{pool: pool, sql: postgres.Queries(files), policy: policy}
}

// Policy is how the store counts leases and attempts.
func (s *Store) Policy() Policy { return s.policy }

// Ping is nil when the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// topic is what a long poll waits for.
type topic string

const (
	messageTopic topic = "message" // a message may be there to lease
	resultTopic  topic = "result"  // a message has ended
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// step is one statement of a batch: its name, its arguments, and what reads
// its rows; nil reads none.
type step struct {
	name string
	args []any
	read func(pgx.Rows) error
}

// do sends steps in one round trip. Outside of a transaction they are one.
func (s *Store) do(ctx context.Context, q querier, steps ...step) error {
	var batch pgx.Batch
	for _, st := range steps {
		text, ok := s.sql[st.name]
		if !ok {
			panic("queue/store: no query " + st.name)
		}
		queued := batch.Queue(text, st.args...)
		if st.read != nil {
			queued.Query(func(rows pgx.Rows) error { return named(st.name, st.read(rows)) })
		} else {
			name := st.name
			queued.Query(func(rows pgx.Rows) error {
				rows.Close()
				return named(name, rows.Err())
			})
		}
	}
	return q.SendBatch(ctx, &batch).Close()
}

func named(query string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

// tx runs work in one transaction.
func (s *Store) tx(ctx context.Context, work func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, work)
}

// each reads rows with scan, which is called once a row.
func each(scan func(pgx.CollectableRow) error) func(pgx.Rows) error {
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

// into reads the rows of one column into a slice.
func into[T any](to *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectRows(rows, pgx.RowTo[T])
		return err
	}
}

// structs reads rows into a slice of structs, column by field.
func structs[T any](to *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*to, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return err
	}
}

// exactly fails when a statement has not changed n rows.
func exactly(n int) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		rows.Close()
		if got := rows.CommandTag().RowsAffected(); rows.Err() == nil && got != int64(n) {
			return fmt.Errorf("changed %d rows, not %d", got, n)
		}
		return rows.Err()
	}
}

// affected reads how many rows a statement has changed.
func affected(n *int) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		rows.Close()
		*n = int(rows.CommandTag().RowsAffected())
		return rows.Err()
	}
}

// notify is the step that wakes long polls when the transaction commits.
func notify(t topic) step { return step{name: "notify", args: []any{string(t)}} }
