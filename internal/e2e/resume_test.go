package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
)

// A job that takes longer than any world may live ends in the end: each world goes
// on from what the ones before have saved, whatever its number of ranks, and the
// answer has the bytes that one run without services writes. One world in three is
// killed instead of ending in time.
func TestALongJobOutlivesItsWorlds(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 0, "FOLIOCAST_LEASE=3s", "FOLIOCAST_MAX_ATTEMPTS=50")
	input := filepath.Join(t.TempDir(), "long.csv")
	const series = 12_000
	text := manySeries(series, 300)
	writeFile(t, input, text)
	if err := c.upload(t.Context(), "long", text); err != nil {
		t.Fatal(err)
	}
	var j job.Job
	spec := job.Spec{Dataset: "long", Assets: []string{"*"}, Model: "auto", Horizon: 12, Levels: []float64{80, 95}}
	if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
		t.Fatal(err)
	}
	var worlds []shortWorld
	for !j.State.Final() {
		i := len(worlds)
		if i == 40 {
			t.Fatalf("not done after %d worlds: %+v", i, worlds)
		}
		worlds = append(worlds, c.shortWorld(t, 1+i%3, i%3 == 2))
		c.retry(t, time.Minute, func() error { return c.call(t.Context(), "GET", "/v1/jobs/"+string(j.ID)+"?wait=1s", nil, &j) })
	}
	if j.State != job.Done {
		t.Fatalf("ended as %s: %v", j.State, j.Error)
	}
	t.Logf("worlds: %+v", worlds)
	checkWorlds(t, worlds, series)
	output := filepath.Join(t.TempDir(), "once.csv")
	run(t, exec.Command("mpirun", "-np", "2", "--oversubscribe", "--bind-to", "none", program(t, "mpicalc"), "run", "--input", input,
		"--model", "auto", "--horizon", "12", "--levels", "80,95", "--output", output))
	want, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.result(t, j.ID, forecasttable.CSV); !bytes.Equal(got, want) {
		t.Errorf("the result has %d bytes, other ones than the %d of mpicalc run", len(got), len(want))
	}
}

// manySeries is a table of series with a season and a trend.
func manySeries(assets, length int) string {
	var b strings.Builder
	b.WriteString("unique_id,step,y\n")
	for a := range assets {
		for i := range length {
			fmt.Fprintf(&b, "S%d,%d,%d\n", a, i, 500+a+3*i+(i%12)*(a%7)+(i*i*(a+3))%101)
		}
	}
	return b.String()
}

// shortWorld is what one world did of a job.
type shortWorld struct {
	known    int // series that it found saved
	computed int // series that it computed
	killed   bool
}

// checkWorlds checks that each world went on from the one before, and that those
// which ended in time computed little that was not saved.
func checkWorlds(t *testing.T, worlds []shortWorld, series int) {
	t.Helper()
	resumed, twice := 0, 0
	worlds = slices.DeleteFunc(worlds, func(w shortWorld) bool { return w.known+w.computed == 0 }) // they found none: the lease of a killed one had not expired
	for i, w := range worlds {
		next := series
		if i+1 < len(worlds) {
			next = worlds[i+1].known
		}
		if next < w.known {
			t.Errorf("world %d knew %d series, and the next one %d", i, w.known, next)
		}
		if w.known > 0 {
			resumed++
		}
		if !w.killed {
			twice += w.computed - (next - w.known)
		}
	}
	if resumed < 2 {
		t.Errorf("%d worlds went on from others, too few for a test", resumed)
	}
	if twice > series/10 {
		t.Errorf("%d of %d series were computed twice", twice, series)
	}
}

// shortWorld runs a world that ends some seconds from now, or is killed then.
func (c *cluster) shortWorld(t *testing.T, np int, killed bool) (w shortWorld) {
	t.Helper()
	w.killed = killed
	end := time.Now().Add(7500 * time.Millisecond)
	args := []string{"-q", "-np", strconv.Itoa(np), "--oversubscribe", "--bind-to", "none", program(t, "mpicalc"), "serve", "--idle-timeout", "4s"}
	if !killed {
		args = append(args, "--until", end.Format(time.RFC3339Nano))
	}
	cmd := exec.Command("mpirun", args...)
	cmd.Env = append(append(os.Environ(), openMPI()...), "FOLIOCAST_CLIENT_FILE="+filepath.Join(c.state, "worker.json"),
		"FOLIOCAST_AUTH_URL="+c.run.url("authsvc"), "FOLIOCAST_QUEUE_URL="+c.run.url("queue"),
		"FOLIOCAST_FRONTEND_URL="+c.run.url("frontend"), "FOLIOCAST_CACHE_DIR="+filepath.Join(c.state, "cache"), "FOLIOCAST_SAVE_EVERY=300ms")
	var log bytes.Buffer
	cmd.Stderr = &log
	cmd.WaitDelay = time.Second
	if err := child.Start(cmd, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if killed {
		kill := time.AfterFunc(time.Until(end)-4*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
	}
	if err := cmd.Wait(); err != nil && !killed {
		t.Fatalf("a world: %v\n%s", err, log.String())
	}
	for line := range strings.Lines(log.String()) {
		var entry struct {
			Msg           string
			Known, Series int
		}
		if json.Unmarshal([]byte(line), &entry) != nil {
			continue
		}
		switch entry.Msg {
		case "job resumed":
			w.known = entry.Known
		case "worker stopped":
			w.computed = entry.Series
		}
	}
	return w
}
