package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

func statement(sql string) postgres.Statement { return postgres.Statement{Name: "the_name", SQL: sql} }

func TestOneStatement(t *testing.T) {
	t.Parallel()
	pool, ctx := open(t), t.Context()
	if n, err := postgres.Exec(ctx, pool, statement("INSERT INTO word (text) VALUES ($1), ($2);"), "second", "third"); n != 2 || err != nil {
		t.Errorf("inserted %d rows, %v, want 2", n, err)
	}
	list := statement("SELECT text FROM word WHERE text > $1 ORDER BY text;")
	if got, err := postgres.Collect(ctx, pool, pgx.RowTo[string], list, "f"); err != nil || !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Errorf("collected %q, %v", got, err)
	}
	if got, found, err := postgres.Find(ctx, pool, pgx.RowTo[string], list, "g"); got != "second" || !found || err != nil {
		t.Errorf("found %q, %v, %v, want the first row", got, found, err)
	}
	if _, found, err := postgres.Find(ctx, pool, pgx.RowTo[string], list, "z"); found || err != nil {
		t.Errorf("found %v, %v without a row", found, err)
	}
	if _, err := postgres.One(ctx, pool, pgx.RowTo[string], list, "z"); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("one row of none: %v", err)
	}
}

func TestErrorsNameTheStatement(t *testing.T) {
	t.Parallel()
	pool, ctx := open(t), t.Context()
	again := statement("INSERT INTO word (text) VALUES ('first');")
	_, execErr := postgres.Exec(ctx, pool, again)
	_, collectErr := postgres.Collect(ctx, pool, pgx.RowTo[string], again)
	batchErr := postgres.Batch(ctx, pool, postgres.Step{Statement: again})
	for _, err := range []error{execErr, collectErr, batchErr} {
		if err == nil || !strings.HasPrefix(err.Error(), "the_name: ") || postgres.Code(err) != postgres.UniqueViolation {
			t.Errorf("got %v, want the name of the statement and the violation", err)
		}
	}
}

func TestBatchOnAPoolIsATransaction(t *testing.T) {
	t.Parallel()
	pool, ctx := open(t), t.Context()
	var words []string
	var n int
	err := postgres.Batch(ctx, pool,
		postgres.Step{Statement: statement("INSERT INTO word (text) VALUES ($1);"), Args: []any{"second"}, Read: postgres.Exactly(1)},
		postgres.Step{Statement: statement("SELECT text FROM word ORDER BY text;"), Read: postgres.Into(&words, pgx.RowTo[string])},
		postgres.Step{Statement: statement("UPDATE word SET text = text || '!';"), Read: postgres.Affected(&n)},
		postgres.Step{Statement: statement("INSERT INTO word (text) VALUES ('first!');")})
	if postgres.Code(err) != postgres.UniqueViolation {
		t.Errorf("a step that the server refuses: %v", err)
	}
	if !slices.Equal(words, []string{"first", "second"}) || n != 2 {
		t.Errorf("read %q and %d", words, n)
	}
	left, err := postgres.Collect(ctx, pool, pgx.RowTo[string], statement("SELECT text FROM word;"))
	if err != nil || !slices.Equal(left, []string{"first"}) {
		t.Errorf("after the failure: %q, %v, want nothing changed", left, err)
	}
}

func TestExactlyCountsRows(t *testing.T) {
	t.Parallel()
	pool, ctx := open(t), t.Context()
	err := postgres.Tx(ctx, pool, func(tx postgres.Transaction) error {
		return postgres.Batch(ctx, tx, postgres.Step{Statement: statement("DELETE FROM word;"), Read: postgres.Exactly(2)})
	})
	if err == nil || !strings.Contains(err.Error(), "changed 1 rows, want 2") {
		t.Errorf("got %v, want the numbers", err)
	}
	if n, err := postgres.One(ctx, pool, pgx.RowTo[int], statement("SELECT count(*) FROM word;")); n != 1 || err != nil {
		t.Errorf("%d rows, %v: the deletion was committed", n, err)
	}
}

func TestTxRollsBackOnAnError(t *testing.T) {
	t.Parallel()
	pool, ctx := open(t), t.Context()
	refusal := errors.New("no")
	err := postgres.Tx(ctx, pool, func(tx postgres.Transaction) error {
		if _, err := postgres.Exec(ctx, tx, statement("DELETE FROM word;")); err != nil {
			return err
		}
		return refusal
	})
	if err != refusal {
		t.Errorf("got %v, want the function's own error", err)
	}
	if n, err := postgres.One(ctx, pool, pgx.RowTo[int], statement("SELECT count(*) FROM word;")); n != 1 || err != nil {
		t.Errorf("%d rows, %v: the deletion was committed", n, err)
	}
}
