package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"foliocast/internal/postgres/pgtest"
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
	leases, err := s.Account("worker").Claim(ctx, nil, 2, "w")
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
		(&sweeper{store: s, log: slog.New(slog.DiscardHandler), every: time.Millisecond, quiet: quiet}).run(ctx)
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
