package e2e

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

// The state in testdata/upgrade was made by the programs of commit 7959dad, 700 commits ago: dumps of the three schemas, the file of
// a dataset and the first administrator. Its prices are those of addPrices: A rises from 100 and B falls from 200, by one a day for
// 120 days. Of its jobs, two had ended, two waited in a paused queue, and one was cancelled.
const (
	oldDrift     job.ID = "01a231de-510c-7330-a5a1-c9da35f6e737" // A, B, 3 steps
	oldNaive     job.ID = "01a231de-521e-7d18-a8a6-43a30f61be1d"
	oldWaiting   job.ID = "01a231de-8c46-7dec-a79e-fc578567c1ea" // drift of A, B, 3 steps
	oldTrend     job.ID = "01a231de-8c56-7c3a-8e45-2e28c26ae4b7" // of B, 2 steps, waiting
	oldCancelled job.ID = "01a231de-8c85-775d-8add-8d60668c40f3"
)

// Today's programs take over the state of old ones: users sign in, results are read, and jobs that waited are computed.
func TestUpgradeFromAnOldState(t *testing.T) {
	t.Parallel()
	const old = "testdata/upgrade"
	address := database(t)
	restore, err := postgres.Program("pg_restore")
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{"authsvc", "queue", "frontend"} {
		run(t, exec.Command(restore, "--exit-on-error", "--no-owner", "--dbname="+address, filepath.Join(old, schema+".dump")))
	}
	c := &cluster{state: filepath.Join(t.TempDir(), "state"), environment: []string{"DATABASE_URL=" + address}, program: exec.Command, http: plainClient}
	if err := os.MkdirAll(filepath.Join(c.state, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(old, "*.arrow"))
	if err != nil || len(files) != 1 {
		t.Fatalf("got %v, %v", files, err)
	}
	for from, to := range map[string]string{files[0]: "data/" + filepath.Base(files[0]), old + "/admin.json": "admin.json"} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.state, to), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.start(t, "--np", "1")
	c.login(t)
	want := func(id job.ID, overall ...float64) {
		t.Helper()
		if j := c.waitJob(t, id, time.Minute); j.State != job.Done {
			t.Fatalf("job %s is %s: %v", id, j.State, j.Error)
		}
		var answer job.Answer
		if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(id)+"/result", nil, &answer); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(answer.Overall.Mean, overall, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("job %s forecasts %v, want %v", id, answer.Overall.Mean, overall)
		}
	}
	want(oldDrift, 150, 150, 150)
	want(oldNaive, 150, 150, 150)
	var j job.Job
	if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(oldCancelled), nil, &j); err != nil || j.State != job.Cancelled {
		t.Errorf("the cancelled job is %s, %v", j.State, err)
	}
	if err := c.call(t.Context(), "GET", "/v1/jobs/"+string(oldWaiting), nil, &j); err != nil || j.State != job.Queued {
		t.Errorf("in a paused queue, a job is %s, %v", j.State, err)
	}
	c.foliocast(t, "queue", "resume", "default")
	want(oldWaiting, 150, 150, 150)
	want(oldTrend, 80, 79)
	var again job.Job
	spec := job.Spec{Dataset: "prices", Assets: []string{"A"}, Model: "drift", Horizon: 2}
	if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &again); err != nil {
		t.Fatal(err)
	}
	want(again.ID, 220, 221)
	c.foliocast(t, "job", "trace", string(oldDrift)) // of which little is known
	if out := c.foliocast(t, "job", "list", "-o", "csv"); strings.Count(out, "\n") != 7 {
		t.Errorf("the list of jobs is\n%s", out)
	}
}

// database starts a PostgreSQL server, which ends with the test, and returns its address.
func database(t *testing.T) string {
	t.Helper()
	server, err := postgres.NewCluster(filepath.Join(t.TempDir(), "postgres"), freePorts(t, 1)[0], false)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Init(); err != nil {
		t.Fatal(err)
	}
	cmd := server.Command()
	if err := child.Start(cmd, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
	})
	if err := postgres.Await(t.Context(), server.URL()); err != nil {
		t.Fatal(err)
	}
	return server.URL()
}
