package events

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/frontend/store"
	"foliocast/internal/child"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/serve/servetest"
)

// PostgreSQL crashes twice while jobs come and go: each change that it has is one event, in the
// stream of a reader that was there all the time and whose streams broke.
func TestServerCrashes(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	cluster, err := postgres.NewCluster(filepath.Join(t.TempDir(), "pg"), port, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.Init(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	crash := run(t, ctx, cluster)
	pool, err := postgres.Open(ctx, cluster.URL(), store.Schema, store.Migrations(), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	p := start(t, pool)
	d := p.prices(t)
	var r reader
	reading := make(chan struct{})
	following, stop := context.WithCancel(ctx)
	go func() {
		defer close(reading)
		for n := 1; following.Err() == nil; n++ {
			if err := r.follow(following, p, store.EventFilter{}, n%7); err != nil && !errors.Is(err, errGone) {
				time.Sleep(time.Millisecond) // a browser waits as well
			}
		}
	}()
	for n := range 90 {
		if n == 30 || n == 60 {
			crash()
			crash = run(t, ctx, cluster)
		}
		if id, err := p.submit(ctx, d); err == nil { // some fail behind the crash
			_ = p.store.End(ctx, store.Outcome{Job: id, Run: 1, State: job.Done})
		}
	}
	servetest.Until(t, "the reader has all", func() bool { return r.end(ctx, p.store) })
	stop()
	<-reading
	rows, err := pool.Query(ctx, "SELECT id, state FROM job")
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID    job.ID
		State job.State
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil || len(jobs) < 60 {
		t.Fatalf("there are %d jobs, %v", len(jobs), err)
	}
	seen := map[job.ID]job.State{}
	for i, e := range r.events {
		if e.ID != int64(i)+1 {
			t.Fatalf("event %d came as number %d", e.ID, i+1)
		}
		if state := e.Type.State(); state != "" {
			if (state == job.Queued) != (seen[e.Job] == "") {
				t.Errorf("job %s went from %q to %s", e.Job, seen[e.Job], state)
			}
			seen[e.Job] = state
		}
	}
	for _, j := range jobs {
		if seen[j.ID] != j.State {
			t.Errorf("job %s is %s, and its last event says %q", j.ID, j.State, seen[j.ID])
		}
	}
	if len(seen) != len(jobs) || len(r.resets) > 0 {
		t.Errorf("there are events of %d jobs, and %d jobs, and %d resets", len(seen), len(jobs), len(r.resets))
	}
}

// run runs the server of a cluster, and returns what crashes it.
func run(t *testing.T, ctx context.Context, cluster *postgres.Cluster) (crash func()) {
	t.Helper()
	server := cluster.Command()
	if err := child.Start(server, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	gone := false
	crash = func() {
		if !gone {
			gone = true
			_ = server.Process.Signal(syscall.SIGQUIT)
			_ = server.Wait()
		}
	}
	t.Cleanup(crash)
	if err := postgres.Await(ctx, cluster.URL()); err != nil {
		t.Fatal(err)
	}
	return crash
}
