package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

var oneTable = fstest.MapFS{"00001_create.sql": {Data: []byte("-- +goose Up\nCREATE TABLE thing (id bigint);\n")}}

// The gate opens when the first failure is logged.
func TestOpenWaitingWaitsForTheServer(t *testing.T) {
	t.Parallel()
	gate := pgtest.NewGate(t)
	gate.Shut()
	log := slog.New(slog.NewTextHandler(opener{gate}, nil))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pool, err := postgres.OpenWaiting(ctx, log, gate.URL, pgtest.Schema(t), oneTable, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.Ping(ctx); err != nil {
		t.Error(err)
	}
}

// opener is a log that opens a gate on the first line.
type opener struct{ *pgtest.Gate }

func (o opener) Write(p []byte) (int, error) {
	o.Open()
	return len(p), nil
}

func TestOpenWaitingReturnsOtherErrorsAtOnce(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	if _, err := postgres.OpenWaiting(t.Context(), log, "postgres://%", "x", oneTable, 2); err == nil {
		t.Error("a bad URL was accepted")
	}
	broken := fstest.MapFS{"00001_create.sql": {Data: []byte("-- +goose Up\nCREATE NONSENSE;\n")}}
	if _, err := postgres.OpenWaiting(t.Context(), log, pgtest.URL(t), pgtest.Schema(t), broken, 2); err == nil {
		t.Error("a bad migration was accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.OpenWaiting(ctx, log, "postgres://127.0.0.1:1/x", "x", oneTable, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it ends with its context", err)
	}
}
