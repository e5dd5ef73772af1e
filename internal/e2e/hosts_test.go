package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/job"
)

// Three hosts that share only a network and a file system write the same bytes
// as one process.
func TestHostsForecastTheSameBytes(t *testing.T) {
	t.Parallel()
	h := startHosts(t, 3)
	input, err := filepath.Abs("../../docs/data/eustockmarkets.csv")
	if err != nil {
		t.Fatal(err)
	}
	arguments := func(output string) []string {
		return []string{program(t, "mpicalc"), "run", "--input", input, "--model", "auto", "--horizon", "5", "--levels", "80,95", "--output", output}
	}
	alone, spread := filepath.Join(h.dir, "alone.csv"), filepath.Join(h.dir, "spread.csv")
	one := arguments(alone)
	run(t, exec.Command(one[0], one[1:]...))
	answer := run(t, h.on(0, "mpirun", slices.Concat(h.mpirun(1, 0, 1, 2), arguments(spread))...))
	for _, name := range h.names {
		if !bytes.Contains(answer, []byte(`"`+name+`"`)) {
			t.Errorf("no rank ran on %s: %s", name, answer)
		}
	}
	want, err := os.ReadFile(alone)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(spread)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 || !bytes.Equal(got, want) {
		t.Errorf("three hosts wrote\n%s\none process\n%s", got, want)
	}
}

// The services run on one host, the world on three. One host is lost, then one
// link: each time the world ends within seconds, its operator starts another
// on the remaining hosts, and every job ends once.
func TestHostsAndLinksAreLost(t *testing.T) {
	t.Parallel()
	h := startHosts(t, 3)
	inside := &http.Client{Transport: &http.Transport{DialContext: h.dial(0)}}
	onFirst := func(name string, args ...string) *exec.Cmd { return h.on(0, name, args...) }
	c := startClusterOn(t, 0, onFirst, inside, "FOLIOCAST_LEASE=3s")
	c.addPrices(t)
	var ids []job.ID
	send := func(n int) {
		for range n {
			ids = append(ids, c.submit(t, fmt.Sprintf("key-%d", len(ids))))
		}
	}
	first := h.serve(t, c, 0, 1, 2)
	send(30)
	h.crash(t, 2)
	first.mustFail(t)
	second := h.serve(t, c, 0, 1)
	send(30)
	h.cut(t, 1)
	second.mustFail(t)
	third := h.serve(t, c, 0)
	send(30)
	for _, id := range ids {
		if j := c.waitJob(t, id, time.Minute); j.State != job.Done {
			t.Errorf("job %s ended as %s: %v", id, j.State, j.Error)
		}
	}
	c.listedOnce(t)
	h.mend(t, 1)
	third.stop(t)
}

// world is one mpirun of mpicalc serve.
type world struct {
	cmd   *exec.Cmd
	text  *bytes.Buffer
	ended chan error
}

// serve starts a world with one rank on each of the hosts, for a cluster on
// host 0, and waits until it has begun to lease.
func (h *hosts) serve(t *testing.T, c *cluster, on ...int) *world {
	t.Helper()
	cache := t.TempDir()
	cmd := h.on(0, "mpirun", append(h.mpirun(1, on...), program(t, "mpicalc"), "serve")...)
	cmd.Env = append(append(os.Environ(), openMPI()...), "FOLIOCAST_CLIENT_FILE="+filepath.Join(c.state, "worker.json"),
		"FOLIOCAST_AUTH_URL="+c.run.url("authsvc"), "FOLIOCAST_QUEUE_URL="+c.run.url("queue"),
		"FOLIOCAST_FRONTEND_URL="+c.run.url("frontend"), "FOLIOCAST_CACHE_DIR="+cache)
	w := &world{cmd: cmd, text: new(bytes.Buffer), ended: make(chan error, 1)}
	cmd.Stdout, cmd.Stderr = w.text, w.text
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { w.ended <- cmd.Wait() }()
	id := c.submit(t, fmt.Sprintf("probe of a world on %v", on))
	if j := c.waitJob(t, id, 2*time.Minute); j.State != job.Done {
		t.Errorf("the probe ended as %s", j.State)
	}
	return w
}

// mustFail waits for the end of a world that has lost a part.
func (w *world) mustFail(t *testing.T) {
	t.Helper()
	select {
	case err := <-w.ended:
		if err == nil {
			t.Errorf("a world that lost a part exited with 0:\n%s", w.text)
		}
	case <-time.After(time.Minute):
		t.Fatal("a world that lost a part still runs a minute later")
	}
}

// stop asks a world to end as Slurm does.
func (w *world) stop(t *testing.T) {
	t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-w.ended:
		if err != nil {
			t.Errorf("after SIGUSR1: %v\n%s", err, w.text)
		}
	case <-time.After(time.Minute):
		t.Fatal("a world still runs a minute after SIGUSR1")
	}
}

// run runs a command that must succeed and returns its standard output.
func run(t testing.TB, cmd *exec.Cmd) []byte {
	t.Helper()
	cmd.Env = append(os.Environ(), openMPI()...)
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, errText.Bytes())
	}
	return out
}
