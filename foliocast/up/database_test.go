package up

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/child"
	"foliocast/internal/postgres"
)

// A service that is broken into has its own schema, and not the others' nor the server.
func TestServicesAreNoSuperusers(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	startStandIns(t, state)
	urls := map[string]bool{}
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		url := setting(t, pidOf(t, state, name), "FOLIOCAST_DATABASE_URL")
		urls[url] = true
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer conn.Close(context.Background())
		var super, own, others, password bool
		err = conn.QueryRow(t.Context(), `
			SELECT (SELECT rolsuper OR rolcreaterole OR rolcreatedb OR pg_has_role('pg_execute_server_program', 'MEMBER') FROM pg_roles WHERE rolname = current_user),
				has_schema_privilege($1, 'CREATE'),
				(SELECT bool_or(has_schema_privilege(name, 'USAGE')) FROM unnest(ARRAY['authsvc', 'queue', 'frontend']) name WHERE name <> $1),
				has_table_privilege('pg_authid', 'SELECT')`, name).Scan(&super, &own, &others, &password)
		if err != nil || super || !own || others || password {
			t.Errorf("%s: superuser %v, owns its schema %v, enters the others' %v, reads passwords %v, %v", name, super, own, others, password, err)
		}
		if _, err := conn.Exec(t.Context(), "COPY (SELECT 1) TO PROGRAM 'true'"); err == nil {
			t.Errorf("%s runs a program as the server", name)
		}
	}
	if len(urls) != 3 {
		t.Error("services share an address")
	}
}

// setting is a variable in the environment of a process.
func setting(t *testing.T, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		t.Fatal(err)
	}
	for s := range strings.SplitSeq(string(text), "\x00") {
		if value, ok := strings.CutPrefix(s, name+"="); ok {
			return value
		}
	}
	t.Fatalf("process %d has no %s", pid, name)
	return ""
}

// An existing server is used, and still runs at the end.
func TestExistingDatabase(t *testing.T) {
	t.Parallel()
	port, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := postgres.NewCluster(filepath.Join(t.TempDir(), "pg"), port, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.Init(); err != nil {
		t.Fatal(err)
	}
	server := cluster.Command()
	if err := child.Start(server, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
	})
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Config{State: filepath.Join(t.TempDir(), "state"), NP: 1, Ports: ports,
		Programs: standIns(t), Databases: Databases{cluster.URL(), cluster.URL(), cluster.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	if run := c.Run(); len(run.Parts) != 4 || run.URL("postgres") != "" {
		t.Errorf("got %+v", run)
	}
	c.Stop()
	if err := postgres.Await(t.Context(), cluster.URL()); err != nil {
		t.Errorf("the server is gone: %v", err)
	}
	if err := takes(slowed(t, cluster.URL(), 300*time.Millisecond))(t.Context()); err != nil {
		t.Errorf("a server on a busy machine: %v", err)
	}
}

// slowed is the address of a server through a door that opens after a while.
func slowed(t *testing.T, server string, while time.Duration) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	target := u.Host
	u.Host = listener.Addr().String()
	go func() {
		in, err := listener.Accept()
		if err != nil {
			return
		}
		defer in.Close()
		<-time.After(while)
		out, err := net.Dial("tcp", target)
		if err != nil {
			return
		}
		defer out.Close()
		go func() { _, _ = io.Copy(out, in) }() // either end may close at any time
		_, _ = io.Copy(in, out)
	}()
	return u.String()
}

func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	nowhere := "postgres://127.0.0.1:1/none?connect_timeout=1"
	_, err = Start(t.Context(), Config{State: filepath.Join(t.TempDir(), "state"), NP: 1, Ports: ports,
		Programs: standIns(t), Databases: Databases{nowhere, nowhere, nowhere}})
	if err == nil || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("got %v", err)
	}
}
