package postgres_test

import (
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

// Connections that lead nowhere, as behind a proxy that has forgotten them, cost the time
// of one question to the server, however many of them the pool has.
func TestIdleConnectionsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	gate := pgtest.NewGate(t)
	const size = 6
	pool, err := postgres.OpenWithin(t.Context(), gate.URL, pgtest.Schema(t), fstest.MapFS{"00001_none.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}}, size, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	var all sync.WaitGroup
	for range size {
		all.Go(func() { _, _ = pool.Exec(t.Context(), "SELECT pg_sleep(0.5)") })
	}
	all.Wait()
	if n := pool.Stat().IdleConns(); n != size {
		t.Fatalf("%d connections are idle, want %d", n, size)
	}
	gate.Strand()
	<-time.After(1100 * time.Millisecond) // until they have rested for longer than a second
	begin := time.Now()
	if _, err := pool.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a statement took %v, want that of one question to the server, 2 s", took)
	}
}
