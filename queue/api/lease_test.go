package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"foliocast/internal/auth/authtest"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

// A caller that goes away while messages are leased to it does not cost them an
// attempt.
func TestLeaseOfACallerThatLeaves(t *testing.T) {
	t.Parallel()
	s := store.New(pgtest.Open(t, store.Migrations()), store.Policy{Lease: time.Hour, MaxAttempts: 3})
	log := slog.New(slog.DiscardHandler)
	a := Register(serve.NewDoor(serve.Config{Name: "queue", Version: "test", Log: log}), authtest.New(t).Verifier(), log)
	if _, err := s.Enqueue(t.Context(), []message.New{{Key: "k", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	gone, goAway := context.WithCancel(t.Context())
	goAway()
	ask := &leaseInput{Body: message.LeaseRequest{Max: 1, Worker: "w"}}
	if _, err := a.lease(gone, &Backend{Store: s, Notifier: s.NewNotifier(log)}, ask); err != nil {
		t.Fatal(err)
	}
	all, err := s.Status(t.Context(), []string{"k"}, nil)
	if err != nil || len(all) != 1 || all[0].State != message.Waiting || all[0].Attempts != 0 || all[0].LeasedAt == nil {
		t.Errorf("got %+v, %v; want that it waits again", all, err)
	}
}
