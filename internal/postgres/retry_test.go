package postgres_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"foliocast/internal/postgres"
)

// Two transactions lock two rows in opposite orders. In their first attempts, each
// waits until the other has its first row, so that the server must undo one.
func TestADeadlockIsRepeated(t *testing.T) {
	t.Parallel()
	pool, ctx := open(t), t.Context()
	if _, err := pool.Exec(ctx, "INSERT INTO word (text) VALUES ('a'), ('b')"); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Add(2)
	change := func(first, second string) func() error {
		attempt := 0
		return func() error {
			return postgres.Tx(ctx, pool, func(tx postgres.Transaction) error {
				attempt++
				if _, err := postgres.Exec(ctx, tx, statement("SELECT FROM word WHERE text = $1 FOR UPDATE;"), first); err != nil {
					return err
				}
				if attempt == 1 {
					both.Done()
					both.Wait()
				}
				_, err := postgres.Exec(ctx, tx, statement("SELECT FROM word WHERE text = $1 FOR UPDATE;"), second)
				return err
			})
		}
	}
	var group errgroup.Group
	group.Go(change("a", "b"))
	group.Go(change("b", "a"))
	if err := group.Wait(); err != nil {
		t.Errorf("a transaction was not repeated: %v", err)
	}
}

// collision raises an error of a code until it was called so many times. A
// sequence counts the calls, because its value outlives what the server undoes.
func collision(code string, times int) postgres.Statement {
	return statement(fmt.Sprintf("SELECT CASE WHEN nextval('calls') <= %d THEN raise('%s') END;", times, code))
}

func TestWhatTheServerUndidIsRepeatedAFewTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code        string
		times       int
		ok, later   bool
		description string
	}{
		{postgres.SerializationFailure, 2, true, false, "a serialization failure"},
		{postgres.DeadlockDetected, 2, true, false, "a deadlock"},
		{postgres.DeadlockDetected, 1000, false, true, "deadlocks without an end"},
		{postgres.UniqueViolation, 1, false, false, "an error of the statement's own"},
	} {
		t.Run(c.description, func(t *testing.T) {
			t.Parallel()
			pool, ctx := open(t), t.Context()
			if _, err := pool.Exec(ctx, `CREATE SEQUENCE calls; CREATE FUNCTION raise(code text) RETURNS text LANGUAGE plpgsql AS
				$$ BEGIN RAISE EXCEPTION USING ERRCODE = code, MESSAGE = 'collision'; END $$`); err != nil {
				t.Fatal(err)
			}
			s := collision(c.code, c.times)
			for name, work := range map[string]func() error{
				"Exec":    func() error { _, err := postgres.Exec(ctx, pool, s); return err },
				"Collect": func() error { _, err := postgres.Collect(ctx, pool, pgx.RowTo[*string], s); return err },
				"Batch":   func() error { return postgres.Batch(ctx, pool, postgres.Step{Statement: s}) },
				"Tx": func() error {
					return postgres.Tx(ctx, pool, func(tx postgres.Transaction) error { _, err := postgres.Exec(ctx, tx, s); return err })
				},
			} {
				if _, err := pool.Exec(ctx, "SELECT setval('calls', 1, false)"); err != nil {
					t.Fatal(err)
				}
				err := work()
				if (err == nil) != c.ok || postgres.Unavailable(err) != c.later {
					t.Errorf("%s: got %v", name, err)
				}
				if !c.ok && postgres.Code(err) != c.code {
					t.Errorf("%s: got the code %q, want %s", name, postgres.Code(err), c.code)
				}
			}
		})
	}
}

func TestAStatementMayNotTakeForEver(t *testing.T) {
	t.Parallel()
	var limit string
	if err := open(t).QueryRow(t.Context(), "SHOW statement_timeout").Scan(&limit); err != nil || limit != "1min" {
		t.Errorf("got %q, %v, want 1min", limit, err)
	}
}
