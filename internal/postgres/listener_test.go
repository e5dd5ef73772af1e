package postgres_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

// hear starts a listener on the pool's schema through a gate and returns what
// it hears.
func hear(t *testing.T, gate *pgtest.Gate, schema string) <-chan string {
	t.Helper()
	heard, _ := listen(t, gate, schema, 0)
	return heard
}

// listen is hear with the listener's silence, and returns what it logs as well.
func listen(t *testing.T, gate *pgtest.Gate, schema string, silence time.Duration) (heard, logged <-chan string) {
	t.Helper()
	pool, err := postgres.Open(t.Context(), gate.URL, schema, oneTable, 2)
	if err != nil {
		t.Fatal(err)
	}
	hears, logs := make(chan string, 100), make(lines, 1000)
	listener := postgres.Listener{Pool: pool, Log: slog.New(slog.NewTextHandler(logs, nil)), Silence: silence, Notify: func(payload string) { hears <- payload }}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); listener.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; pool.Close() })
	return hears, logs
}

// lines are the lines of a log.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// next is the next thing heard.
func next(t *testing.T, heard <-chan string) string {
	t.Helper()
	select {
	case payload := <-heard:
		return payload
	case <-time.After(time.Minute): // a bound on hangs
		t.Fatal("the listener hears nothing")
		return ""
	}
}

// notify sends from another connection.
func notify(t *testing.T, schema, payload string) {
	t.Helper()
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, oneTable, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := postgres.Exec(t.Context(), pool, statement("SELECT pg_notify(current_schema(), $1);"), payload); err != nil {
		t.Fatal(err)
	}
}

func TestListenerHearsItsSchemaOnly(t *testing.T) {
	t.Parallel()
	gate, mine, other := pgtest.NewGate(t), pgtest.Schema(t), pgtest.Schema(t)
	heard := hear(t, gate, mine)
	if got := next(t, heard); got != "" {
		t.Errorf("heard %q first, want that it is connected", got)
	}
	notify(t, other, "not for us")
	notify(t, mine, "for us")
	if got := next(t, heard); got != "for us" {
		t.Errorf("heard %q", got)
	}
}

func TestListenerReconnects(t *testing.T) {
	t.Parallel()
	gate, schema := pgtest.NewGate(t), pgtest.Schema(t)
	heard := hear(t, gate, schema)
	next(t, heard)
	gate.Shut()
	notify(t, schema, "missed")
	gate.Open()
	if got := next(t, heard); got != "" {
		t.Errorf("heard %q, want that it is connected again", got)
	}
	notify(t, schema, "after")
	if got := next(t, heard); got != "after" {
		t.Errorf("heard %q", got)
	}
}

// A server that goes silent without closing the connection is left for a new one. One
// that has nothing to say is not.
func TestListenerNoticesSilence(t *testing.T) {
	t.Parallel()
	gate, schema := pgtest.NewGate(t), pgtest.Schema(t)
	heard, logged := listen(t, gate, schema, 50*time.Millisecond)
	next(t, heard)
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, oneTable, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	asked := statement("SELECT query_start FROM pg_stat_activity WHERE query = format('listen \"%s\"', $1::text);")
	var began, latest time.Time
	for began.Equal(latest) {
		if latest, err = postgres.One(t.Context(), pool, pgx.RowTo[time.Time], asked, schema); err != nil {
			t.Fatal(err)
		}
		if began.IsZero() {
			began = latest
		}
	}
	notify(t, schema, "on the first connection")
	if got := next(t, heard); got != "on the first connection" {
		t.Errorf("heard %q", got)
	}
	gate.Freeze()
	if line := next(t, logged); !strings.Contains(line, "the server is silent") {
		t.Errorf("logged %s", line)
	}
	gate.Thaw()
	if got := next(t, heard); got != "" {
		t.Errorf("heard %q, want that it is connected again", got)
	}
	notify(t, schema, "after")
	if got := next(t, heard); got != "after" {
		t.Errorf("heard %q", got)
	}
}

func TestChannelIsTheSchema(t *testing.T) {
	t.Parallel()
	schema := `with a "` + pgtest.Schema(t)[:40]
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, oneTable, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	current, err := postgres.One(t.Context(), pool, pgx.RowTo[string], statement("SELECT current_schema()::text;"))
	if err != nil || postgres.Channel(pool) != current || current != schema {
		t.Errorf("the channel is %q in the schema %q, %v", postgres.Channel(pool), current, err)
	}
}
