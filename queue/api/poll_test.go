package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/auth"
	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/queue/api"
	"foliocast/queue/client"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

// The services of these tests never look again by themselves, so a poll that
// finds something was woken.

// pollTime is how long a poll waits: a bound on hangs.
const pollTime = time.Minute

// soon is well before a poll that is not woken would end.
const soon = pollTime / 2

// polling waits for a lease, and asks again when the database was unreachable, as a
// worker does.
func (s *service) polling(c *client.Client) <-chan []message.Lease {
	got := make(chan []message.Lease, 1)
	ctx := s.t.Context()
	go func() {
		leases, err := c.Lease(ctx, "poller", 10, pollTime)
		for problem.Is(err, problem.Unavailable) {
			leases, err = c.Lease(ctx, "poller", 10, pollTime)
		}
		if err != nil {
			s.t.Error(err)
		}
		got <- leases
	}()
	return got
}

// await waits until a query about the server's connections answers true. It asks
// on a connection of its own, because the ones of the pool are what it asks about.
func (s *service) await(what, sql string, args ...any) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), pgtest.URL(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		var ok bool
		if err := conn.QueryRow(s.t.Context(), sql, args...).Scan(&ok); err != nil {
			s.t.Fatal(err)
		}
		if ok {
			return
		}
		<-tick.C
	}
	s.t.Fatalf("there is no %s", what)
}

// awaitListeners waits until n services listen on the channel.
func (s *service) awaitListeners(n int) {
	s.t.Helper()
	s.await("listener", "SELECT count(*) = $2 FROM pg_stat_activity WHERE query = format('listen \"%s\"', $1::text)", postgres.Channel(s.pool), n)
}

// The last statements of a poll's look, by how their files begin. A poll that
// has ended one, and has found nothing, waits.
const (
	lookForLeases  = "-- Claim the most urgent waiting messages"
	lookForResults = "-- Get which feed this is"
)

// findLines makes every look for leases that follows end with the claim: the first one of a service finds the lines,
// and ends with the commit of that.
func (s *service) findLines() {
	s.t.Helper()
	if leases, err := s.Lease(s.t.Context(), "poller", 1, 0); err != nil || len(leases) > 0 {
		s.t.Fatalf("got %v, %v, want nothing yet", leases, err)
	}
}

// awaitPoll waits until a poll has looked and waits to be woken. What it may
// find must come after that, or its first look would find it.
func (s *service) awaitPoll(look string) {
	s.t.Helper()
	s.await("poll that waits", `SELECT count(*) > 0 FROM pg_stat_activity
		WHERE application_name = left($1, 63) AND state = 'idle' AND starts_with(query, $2)`,
		s.pool.Config().ConnConfig.RuntimeParams["application_name"], look)
}

func TestLongPollIsWoken(t *testing.T) {
	t.Parallel()
	paused := true
	must := func(s *service, err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ before, wake func(*service) }{
		"enqueue": {func(s *service) {}, func(s *service) { s.add("a") }},
		"release": {func(s *service) { s.add("a"); s.leased = s.lease() }, func(s *service) {
			_, err := s.Release(s.t.Context(), []message.Held{held(s.leased)})
			must(s, err)
		}},
		"expiry": {func(s *service) { s.add("a"); s.lease() }, func(s *service) {
			_, err := s.pool.Exec(s.t.Context(), "UPDATE message SET leased_until = now()")
			must(s, err)
			_, err = s.store.Expire(s.t.Context(), time.Now())
			must(s, err)
		}},
		"resume": {func(s *service) {
			must(s, s.store.ChangeQueue(s.t.Context(), "default", &paused, nil))
			s.add("a")
		}, func(s *service) {
			_, err := s.ResumeQueue(s.t.Context(), "default")
			must(s, err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.awaitListeners(1)
			c.before(s)
			s.findLines()
			got := s.polling(s.Client)
			s.awaitPoll(lookForLeases)
			begin := time.Now()
			c.wake(s)
			if leases := <-got; len(leases) != 1 || time.Since(begin) > soon {
				t.Errorf("got %d leases after %v", len(leases), time.Since(begin))
			}
		})
	}
}

// Nothing notifies a poll of the end of a back-off: it knows when to look.
func TestLongPollWaitsForABackOff(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("a")
	l := s.lease()
	if _, err := s.Complete(t.Context(), []message.Completion{{Held: held(l), Error: "e", Retryable: true}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), "UPDATE message SET not_before = now() + interval '500 milliseconds'"); err != nil {
		t.Fatal(err)
	}
	s.awaitListeners(1)
	begin := time.Now()
	if leases := <-s.polling(s.Client); len(leases) != 1 || time.Since(begin) > soon {
		t.Errorf("got %d leases after %v", len(leases), time.Since(begin))
	}
}

func TestResultsWakeOtherProcesses(t *testing.T) {
	t.Parallel()
	a := start(t)
	b := beside(a)
	a.add("k")
	l := a.lease()
	b.awaitListeners(2)
	got := make(chan []message.Result, 1)
	ctx := t.Context()
	go func() {
		results, err := b.Results(ctx, 0, 10, pollTime)
		if err != nil {
			t.Error(err)
		}
		got <- results
	}()
	b.awaitPoll(lookForResults)
	begin := time.Now()
	if _, err := a.Complete(ctx, []message.Completion{{Held: held(l), Result: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	if results := <-got; len(results) != 1 || time.Since(begin) > soon {
		t.Errorf("got %d results after %v", len(results), time.Since(begin))
	}
}

func TestPollWithoutWaitAnswersAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	begin := time.Now()
	leases, err := s.Lease(t.Context(), "w", 1, 0)
	results, err2 := s.Results(t.Context(), 0, 1, 0)
	if err != nil || err2 != nil || leases == nil || results == nil || len(leases)+len(results) != 0 {
		t.Errorf("got %v, %v, %v, %v; want empty lists", leases, err, results, err2)
	}
	if time.Since(begin) > soon {
		t.Errorf("it took %v", time.Since(begin))
	}
}

func TestPollEndsWhenTheServerStops(t *testing.T) {
	t.Parallel()
	s := start(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	polled := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(polled)
		s.door.Router.ServeHTTP(w, r)
	})
	go func() {
		ended <- serve.Run(ctx, slog.New(slog.DiscardHandler), serve.Listening{Address: address}, handler)
	}()
	c := client.New("http://"+address, nil, auth.Static(s.token))
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			break
		}
	}
	got := s.polling(c)
	<-polled
	begin := time.Now()
	stop()
	if leases := <-got; len(leases) != 0 || time.Since(begin) > soon {
		t.Errorf("got %v after %v", leases, time.Since(begin))
	}
	if err := <-ended; err != nil {
		t.Errorf("the server: %v", err)
	}
}

// beside is a second process on the messages of s.
func beside(s *service) *service {
	other := &service{t: s.t, issuer: s.issuer, pool: s.pool, store: store.New(s.pool, s.store.Policy()), token: s.token}
	other.serve()
	return other
}

func TestServiceReconnects(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.awaitListeners(1)
	s.findLines()
	got := s.polling(s.Client)
	s.awaitPoll(lookForLeases)
	// Every connection of this schema: the pool's and the listener's.
	rows, err := s.pool.Query(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND (application_name = current_setting('application_name')
			OR query = format('listen "%s"', current_schema()))`)
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	s.awaitListeners(1)
	begin := time.Now()
	for {
		_, err := s.Enqueue(t.Context(), []message.New{{Key: "a", Payload: json.RawMessage(`1`)}})
		if err == nil {
			break
		}
		if !problem.Is(err, problem.Unavailable) {
			t.Fatalf("the first request on a broken connection: %v", err)
		}
	}
	if leases := <-got; len(leases) != 1 || time.Since(begin) > soon {
		t.Errorf("got %d leases after %v", len(leases), time.Since(begin))
	}
}

func TestServiceWithoutDatabase(t *testing.T) {
	t.Parallel()
	s := start(t)
	log := slog.New(slog.DiscardHandler)
	door := serve.NewDoor(serve.Config{Name: "queue", Version: "test", Log: log})
	operations := api.Register(door, s.issuer.Verifier(), log)
	if operations.Ready(t.Context()) == nil {
		t.Error("ready without a database")
	}
	s.listen(door.Router)
	if status, text := s.send("GET", "/v1/queues", ""); status != http.StatusServiceUnavailable {
		t.Errorf("got %d %s", status, text)
	}
}
