package postgres_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/child"
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
	ctx := runServer(t, cluster)
	conn, err := pgx.Connect(ctx, strings.Replace(cluster.URL(), "a%20password", "another", 1))
	if err == nil {
		conn.Close(ctx)
		t.Error("a wrong password was accepted")
	}
	if info, err := os.Stat(closed); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the closed directory is now %v, %v", info.Mode(), err)
	}
}

// runServer runs the cluster's server until the test ends, once it answers.
func runServer(t *testing.T, cluster *postgres.Cluster) context.Context {
	t.Helper()
	server := cluster.Command()
	if err := child.Start(server, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	if err := postgres.Await(ctx, cluster.URL()); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// A user who is not root has a server that runs as they do, as in a container.
func TestClusterOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		asNobody(t)
		return
	}
	cluster, err := postgres.NewCluster(filepath.Join(os.Getenv("TMPDIR"), "pg"), freePort(t), false)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds it
		if err := cluster.Init(); err != nil {
			t.Fatal(err)
		}
	}
	if cluster.Aside != "" {
		t.Errorf("the new database was taken for an unfinished one: %s", cluster.Aside)
	}
	runServer(t, cluster)
}

// asNobody runs the test that calls it once more, as the user nobody, in a directory of theirs.
func asNobody(t *testing.T) {
	t.Helper()
	const nobody = 65534
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	text, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(program, text, 0o755)
	}
	own := filepath.Join(dir, "own")
	if err == nil {
		err = os.Mkdir(own, 0o700)
	}
	if err == nil {
		err = os.Chown(own, nobody, nobody)
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err == nil {
			err = os.Chmod(d, 0o755)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$")
	cmd.Dir = own
	cmd.Env = append(os.Environ(), "TMPDIR="+own)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

// Whatever initdb leaves when it is killed, in the directory that an earlier version
// let it write or in the one of this version, the next start has a server, with the
// password that is asked for.
func TestInitAfterOneThatWasKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pg")
	for path, text := range map[string]string{dir: "PG_VERSION", dir + ".new": "PG_VERSION"} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, text), []byte("15\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cluster, err := postgres.NewCluster(dir, freePort(t), false)
	if err != nil {
		t.Fatal(err)
	}
	cluster.Password = "first"
	if err := cluster.Init(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(cluster.Aside, "PG_VERSION")); cluster.Aside == "" || err != nil {
		t.Errorf("the unfinished directory was not kept: %q, %v", cluster.Aside, err)
	}
	if _, err := os.Stat(dir + ".new"); !os.IsNotExist(err) {
		t.Errorf("a temporary directory is left: %v", err)
	}
	cluster.Password = "it's another"
	if err := cluster.ResetPassword(); err != nil {
		t.Fatal(err)
	}
	runServer(t, cluster)
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
