package queue

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

// Leases that expired while the service was down stay for a while, so that their
// workers can renew them.
func TestWorkersMayRenewBeforeTheFirstSweep(t *testing.T) {
	t.Parallel()
	const quiet = 300 * time.Millisecond
	pool := pgtest.Open(t, store.Migrations())
	s := store.New(pool, store.Policy{Lease: time.Hour, MaxAttempts: 3})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := s.Enqueue(ctx, []message.New{{Key: "renewed", Payload: json.RawMessage(`1`)}, {Key: "lost", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Account("worker").Claim(ctx, nil, 2, "w", "")
	leases := got.Leases
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, "UPDATE message SET leased_until = now()"); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w := newSweeper(s, slog.New(slog.DiscardHandler))
		w.every, w.quiet = time.Millisecond, quiet
		w.run(ctx)
	}()
	if _, err := s.Account("worker").Heartbeat(ctx, []message.Beat{{Held: message.Held{ID: leases[0].ID, Token: leases[0].Token}}}); err != nil {
		t.Fatal(err)
	}
	for state := message.Leased; state != message.Waiting; {
		d, err := s.Message(ctx, leases[1].ID)
		if err != nil {
			t.Fatal(err)
		}
		state = d.State
	}
	if took := time.Since(begin); took < quiet {
		t.Errorf("swept after %v, before workers could renew", took)
	}
	if d, err := s.Message(ctx, leases[0].ID); err != nil || d.State != message.Leased {
		t.Errorf("the renewed lease: %+v, %v", d, err)
	}
	cancel()
	<-ended
}

var sweptPolicy = store.Policy{Lease: time.Hour, MaxAttempts: 3, Retention: time.Hour}

// leaseHeld enqueues a message and leases it.
func leaseHeld(t *testing.T, s *store.Store, key string) message.Lease {
	t.Helper()
	ctx := t.Context()
	if _, err := s.Enqueue(ctx, []message.New{{Key: key, Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Account("worker").Claim(ctx, nil, 1, "w", "")
	leases := got.Leases
	if err != nil || len(leases) != 1 {
		t.Fatal(leases, err)
	}
	return leases[0]
}

// leaseExpired enqueues a message and leaves it with a lease that has expired.
func leaseExpired(t *testing.T, s *store.Store, pool *pgxpool.Pool, key string) message.ID {
	t.Helper()
	id := leaseHeld(t, s, key).ID
	if _, err := pool.Exec(t.Context(), "UPDATE message SET leased_until = now() WHERE id = $1::text::uuid", string(id)); err != nil {
		t.Fatal(err)
	}
	return id
}

// sweep runs a sweeper until the test ends.
func sweep(t *testing.T, s *store.Store, log *slog.Logger) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w := newSweeper(s, log)
		w.every, w.quiet, w.limit = time.Millisecond, time.Millisecond, 200*time.Millisecond
		w.run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-ended })
}

// waits waits until a message waits again.
func waits(t *testing.T, s *store.Store, id message.ID) {
	t.Helper()
	servetest.Until(t, "its lease is swept", func() bool {
		d, err := s.Message(t.Context(), id)
		return err == nil && d.State == message.Waiting
	})
}

// The database accepts and does not answer: the sweeper gives up, tries again, and goes on
// when the database is back.
func TestSweeperOutlivesASilentDatabase(t *testing.T) {
	t.Parallel()
	gate, behind, pool := pgtest.OpenGated(t, store.Migrations())
	beside := store.New(pool, sweptPolicy)
	var log servetest.Log
	sweep(t, store.New(behind, sweptPolicy), slog.New(slog.NewTextHandler(&log, nil)))
	waits(t, beside, leaseExpired(t, beside, pool, "before"))
	gate.Freeze()
	servetest.Until(t, "two sweeps have failed", func() bool { return strings.Count(log.String(), "cannot sweep") > 1 })
	gate.Thaw()
	waits(t, beside, leaseExpired(t, beside, pool, "after"))
}

// The deletion of old messages is stuck behind a lock: leases expire meanwhile.
func TestForgettingDoesNotHoldUpTheExpiryOfLeases(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t, store.Migrations())
	s := store.New(pool, sweptPolicy)
	id := leaseExpired(t, s, pool, "a")
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "LOCK TABLE part, ended IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	var log servetest.Log
	sweep(t, s, slog.New(slog.NewTextHandler(&log, nil)))
	waited := "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '-- Forget ended%' AND datname = current_database()"
	servetest.Until(t, "the deletion waits", func() bool {
		var n int
		return pool.QueryRow(t.Context(), waited).Scan(&n) == nil && n > 0
	})
	servetest.Until(t, "the lease is swept", func() bool {
		var leased int
		return pool.QueryRow(t.Context(), "SELECT count(*) FROM message WHERE id = $1::text::uuid AND leased_until IS NOT NULL", string(id)).Scan(&leased) == nil && leased == 0
	})
}

// The instance that changed the queues has died, or left the dealing to the service: a
// sweeper ends it.
func TestSweeperEndsADealing(t *testing.T) {
	t.Parallel()
	p := sweptPolicy
	p.DealAtOnce = -1
	pool := pgtest.Open(t, store.Migrations())
	s := store.New(pool, p)
	if _, err := s.Enqueue(t.Context(), []message.New{{Key: "a", Payload: json.RawMessage(`1`)}, {Key: "b", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	if d, err := s.AddQueue(t.Context(), message.NewQueue{Name: "second"}, false); err != nil || !d.UnderWay {
		t.Fatal(d, err)
	}
	sweep(t, s, slog.New(slog.DiscardHandler))
	servetest.Until(t, "the messages are dealt out", func() bool {
		progress, err := s.Dealing(t.Context())
		return err == nil && progress == nil
	})
	queues, err := s.Queues(t.Context())
	if err != nil || len(queues) != 2 || queues[0].Waiting != 1 || queues[1].Waiting != 1 {
		t.Errorf("got %+v, %v", queues, err)
	}
}
