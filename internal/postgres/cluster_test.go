package postgres_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

// The data directory is in a directory that only its owner may enter, and the server
// asks for a password.
func TestClusterUnderAClosedDirectory(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	cluster, err := postgres.NewCluster(filepath.Join(closed, "deeper", "pg"), freePort(t), false)
	if err != nil {
		t.Fatal(err)
	}
	cluster.Password = "a password"
	for range 2 { // the second finds it
		if err := cluster.Init(); err != nil {
			t.Fatal(err)
		}
	}
	server := cluster.Command()
	server.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := postgres.Await(ctx, cluster.URL()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, strings.Replace(cluster.URL(), "a%20password", "another", 1))
	if err == nil {
		conn.Close(ctx)
		t.Error("a wrong password was accepted")
	}
	if info, err := os.Stat(closed); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the closed directory is now %v, %v", info.Mode(), err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
