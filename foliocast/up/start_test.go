package up

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
)

func startStandIns(t *testing.T, state string) (*Cluster, Config) {
	t.Helper()
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	config := Config{State: state, NP: 2, Ports: ports, Programs: standIns(t), Throwaway: true, Say: func(s string) { t.Log(s) }}
	c, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c, config
}

func pidOf(t *testing.T, state, name string) int {
	t.Helper()
	run, err := ReadRun(state)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range run.Parts {
		if p.Name == name {
			return p.PID
		}
	}
	t.Fatalf("run.json has no %s: %+v", name, run)
	return 0
}

// ranks are the processes of the world without mpirun.
func ranks(t *testing.T, state string) []int {
	t.Helper()
	mpirun := pidOf(t, state, "mpicalc")
	var found []int
	for _, pid := range marked(mark(state, "mpicalc")) {
		if pid != mpirun {
			found = append(found, pid)
		}
	}
	return found
}

func TestWhatDiesIsStartedAgain(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	c, _ := startStandIns(t, state)
	for _, name := range []string{"postgres", "authsvc", "queue", "frontend", "mpicalc"} {
		old := pidOf(t, state, name)
		if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		until(t, "a new process of "+name, func() bool { return pidOf(t, state, name) != old })
	}
	until(t, "two ranks", func() bool { return len(ranks(t, state)) == 2 })
	old, world := ranks(t, state), pidOf(t, state, "mpicalc")
	if err := syscall.Kill(old[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "a new world", func() bool { return pidOf(t, state, "mpicalc") != world && len(ranks(t, state)) == 2 })
	if alive(old[1]) {
		t.Error("a rank of the old world lives")
	}
	oneLineage(t, state)
	for _, k := range c.keepers {
		if err := k.await(t.Context(), patience); err != nil {
			t.Error(err)
		}
	}
}

// oneLineage checks that every world of a state directory knew that it follows
// the others.
func oneLineage(t *testing.T, state string) {
	t.Helper()
	want, err := lineage(state)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(state, "log", "mpicalc.log"))
	if err != nil {
		t.Fatal(err)
	}
	begun := strings.Count(string(text), "a rank of ")
	if same := strings.Count(string(text), "a rank of "+want+"\n"); begun < 4 || same != begun {
		t.Errorf("%d of %d ranks were of the lineage %s, want all of two worlds' at least", same, begun, want)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	c, config := startStandIns(t, state)
	if admin, err := ReadAdmin(state); err != nil || admin.Username != "admin" {
		t.Errorf("got %v, %v", admin, err)
	}
	if _, err := Start(t.Context(), config); err == nil {
		t.Error("a second supervisor started")
	} else if _, ok := errors.AsType[*Running](err); !ok {
		t.Errorf("got %v", err)
	}
	until(t, "the mark on a process of every part", func() bool { return len(marked(allMarks(state))) >= 5 })
	c.Stop()
	c.Stop()
	if left := marked(allMarks(state)); len(left) != 0 {
		t.Errorf("processes %v live", left)
	}
	for _, path := range []string{runPath(state), segments(state), filepath.Join(state, "postgres", "postmaster.pid")} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	again, err := Start(t.Context(), config)
	if err != nil {
		t.Fatalf("the second start: %v", err)
	}
	again.Stop()
}

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

// An earlier version left these files empty, or none, when the power failed soon after
// the first start.
func TestEmptiedFilesAreMadeAnew(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	c, config := startStandIns(t, state)
	c.Stop()
	kept := []string{"postgres.password", "worker.json", "admin.json", "lineage", "lock"}
	for _, name := range kept {
		if err := os.Truncate(filepath.Join(state, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(state, ".worker.json12345")
	if err := os.WriteFile(left, []byte("a secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	config.Say = func(s string) { said = append(said, s) }
	c, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	c.Stop()
	for _, name := range kept {
		if info, err := os.Stat(filepath.Join(state, name)); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a temporary file with a secret is still there: %v", err)
	}
	if admin, err := ReadAdmin(state); err != nil || admin.Password != "new" {
		t.Errorf("the administrator is %v, %v", admin, err)
	}
	for _, want := range []string{"postgres.password", "worker.json", "admin.json"} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("nothing was said about %s: %q", want, said)
		}
	}
	if err := os.Remove(filepath.Join(state, "postgres.password")); err != nil {
		t.Fatal(err)
	}
	if c, err = Start(t.Context(), config); err != nil {
		t.Fatalf("without the password: %v", err)
	}
	c.Stop()
}

// Nothing outlives a supervisor that is killed, and the next one starts.
func TestKilledSupervisor(t *testing.T) {
	t.Parallel()
	state, dir := filepath.Join(t.TempDir(), "state"), standIns(t)
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	supervisor := exec.Command(filepath.Join(dir, "supervisor"), state, fmt.Sprint(ports.Auth))
	out, err := supervisor.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := supervisor.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "up" {
		t.Log(lines.Text())
	}
	if err := supervisor.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = supervisor.Wait()
	if lines.Text() != "up" {
		t.Fatal("the supervisor did not come up")
	}
	until(t, "the end of every part", func() bool { return len(marked(allMarks(state))) == 0 })
	c, err := Start(t.Context(), Config{State: state, NP: 1, Ports: PortsFrom(ports.Auth), Programs: dir, Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Stop()
}

func TestPartThatFailsIsNamed(t *testing.T) {
	t.Parallel()
	state, dir := filepath.Join(t.TempDir(), "state"), standIns(t)
	if err := os.WriteFile(filepath.Join(dir, "fail"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ports, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Config{State: state, NP: 1, Ports: ports, Programs: dir, Throwaway: true})
	n, ok := errors.AsType[*NotReady](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if n.Part != "authsvc" || !strings.Contains(n.Tail, "fails as it was told") {
		t.Errorf("got %+v", n)
	}
	if left := marked(allMarks(state)); len(left) != 0 {
		t.Errorf("processes %v live", left)
	}
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
	f := newForker()
	server := cluster.Command()
	if err := f.start(server, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
		f.close()
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
