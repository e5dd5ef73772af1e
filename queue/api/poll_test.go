package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"foliocast/internal/auth"
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

// polling is a lease that is waited for, asked for again when the database was
// away, as a worker does.
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

// awaitListener waits until the listener of the service is on its channel.
func (s *service) awaitListener() {
	s.t.Helper()
	s.await("a listener", "SELECT count(*) > 0 FROM pg_stat_activity WHERE query = (SELECT format('LISTEN \"foliocast_queue_%s\"', 'message'::regclass::oid::bigint))")
}

// await waits until a query answers true.
func (s *service) await(what, sql string) {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		var ok bool
		if err := s.pool.QueryRow(s.t.Context(), sql).Scan(&ok); err == nil && ok {
			return
		}
		<-tick.C
	}
	s.t.Fatalf("there is no %s", what)
}

func TestALongPollWakesUp(t *testing.T) {
	t.Parallel()
	yes := true
	for name, c := range map[string]struct{ before, wake func(*service) }{
		"enqueue": {func(s *service) {}, func(s *service) { s.add("a") }},
		"release": {func(s *service) { s.add("a"); s.lease() }, func(s *service) {
			s.pool.Exec(s.t.Context(), "UPDATE message SET leased_until = now()")
			if _, err := s.store.Expire(s.t.Context()); err != nil {
				s.t.Error(err)
			}
		}},
		"end of a back-off": {func(s *service) { s.add("a") }, func(s *service) {
			l := s.lease()
			if _, err := s.Complete(s.t.Context(), []message.Completion{{Held: held(l), Error: "e", Retryable: true}}); err != nil {
				s.t.Error(err)
			}
		}},
		"resume": {func(s *service) {
			if err := s.store.ChangeQueue(s.t.Context(), "default", &yes, nil); err != nil {
				s.t.Error(err)
			}
			s.add("a")
		}, func(s *service) {
			if _, err := s.ResumeQueue(s.t.Context(), "default"); err != nil {
				s.t.Error(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.awaitListener()
			c.before(s)
			if name == "end of a back-off" {
				c.wake(s) // the poll begins while the message is kept away
			}
			got := s.polling(s.Client)
			if name != "end of a back-off" {
				c.wake(s)
			}
			if leases := <-got; len(leases) != 1 {
				t.Errorf("got %d leases", len(leases))
			}
		})
	}
}

func TestResultsWakeUpAcrossProcesses(t *testing.T) {
	t.Parallel()
	a := start(t)
	b := beside(a)
	a.awaitListener()
	a.add("k")
	l := a.lease()
	got := make(chan []message.Result, 1)
	ctx := t.Context()
	go func() {
		results, err := b.Results(ctx, 0, 10, pollTime)
		if err != nil {
			t.Error(err)
		}
		got <- results
	}()
	if _, err := a.Complete(ctx, []message.Completion{{Held: held(l), Result: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	if results := <-got; len(results) != 1 {
		t.Errorf("got %d results", len(results))
	}
}

func TestAPollWithoutWaitAnswersAtOnce(t *testing.T) {
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

func TestAPollEndsWhenTheServerStops(t *testing.T) {
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
	go func() { ended <- serve.Run(ctx, slog.New(slog.DiscardHandler), address, handler) }()
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

func TestTheServiceComesBackWhenItsConnectionsBreak(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.awaitListener()
	got := s.polling(s.Client)
	// Every connection of this schema: the pool's and the listener's.
	rows, err := s.pool.Query(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND (application_name = current_setting('application_name')
			OR query = (SELECT format('LISTEN "foliocast_queue_%s"', 'message'::regclass::oid::bigint)))`)
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	s.awaitListener()
	for {
		_, err := s.Enqueue(t.Context(), []message.New{{Key: "a", Payload: json.RawMessage(`1`)}})
		if err == nil {
			break
		}
		if !problem.Is(err, problem.Unavailable) {
			t.Fatalf("the first request on a broken connection: %v", err)
		}
	}
	if leases := <-got; len(leases) != 1 {
		t.Errorf("got %d leases", len(leases))
	}
}

func TestBeforeTheDatabaseIsThere(t *testing.T) {
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
