// Package pgtest gives each test a schema of its own on a real PostgreSQL server,
// which runs as long as the test binary, and checks the form of stores.
package pgtest

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/child"
	"foliocast/internal/postgres"
)

// urlVariable carries the server's address from Main to the tests.
const urlVariable = "FOLIOCAST_PGTEST_URL"

// database is the name of the tests' database.
const database = "collated"

// Main runs a package's tests with a private server beside them. Call it from
// TestMain.
func Main(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "foliocast-pgtest-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	port, err := freePort()
	if err != nil {
		return 1, err
	}
	cluster, err := postgres.NewCluster(filepath.Join(dir, "pg"), port, false)
	if err != nil {
		return 1, err
	}
	if err := cluster.Init(); err != nil {
		return 1, err
	}
	server := cluster.Command()
	server.Stderr = os.Stderr
	// The server must not outlive a test binary that is killed.
	if err := child.Start(server, syscall.SIGQUIT); err != nil {
		return 1, err
	}
	defer server.Wait()
	defer server.Process.Signal(syscall.SIGQUIT)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := postgres.Await(ctx, cluster.URL()); err != nil {
		return 1, err
	}
	url, err := createDatabase(ctx, cluster.URL())
	if err != nil {
		return 1, err
	}
	if err := os.Setenv(urlVariable, url); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// createDatabase creates the tests' database and returns its address. Its collation is that of a
// language, as in many clusters, where b comes before C: what Go code puts in order is not in
// this order.
func createDatabase(ctx context.Context, server string) (string, error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+database+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'"); err != nil {
		return "", err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}

// freePort returns a port that is not in use.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// URL is the server's address.
func URL(t testing.TB) string {
	t.Helper()
	url := os.Getenv(urlVariable)
	if url == "" {
		t.Fatal("pgtest: TestMain of this package does not call pgtest.Main")
	}
	return url
}

// URLOf is the server's address with the name of another database.
func URLOf(t testing.TB, name string) string {
	t.Helper()
	return strings.Replace(URL(t), "/"+database, "/"+name, 1)
}

// Open returns a pool on a schema of this test's own, migrated, and drops it
// when the test ends.
func Open(t testing.TB, migrations fs.FS) *pgxpool.Pool {
	t.Helper()
	schema := Schema(t)
	pool, err := postgres.Open(t.Context(), URL(t), schema, migrations, 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Schema returns a schema name of this test's own and drops the schema when
// the test ends.
func Schema(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%s", time.Now().UnixNano(), strings.Map(plain, t.Name()))
	name = name[:min(len(name), 60)]
	t.Cleanup(func() {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, URL(t))
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+pgx.Identifier{name}.Sanitize()+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return name
}

func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}
