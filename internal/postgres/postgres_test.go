package postgres_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

//go:embed testdata/*.sql
var files embed.FS

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestOpenAtOnceMigratesOnce(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	migrations, err := fs.Sub(files, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, migrations, 2)
			if err != nil {
				t.Error(err)
				return
			}
			defer pool.Close()
			var n int
			if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM word").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d rows, %v: the migration did not run once", n, err)
			}
		})
	}
	wg.Wait()
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	schema := pgtest.Schema(t)
	older, err := fs.Sub(files, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	first, err := fs.ReadFile(older, "00001_words.sql")
	if err != nil {
		t.Fatal(err)
	}
	newer := fstest.MapFS{"00001_words.sql": {Data: first}, "00002_more.sql": {Data: []byte("-- +goose Up\nCREATE TABLE more (n int);\n")}}
	for _, migrations := range []fs.FS{older, newer, newer} {
		pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, migrations, 2)
		if err != nil {
			t.Fatal(err)
		}
		pool.Close()
	}
	_, err = postgres.Open(t.Context(), pgtest.URL(t), schema, older, 2)
	if n, ok := errors.AsType[*postgres.NewerSchema](err); !ok || n.Schema != schema || n.Has != 2 || n.Known != 1 {
		t.Errorf("an older program opened a newer schema: %v", err)
	}
	if err != nil && postgres.Unavailable(err) {
		t.Error("trying again does not help")
	}
}

func TestIdleTransactionsEnd(t *testing.T) {
	t.Parallel()
	var limit string
	if err := open(t).QueryRow(t.Context(), "SHOW idle_in_transaction_session_timeout").Scan(&limit); err != nil || limit != "30s" {
		t.Errorf("got %q, %v", limit, err)
	}
}

func TestCodeNamesTheViolation(t *testing.T) {
	t.Parallel()
	pool := open(t)
	_, err := pool.Exec(t.Context(), "INSERT INTO word (text) VALUES ('first')")
	if got := postgres.Code(err); got != postgres.UniqueViolation {
		t.Errorf("got %q of %v", got, err)
	}
	if postgres.Code(context.Canceled) != "" {
		t.Error("an error that is not the server's has no code")
	}
}

func TestAwaitGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := postgres.Await(ctx, "postgres://127.0.0.1:1/none"); err == nil {
		t.Error("nobody listens there")
	}
}

func open(t *testing.T) *pgxpool.Pool {
	t.Helper()
	migrations, err := fs.Sub(files, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	return pgtest.Open(t, migrations)
}

func TestUnavailableErrorsAreTemporary(t *testing.T) {
	t.Parallel()
	pool := open(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := pool.Exec(t.Context(), "SELECT pg_terminate_backend($1)", conn.Conn().PgConn().PID()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // told by the server, then by the driver
		if _, err := conn.Exec(t.Context(), "SELECT 1"); !postgres.Unavailable(err) {
			t.Errorf("a connection that was ended: %v", err)
		}
	}
	if _, err := postgres.Open(t.Context(), "postgres://127.0.0.1:1/x", "s", files, 1); !postgres.Unavailable(err) {
		t.Errorf("a server that does not exist: %v", err)
	}
	if _, err := pool.Exec(t.Context(), "SELECT nonsense"); err == nil || postgres.Unavailable(err) {
		t.Errorf("a statement that is wrong: %v", err)
	}
	for what, code := range map[string]string{"full": "53100", "broken": postgres.IOError} {
		if _, err := pool.Exec(t.Context(), "DO $$ BEGIN RAISE SQLSTATE '"+code+"'; END $$"); !postgres.Unavailable(err) {
			t.Errorf("the server's disk is %s: %v", what, err)
		}
	}
	// As after the password of the role was changed: the pool's next connection is refused.
	if _, err := postgres.Open(t.Context(), pgtest.URLOf(t, "nowhere"), "s", files, 1); !postgres.Unavailable(err) {
		t.Errorf("a database that the server does not have: %v", err)
	}
	if err := fmt.Errorf("write: %w", &fs.PathError{Op: "write", Path: "x", Err: syscall.EIO}); postgres.Unavailable(err) {
		t.Errorf("a disk that is broken: %v", err)
	}
}
