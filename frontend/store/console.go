package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// ConsoleSession is what is kept of someone who is signed in at the web console.
type ConsoleSession struct {
	Sealed     []byte // its tokens, which only the secret in the browser's cookie opens
	Generation int    // of the tokens
}

// ConsoleLife is how long sessions of the console last.
type ConsoleLife struct {
	Idle time.Duration // without use
	Most time.Duration // with use
}

// AddConsoleSession adds a session under the digest of its secret, 32 bytes.
func (s *Store) AddConsoleSession(ctx context.Context, id, sealed []byte) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.AddConsoleSession, id, sealed)
	return wrapped("add a session of the console", err)
}

// FindConsoleSession finds the session with a digest, and reports false when there is none
// or its life is over.
func (s *Store) FindConsoleSession(ctx context.Context, id []byte, life ConsoleLife) (ConsoleSession, bool, error) {
	found, ok, err := postgres.Find(ctx, s.pool, pgx.RowToStructByPos[ConsoleSession], s.sql.FindConsoleSession, id, life.Idle.Seconds(), life.Most.Seconds())
	return found, ok, wrapped("find a session of the console", err)
}

// RenewConsoleSession replaces the tokens of a session as it was seen, and counts that as use.
// It reports false when another process was faster, or the session has ended.
func (s *Store) RenewConsoleSession(ctx context.Context, id []byte, seen ConsoleSession, sealed []byte) (bool, error) {
	n, err := postgres.Exec(ctx, s.pool, s.sql.RenewConsoleSession, id, seen.Generation, sealed)
	return n > 0, wrapped("renew a session of the console", err)
}

// EndConsoleSession ends a session. Ending it again changes nothing.
func (s *Store) EndConsoleSession(ctx context.Context, id []byte) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.EndConsoleSession, id)
	return wrapped("end a session of the console", err)
}

// PurgeConsoleSessions forgets the sessions whose life is over.
func (s *Store) PurgeConsoleSessions(ctx context.Context, life ConsoleLife) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.PurgeConsoleSessions, life.Idle.Seconds(), life.Most.Seconds())
	return wrapped("purge the sessions of the console", err)
}
