package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	c := startCluster(t, 0, "FOLIOCAST_LEASE=3s")
	input := filepath.Join(t.TempDir(), "long.csv")
	text := manySeries(5000, 300)
	writeFile(t, input, text)
	if err := c.upload(t.Context(), "long", text); err != nil {
		t.Fatal(err)
	}
	var j job.Job
	spec := job.Spec{Dataset: "long", Assets: []string{"*"}, Model: "auto", Horizon: 12, Levels: []float64{80, 95}}
	if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
		t.Fatal(err)
	}
	known := []int{0}
	for i := 0; !j.State.Final(); i++ {
		if i == 40 {
			t.Fatalf("not done after %d worlds, which knew %v series", i, known)
		}
		known = append(known, c.shortWorld(t, 1+i%3, i%3 == 2)...)
		c.retry(t, time.Minute, func() error { return c.call(t.Context(), "GET", "/v1/jobs/"+string(j.ID)+"?wait=1s", nil, &j) })
	}
	if j.State != job.Done {
		t.Fatalf("ended as %s: %v", j.State, j.Error)
	}
	t.Logf("the worlds knew %v series", known)
	if len(known) < 3 {
		t.Errorf("the worlds knew %v series: too few for a test", known)
	}
	for i := 1; i < len(known); i++ {
		if known[i] < known[i-1] {
			t.Errorf("the worlds knew %v series, want never fewer than before", known)
		}
	}
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

// shortWorld runs a world that ends some seconds from now, or is killed then, and
// returns how many series each job knew that it resumed.
func (c *cluster) shortWorld(t *testing.T, np int, killed bool) (known []int) {
	t.Helper()
	end := time.Now().Add(7500 * time.Millisecond)
	args := []string{"-q", "-np", strconv.Itoa(np), "--oversubscribe", "--bind-to", "none", program(t, "mpicalc"), "serve", "--idle-timeout", "1s"}
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
			Msg   string
			Known int
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "job resumed" {
			known = append(known, entry.Known)
		}
	}
	return known
}
