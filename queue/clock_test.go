package queue

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

func TestJumpsOfAClock(t *testing.T) {
	t.Parallel()
	at := func(seconds float64) time.Time { return time.Unix(0, 0).Add(time.Duration(seconds * 1e9)) }
	first := look{before: at(0), database: at(1000), after: at(1)}
	for name, c := range map[string]struct {
		next look
		want time.Duration
	}{
		"as much time as here":             {look{at(10), at(1010), at(11)}, 0},
		"the first answer came at once":    {look{at(10), at(1011), at(11)}, 0},
		"the second answer came at once":   {look{at(10), at(1009), at(11)}, 0},
		"an hour forward":                  {look{at(10), at(4610), at(11)}, time.Hour - time.Second},
		"an hour back":                     {look{at(10), at(-2590), at(11)}, -time.Hour + time.Second},
		"the database was slow to answer":  {look{at(10), at(1040), at(50)}, 0},
		"slow, and a minute forward at it": {look{at(10), at(1100), at(50)}, 50 * time.Second},
	} {
		if got := c.next.since(first); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// settable returns a pool on the schema of another whose clock a test can set: functions of
// the schema hide the server's.
func settable(t *testing.T, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	_, err := pool.Exec(t.Context(), `CREATE TABLE clock_set (ahead interval NOT NULL);
		INSERT INTO clock_set VALUES ('0');
		CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM clock_set';
		CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS 'SELECT pg_catalog.now() + ahead FROM clock_set'`)
	if err != nil {
		t.Fatal(err)
	}
	config := pool.Config()
	config.ConnConfig.RuntimeParams["search_path"] += ", pg_catalog"
	behind, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(behind.Close)
	return behind
}

// The database's clock is set forward by an hour, and back: no lease is taken, and each lasts
// its whole time from then on.
func TestAClockThatIsSetExpiresNoLease(t *testing.T) {
	t.Parallel()
	pool := settable(t, pgtest.Open(t, store.Migrations()))
	s := store.New(pool, store.Policy{Lease: 10 * time.Minute, MaxAttempts: 3})
	var log servetest.Log
	w := newSweeper(s, slog.New(slog.NewTextHandler(&log, nil)))
	w.every, w.quiet = time.Millisecond, 0
	var looks atomic.Int64
	w.clock.read = func(ctx context.Context) (time.Time, error) { looks.Add(1); return s.Now(ctx) }
	lease := leaseHeld(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.run(ctx) }()
	defer func() { cancel(); <-ended }()
	round := func() {
		n := looks.Load()
		servetest.Until(t, "the sweeper goes round", func() bool { return looks.Load() > n+2 })
	}
	round()
	for i, ahead := range []string{"1 hour", "0"} {
		if _, err := pool.Exec(ctx, "UPDATE clock_set SET ahead = $1::text::interval", ahead); err != nil {
			t.Fatal(err)
		}
		servetest.Until(t, "the jump is noticed", func() bool { return strings.Count(log.String(), "clock of the database was set") == i+1 })
		round()
		var left float64
		err := pool.QueryRow(ctx, "SELECT extract(epoch FROM leased_until - clock_timestamp()) FROM message WHERE leased_until IS NOT NULL").Scan(&left)
		if err != nil || left < 500 || left > 600 {
			t.Errorf("%s ahead: the lease lasts %v s, %v; want its 600 s again", ahead, left, err)
		}
	}
	if d, err := s.Message(ctx, lease.ID); err != nil || d.State != message.Leased || d.Attempts != 0 {
		t.Errorf("got %+v, %v", d, err)
	}
}
