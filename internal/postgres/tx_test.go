package postgres_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres"
)

var (
	add   = statement("INSERT INTO word (text) SELECT $1 || count(*) FROM word;")
	count = statement("SELECT count(*) FROM word;")
)

// counted is a pool of one connection to the schema of open, and how often it has written to the server.
func counted(t *testing.T) (*pgxpool.Pool, *atomic.Int64) {
	t.Helper()
	config := open(t).Config()
	config.MaxConns = 1
	var writes atomic.Int64
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return writing{conn, &writes}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, &writes
}

type writing struct {
	net.Conn
	n *atomic.Int64
}

func (w writing) Write(p []byte) (int, error) {
	w.n.Add(1)
	return w.Conn.Write(p)
}

func TestTransactionsTakeFewRoundTrips(t *testing.T) {
	t.Parallel()
	pool, writes := counted(t)
	exec := func(tx postgres.Transaction) error { _, err := postgres.Exec(t.Context(), tx, add, "x"); return err }
	collect := func(tx postgres.Transaction) error {
		_, err := postgres.Collect(t.Context(), tx, pgx.RowTo[int], count)
		return err
	}
	batch := func(tx postgres.Transaction) error {
		return postgres.Batch(t.Context(), tx, postgres.Step{Statement: add, Args: []any{"y"}}, postgres.Step{Statement: count})
	}
	finish := func(tx postgres.Transaction) error {
		return postgres.Finish(t.Context(), tx, postgres.Step{Statement: add, Args: []any{"z"}})
	}
	for _, c := range []struct {
		name  string
		do    []func(postgres.Transaction) error
		trips int64
	}{
		{"nothing", nil, 0},
		{"one statement", []func(postgres.Transaction) error{exec}, 2},
		{"rows", []func(postgres.Transaction) error{collect}, 2},
		{"a batch", []func(postgres.Transaction) error{batch}, 2},
		{"two", []func(postgres.Transaction) error{exec, collect}, 3},
		{"one, and the last ones", []func(postgres.Transaction) error{collect, finish}, 2},
		{"the last ones alone", []func(postgres.Transaction) error{finish}, 1},
	} {
		run := func() {
			err := postgres.Tx(t.Context(), pool, func(tx postgres.Transaction) error {
				for _, do := range c.do {
					if err := do(tx); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		run() // prepares the statements
		before := writes.Load()
		run()
		if got := writes.Load() - before; got != c.trips {
			t.Errorf("%s: %d round trips, want %d", c.name, got, c.trips)
		}
	}
	// One row of the migrations, and twice those of the statements above.
	if n, err := postgres.One(t.Context(), pool, pgx.RowTo[int], count); n != 1+2*5 || err != nil {
		t.Errorf("%d rows, %v: not each transaction took effect once", n, err)
	}
}

func TestTransactionsThatFail(t *testing.T) {
	t.Parallel()
	pool, _ := counted(t)
	ctx := t.Context()
	refusal := errors.New("no")
	exec := func(tx postgres.Transaction, s postgres.Statement, args ...any) error {
		_, err := postgres.Exec(ctx, tx, s, args...)
		return err
	}
	never := func(pgx.Rows) error { return refusal }
	zero, unknown := statement("SELECT 1 / (SELECT count(*) - count(*) FROM word);"), statement("SELECT missing FROM word;")
	for name, f := range map[string]func(tx postgres.Transaction) error{
		"the first statement":          func(tx postgres.Transaction) error { return exec(tx, zero) },
		"a statement that has no plan": func(tx postgres.Transaction) error { return exec(tx, unknown) },
		"rows that have no plan": func(tx postgres.Transaction) error {
			_, err := postgres.Collect(ctx, tx, pgx.RowTo[int], unknown)
			return err
		},
		"rows that the server refuses": func(tx postgres.Transaction) error {
			_, err := postgres.Collect(ctx, tx, pgx.RowTo[int], zero)
			return err
		},
		"rows that are not as expected": func(tx postgres.Transaction) error {
			_, err := postgres.Collect(ctx, tx, pgx.RowTo[bool], count)
			return err
		},
		"a batch whose rows are refused": func(tx postgres.Transaction) error {
			return postgres.Batch(ctx, tx, postgres.Step{Statement: add, Args: []any{"a"}}, postgres.Step{Statement: count, Read: never})
		},
		"after the first statement": func(tx postgres.Transaction) error { return errors.Join(exec(tx, add, "b"), refusal) },
		"one of the last ones": func(tx postgres.Transaction) error {
			return errors.Join(exec(tx, add, "c"), postgres.Finish(ctx, tx, postgres.Step{Statement: add, Args: []any{"d"}}, postgres.Step{Statement: zero}))
		},
		"the last ones alone": func(tx postgres.Transaction) error {
			return postgres.Finish(ctx, tx, postgres.Step{Statement: add, Args: []any{"e"}}, postgres.Step{Statement: zero})
		},
		"the connection": func(tx postgres.Transaction) error {
			return errors.Join(exec(tx, add, "f"), postgres.Finish(ctx, tx, postgres.Step{Statement: statement("SELECT pg_terminate_backend(pg_backend_pid());")}))
		},
	} {
		if err := postgres.Tx(ctx, pool, f); err == nil {
			t.Errorf("%s: no error", name)
		}
		// The pool's one connection serves the next transaction, or another in its place.
		if n, err := postgres.One(ctx, pool, pgx.RowTo[int], count); n != 1 || err != nil {
			t.Errorf("%s: %d rows, %v, want that it changed nothing", name, n, err)
		}
	}
	// An error of reading comes after the commit.
	err := postgres.Tx(ctx, pool, func(tx postgres.Transaction) error {
		return postgres.Finish(ctx, tx, postgres.Step{Statement: add, Args: []any{"g"}, Read: never})
	})
	if n, lookup := postgres.One(ctx, pool, pgx.RowTo[int], count); !errors.Is(err, refusal) || n != 2 || lookup != nil {
		t.Errorf("after an error of reading: %v, %d rows, %v, want it and 2", err, n, lookup)
	}
}
