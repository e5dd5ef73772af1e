package up

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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

// While a service is started again, its callers wait, and none is refused.
func TestRestartRefusesNobody(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	_, config := startStandIns(t, state)
	for _, name := range []string{"queue", "queue", "frontend"} {
		old := pidOf(t, state, name)
		if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		until(t, "the end of "+name, func() bool { return !alive(old) })
		port := map[string]int{"queue": config.Ports.Queue, "frontend": config.Ports.Frontend}[name]
		resp, err := newProbes(nil).client.Get("http://" + address(port) + "/readyz")
		if err != nil {
			t.Fatalf("a call to %s between two processes: %v", name, err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(text) == fmt.Sprintf("pid %d", old) {
			t.Errorf("%s answers %q, %v; the old process was %d", name, text, err, old)
		}
		until(t, "the new process of "+name, func() bool { return pidOf(t, state, name) != old })
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
