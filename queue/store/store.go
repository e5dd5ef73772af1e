// Package store keeps the messages in PostgreSQL. It is the only package of the
// message service that knows SQL, and it keeps the service's guarantees. Nothing
// is lost: a message is either in flight or in the feed of ended messages, and
// moves between them in one transaction. Nothing counts twice: only the greatest
// token of a message may end it.
//
// Transactions take locks in this order: the dealing, the deal, the queues (shared to lock
// several messages, exclusive to change the queues), claims, messages by their id, the feed.
//
// Errors for callers are problems, or an ItemsError where only some items of a
// call are at fault; the others wrap the driver's.
package store

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/audit/trail"
	"foliocast/internal/postgres"
)

//go:embed queries/*.sql migrations/*.sql
var files embed.FS

// Schema is the name of the service's schema in its database.
const Schema = "queue"

// Migrations returns the numbered steps that create the schema, for postgres.Open.
func Migrations() fs.FS { return postgres.Migrations(files) }

// Bounds on one answer, in bytes of JSON. A single message may exceed them.
const (
	maxLeaseBytes  = 16 << 20
	maxResultBytes = 16 << 20
)

// Policy holds the settings of leases, attempts and retention.
type Policy struct {
	Lease       time.Duration // how long a lease lasts without a heartbeat
	MaxAttempts int           // leases without a result after which a message is dead
	BackOff     time.Duration // wait after the first failed attempt; doubles with each
	MaxBackOff  time.Duration // the longest wait
	Retention   time.Duration // how long ended messages and their keys are kept; 0 means forever
	Unread      time.Duration // how much longer those that a reader has not read
	DealStep    int           // messages that a step of a dealing passes; 0 means as many as it passes in some 30 ms
	Silent      time.Duration // how long after its last report a worker is listed; 0 means SilentAfter
	DealAtOnce  int           // messages that the call which changes the queues deals itself; 0 means 5000
}

// DefaultPolicy returns the default settings.
func DefaultPolicy() Policy {
	return Policy{Lease: 30 * time.Second, MaxAttempts: 3, BackOff: time.Second, MaxBackOff: time.Minute, Retention: 30 * 24 * time.Hour, Unread: 30 * 24 * time.Hour}
}

// Store holds the messages of one schema. Each change that is not a worker's is in the audit
// trail, from the request that the context of a call belongs to. Safe for concurrent use, also
// by several processes.
type Store struct {
	Trail      *trail.Trail
	pool       *pgxpool.Pool
	sql        statements
	plainClaim postgres.Statement // for queues that take no turns
	policy     Policy
	expiry     expiry
	lines      lines // where claims look
	turns      turns // whose turn comes next
}

// New returns a store on a pool whose schema is migrated.
func New(pool *pgxpool.Pool, policy Policy) *Store {
	sql := postgres.Load[statements](files)
	return &Store{Trail: trail.New(pool), pool: pool, sql: sql, plainClaim: plainly(sql.ClaimMessages), policy: policy}
}

// Policy returns the settings of the store.
func (s *Store) Policy() Policy { return s.policy }

// Ping returns nil when the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// notify is the step that wakes long polls when the transaction commits.
func (s *Store) notify(t topic) postgres.Step {
	return postgres.Step{Statement: s.sql.Notify, Args: []any{string(t)}}
}
