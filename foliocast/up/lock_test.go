package up

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSecondSupervisorIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock, err := lockState(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = lockState(dir)
	running, ok := errors.AsType[*Running](err)
	if !ok || running.PID != os.Getpid() || running.State != dir {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "already running") {
		t.Errorf("got %q", err)
	}
	lock.Close()
	lock, err = lockState(dir)
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	lock.Close()
}

func TestDownWithoutAnything(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		if was, err := Down(t.Context(), dir); was || err != nil {
			t.Errorf("%s: got %v, %v", dir, was, err)
		}
	}
	// What cannot be looked at is not called empty.
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	if was, err := Down(t.Context(), loop); was || err == nil {
		t.Errorf("a state that cannot be read: got %v, %v", was, err)
	}
}

// A supervisor that was killed leaves its processes and its run.json.
func TestDownEndsWhatAKilledSupervisorLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := exec.Command("sleep", "1000")
	left.Env = append(os.Environ(), markVariable+"="+mark(dir, "queue"))
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- left.Wait() }()
	for path, text := range map[string]string{runPath(dir): "{}", lockPath(dir): "1"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if was, err := Down(t.Context(), dir); !was || err != nil {
		t.Errorf("got %v, %v", was, err)
	}
	select {
	case <-exited:
	case <-time.After(patience):
		t.Error("the process lives")
	}
	if _, err := ReadRun(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("run.json is still there: %v", err)
	}
}

func TestDownStopsTheSupervisor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// flock's shell holds the lock and ends on SIGTERM, as a supervisor does.
	script := `exec 9<>"$0"; flock 9; trap 'exit 0' TERM; echo $$ >"$0"; while :; do sleep 0.01; done`
	supervisor := exec.Command("/bin/sh", "-c", script, lockPath(dir))
	if err := supervisor.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- supervisor.Wait() }()
	until(t, "the lock", func() bool {
		text, _ := os.ReadFile(lockPath(dir))
		return strings.TrimSpace(string(text)) == strconv.Itoa(supervisor.Process.Pid)
	})
	if was, err := Down(t.Context(), dir); !was || err != nil {
		t.Errorf("got %v, %v", was, err)
	}
	select {
	case err := <-exited:
		if err != nil {
			t.Errorf("the supervisor was not asked: %v", err)
		}
	case <-time.After(patience):
		t.Error("the supervisor lives")
	}
}

func TestDownGivesUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock, err := lockState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	// Nobody is told: the file names no process.
	if err := os.Truncate(lockPath(dir), 0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Down(ctx, dir); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestRunFileFollowsTheParts(t *testing.T) {
	t.Parallel()
	l := ledger{state: t.TempDir(), run: Run{Supervisor: 7, NP: 2}}
	for _, p := range []Part{{Name: "queue", PID: 1, URL: "http://127.0.0.1:7500"}, {Name: "mpicalc", PID: 2}, {Name: "queue", PID: 3, URL: "http://127.0.0.1:7500", Restarts: 1}} {
		if err := l.note(p); err != nil {
			t.Fatal(err)
		}
	}
	got, err := ReadRun(l.state)
	if err != nil {
		t.Fatal(err)
	}
	want := Run{Supervisor: 7, NP: 2, Parts: []Part{
		{Name: "queue", PID: 3, URL: "http://127.0.0.1:7500", Restarts: 1}, {Name: "mpicalc", PID: 2}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got.URL("queue") != "http://127.0.0.1:7500" || got.URL("mpicalc") != "" || got.URL("none") != "" {
		t.Error("a wrong URL")
	}
}

func TestStaleDatabaseLock(t *testing.T) {
	t.Parallel()
	other := exec.Command("sleep", "1000")
	other.Dir = "/"
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	server := exec.Command("sleep", "1000")
	server.Dir = t.TempDir()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	zombie := exec.Command("true")
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	defer zombie.Wait()
	until(t, "the end of a process that nobody waits for", func() bool { return !alive(zombie.Process.Pid) })
	for _, c := range []struct {
		name, text string
		gone, ok   bool
	}{
		{"what is left of a server in a container", strconv.Itoa(zombie.Process.Pid) + "\n", true, true},
		{"another program's process", strconv.Itoa(other.Process.Pid) + "\nmore\n", true, true},
		{"a server at work", strconv.Itoa(server.Process.Pid) + "\n", false, false},
		{"no such process", "4194305\n", false, true},
		{"nonsense", "x\n", false, true},
	} {
		path := filepath.Join(server.Dir, "postmaster.pid")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := dropStaleLock(server.Dir)
		if _, there := os.Stat(path); (err == nil) != c.ok || errors.Is(there, fs.ErrNotExist) != c.gone {
			t.Errorf("%s: %v, %v", c.name, err, there)
		}
	}
	_ = syscall.Unlink(filepath.Join(server.Dir, "postmaster.pid"))
	if err := dropStaleLock(server.Dir); err != nil {
		t.Errorf("without a lock: %v", err)
	}
}
