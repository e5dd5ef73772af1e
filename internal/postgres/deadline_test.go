package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

// within fails unless do fails in time, in a way that trying again may help.
func within(t *testing.T, what string, do func() error) {
	t.Helper()
	failed := make(chan error, 1)
	go func() { failed <- do() }()
	select {
	case err := <-failed:
		if err == nil || !postgres.Unavailable(err) {
			t.Errorf("%s: got %v, want that the server is unavailable", what, err)
		}
	case <-time.After(time.Minute): // a bound on hangs
		t.Fatalf("%s hangs", what)
	}
}

// The server accepts and does not answer: nothing waits for ever, although no caller has
// a deadline, and afterwards all is well.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	gate := pgtest.NewGate(t)
	pool, err := postgres.OpenWithin(t.Context(), gate.URL, pgtest.Schema(t), oneTable, 2, 500*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	one := statement("SELECT 1;")
	ctx := t.Context()
	works := func() {
		t.Helper()
		if n, err := postgres.One(ctx, pool, pgx.RowTo[int], one); err != nil || n != 1 {
			t.Errorf("got %d, %v", n, err)
		}
	}
	works()
	for what, do := range map[string]func() error{
		"a statement": func() error { _, err := postgres.Exec(ctx, pool, one); return err },
		"a query":     func() error { _, err := postgres.One(ctx, pool, pgx.RowTo[int], one); return err },
		"a batch":     func() error { return postgres.Batch(ctx, pool, postgres.Step{Statement: one}) },
		"a commit": func() error {
			gate.Thaw()
			return postgres.Tx(ctx, pool, func(tx postgres.Transaction) error {
				_, err := postgres.Exec(ctx, tx, one)
				gate.Freeze()
				return err
			})
		},
	} {
		gate.Freeze()
		within(t, what, do)
		gate.Thaw()
		works()
	}
	gate.Freeze()
	url := gate.URL + map[bool]string{true: "&", false: "?"}[strings.Contains(gate.URL, "?")] + "connect_timeout=1"
	within(t, "connecting", func() error {
		_, err := postgres.Open(ctx, url, "public", oneTable, 1)
		return err
	})
}
