package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"foliocast/frontend/egress"
	"foliocast/frontend/events"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/child"
	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve/servetest"
)

// These in the environment make the test's binary a data service, as far as webhooks go.
const (
	childURL    = "FOLIOCAST_TEST_WEBHOOK_URL"
	childSchema = "FOLIOCAST_TEST_WEBHOOK_SCHEMA"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		fmt.Fprintln(os.Stderr, deliverAlone(url, os.Getenv(childSchema)))
		os.Exit(1)
	}
	pgtest.Main(m)
}

// deliverAlone delivers until the process is killed.
func deliverAlone(url, schema string) error {
	ctx := context.Background()
	pool, err := postgres.Open(ctx, url, schema, store.Migrations(), 4)
	if err != nil {
		return err
	}
	s, log := store.New(pool), slog.New(slog.DiscardHandler)
	hub := events.NewHub(s, log)
	go hub.Run(ctx)
	sender := NewSender(egress.Policy{HTTP: true, Networks: loopback}, nil)
	NewWorker(s, sender, hub, func(context.Context, string) ([]auth.Scope, error) { return auth.Administrator.Scopes(), nil }, log).Run(ctx)
	return nil
}

// A service that is killed in the middle loses nothing: the next one delivers what it had begun, under the same ids.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	schema := ""
	if err := w.pool.QueryRow(t.Context(), "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := receive(t, nil)
	h := w.add("all", r.URL)
	r.expect(h.Secret)
	const lives, each = 5, 30
	for life := range lives + 1 {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), childURL+"="+pgtest.URL(t), childSchema+"="+schema)
		cmd.Stderr = os.Stderr
		if err := child.Start(cmd, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		before, _ := r.got()
		if life < lives {
			w.submit(each)
			servetest.Until(t, "some messages came", func() bool {
				w.pass(time.Second)
				n, _ := r.got()
				return n >= min(before+5+life*3, (life+1)*each)
			})
		} else {
			servetest.Until(t, "all messages came", func() bool {
				w.pass(time.Second) // what a dying process has claimed meanwhile, too
				n, _ := r.got()
				return n >= lives*each
			})
			servetest.Until(t, "all are noted", func() bool { w.pass(time.Second); return w.hook("all").Waiting == 0 })
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		w.pass(31 * time.Second) // claims run out
	}
	n, times := r.got()
	if n != lives*each || len(r.wrong) > 0 {
		t.Errorf("got %d messages of %d, %v", n, lives*each, r.wrong)
	}
	t.Logf("%d messages came %d times", n, times)
}
