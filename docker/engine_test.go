//go:build engine

package docker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"foliocast/internal/child"
)

// home is where everything is that the tests make. What a run leaves that was ended by force,
// the next one removes.
var home = filepath.Join(os.TempDir(), "foliocast-docker-test")

// group is the control group of the containers.
const group = "foliocast-docker-test"

func TestMain(m *testing.M) { os.Exit(main(m)) }

func main(m *testing.M) int {
	if missing := missing(); len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "docker-test builds and runs images, and lacks %s: run docker/install-deps.sh engine as root\n", strings.Join(missing, ", "))
		return 1
	}
	lock := flock.New(home + ".lock")
	if free, err := lock.TryLock(); err != nil || !free {
		fmt.Fprintf(os.Stderr, "another docker-test works in %s (%v)\n", home, err)
		return 1
	}
	sweep()
	defer os.Remove(home + ".lock")
	defer sweep()
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// Processes end with this one; files do not.
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	ended := make(chan int, 1)
	go func() { ended <- m.Run() }()
	select {
	case code := <-ended:
		return code
	case <-interrupted:
		stopAll()
		return 130
	}
}

// prepare makes home, with an empty configuration for the tools.
func prepare() error {
	for _, dir := range []string{"tmp", "docker-config"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o755); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(home, "docker-config", "config.json"), []byte("{}"), 0o600)
}

// missing lists what this machine lacks.
func missing() []string {
	var all []string
	if os.Geteuid() != 0 {
		all = append(all, "the rights of root")
	}
	for _, program := range []string{"debootstrap", "buildah", "dockerd", "docker", "docker-compose", "unshare", "nsenter", "ip", "ssh-keygen", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			all = append(all, program)
		}
	}
	return all
}

// sweep removes the files and the control groups of a run whose processes have ended.
func sweep() {
	_ = os.RemoveAll(home)
	for _, pattern := range []string{"/sys/fs/cgroup/" + group, "/sys/fs/cgroup/*/" + group} {
		found, _ := filepath.Glob(pattern) // the pattern is right
		for _, top := range found {
			var dirs []string
			_ = filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
				if err == nil && d.IsDir() {
					dirs = append(dirs, path)
				}
				return nil
			})
			for _, dir := range slices.Backward(dirs) {
				_ = os.Remove(dir)
			}
		}
	}
}

// running are the process groups that stopAll ends.
var running []int

func stopAll() {
	for _, pid := range running {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
}

// execute runs a program in home, and fails the test with what it said when it fails.
func execute(t *testing.T, limit time.Duration, program string, args ...string) string {
	t.Helper()
	out, err := attempt(t, limit, nil, program, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

// attempt runs a program in home, and returns all that it said.
func attempt(t *testing.T, limit time.Duration, in io.Reader, program string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit) // the context of a test ends before its cleanup
	defer cancel()
	cmd := exec.Command(program, args...)
	cmd.Dir = home
	cmd.Env = environment()
	cmd.Stdin = in
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return out.String(), err
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-done
		return out.String(), fmt.Errorf("not within %s", limit)
	}
}

// environment points every tool at home, and at our daemon.
func environment() []string {
	return append(append(os.Environ(), caches...), "TMPDIR="+filepath.Join(home, "tmp"), "HOME="+home, "DOCKER_CONFIG="+filepath.Join(home, "docker-config"),
		"DOCKER_HOST=unix://"+socket(), "COMPOSE_PROJECT_NAME=foliocast")
}

// caches are where this machine's Go keeps what it has compiled, wherever HOME is.
var caches = func() []string {
	var all []string
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		dir, err := exec.Command("go", "env", name).Output()
		if err != nil {
			panic(err) // a test is run by go
		}
		all = append(all, name+"="+strings.TrimSpace(string(dir)))
	}
	return all
}()

func socket() string { return filepath.Join(home, "docker.sock") }

// daemon is a dockerd in namespaces of its own: no bridge, no mount and no process of it is
// seen outside, and all of them end with its first process.
type daemon struct{ pid int }

// startDaemon starts dockerd and waits until it answers.
func startDaemon(t *testing.T) daemon {
	t.Helper()
	script := `set -e
mount -t tmpfs tmpfs /run
ip link set lo up
echo '{}' >"$0/daemon.json"
exec dockerd --config-file "$0/daemon.json" --data-root "$0/data" --exec-root "$0/exec" -p "$0/docker.pid" -H "unix://$0/docker.sock" \
	--iptables=false --ip6tables=false --storage-driver=overlay2 --cgroup-parent=/"$1"`
	log, err := os.Create(filepath.Join(home, "dockerd.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "sh", "-c", script, home, group)
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = log, log
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	running = append(running, cmd.Process.Pid)
	t.Cleanup(func() {
		stopAll()
		_ = cmd.Wait()
		log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("dockerd said:\n%s", text[max(0, len(text)-4000):])
		}
	})
	await(t, time.Minute, "an answer of dockerd", func() (bool, string) {
		out, err := attempt(t, 10*time.Second, nil, "docker", "version")
		return err == nil, out
	})
	return daemon{cmd.Process.Pid}
}

// inside runs a program in the network of the daemon, where published ports are.
func (d daemon) inside(args ...string) []string {
	return append([]string{fmt.Sprintf("--net=/proc/%d/ns/net", d.pid)}, args...)
}

// kill ends the first process of a container by force, so that the daemon takes it for a crash.
func (d daemon) kill(t *testing.T, container string) {
	t.Helper()
	pid := strings.TrimSpace(execute(t, time.Minute, "docker", "inspect", "-f", "{{.State.Pid}}", container))
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", d.pid, d.pid))
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Fields(string(children))[0]
	execute(t, time.Minute, "nsenter", "--pid=/proc/"+first+"/ns/pid", "sh", "-c", "kill -9 "+pid)
}

// await waits until done returns true, and fails with what it said last.
func await(t *testing.T, limit time.Duration, what string, done func() (bool, string)) {
	t.Helper()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	last := ""
	for end := time.Now().Add(limit); time.Now().Before(end); <-tick.C {
		var ok bool
		if ok, last = done(); ok {
			return
		}
	}
	t.Fatalf("%s did not come within %s:\n%s", what, limit, last)
}
