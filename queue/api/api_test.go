package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/api"
	"foliocast/queue/client"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// service is the message service on a schema of its own, with a client that
// has every right.
type service struct {
	*client.Client
	t          testing.TB
	issuer     *authtest.Issuer
	door       *serve.Door
	pool       *pgxpool.Pool
	store      *store.Store
	url        string
	token      string        // with every right
	leased     message.Lease // that a test puts by
	operations *api.API
}

func start(t testing.TB) *service {
	t.Helper()
	pool := pgtest.Open(t, store.Migrations())
	s := &service{t: t, issuer: authtest.New(t), pool: pool, store: store.New(pool, store.Policy{
		Lease: time.Hour, MaxAttempts: 3, BackOff: time.Millisecond, MaxBackOff: time.Millisecond,
	})}
	s.token = s.issuer.Service("tester", auth.QueueEnqueue, auth.QueueLease, auth.ResultsRead, auth.QueuesWrite)
	s.serve()
	return s
}

// serve starts the API and the notifier.
func (s *service) serve() {
	log := slog.New(slog.DiscardHandler)
	s.door = serve.NewDoor(serve.Config{Name: "queue", Version: "test", Log: log, MetricsToken: metricsToken})
	operations := api.Register(s.door, s.issuer.Verifier(), log)
	notifier := s.store.NewNotifier(log)
	operations.Attach(api.Backend{Store: s.store, Notifier: notifier, LookAgain: time.Hour})
	ctx, listening := s.t.Context(), make(chan struct{})
	go func() {
		defer close(listening)
		notifier.Run(ctx)
	}()
	s.t.Cleanup(func() { <-listening })
	s.operations = operations
	s.listen(s.door.Router)
}

// listen serves a handler at the service's address from now on.
func (s *service) listen(handler http.Handler) {
	server := httptest.NewServer(handler)
	s.t.Cleanup(server.Close)
	s.url = server.URL
	s.Client = client.New(server.URL, nil, auth.Static(s.token))
}

// add enqueues messages with the keys.
func (s *service) add(keys ...string) []message.Receipt {
	s.t.Helper()
	var all []message.New
	for _, k := range keys {
		all = append(all, message.New{Key: k, Payload: json.RawMessage(fmt.Sprintf("%q", k))})
	}
	receipts, err := s.Enqueue(s.t.Context(), all)
	if err != nil {
		s.t.Fatal(err)
	}
	return receipts
}

// lease takes exactly one message.
func (s *service) lease() message.Lease {
	s.t.Helper()
	leases, err := s.Lease(s.t.Context(), "w", 1, 0)
	if err != nil || len(leases) != 1 {
		s.t.Fatalf("got %d leases, %v", len(leases), err)
	}
	return leases[0]
}

func held(l message.Lease) message.Held { return message.Held{ID: l.ID, Token: l.Token} }

// send sends a body unchanged and returns the status and text of the answer.
func (s *service) send(method, path, body string) (int, string) {
	s.t.Helper()
	return s.sendAs(s.t, method, path, body)
}

// sendAs is send for another test than the one that started the service.
func (s *service) sendAs(t testing.TB, method, path, body string) (int, string) {
	t.Helper()
	resp, text := servetest.Send(t, method, s.url+path, strings.NewReader(body), "Authorization", "Bearer "+s.token, "Content-Type", "application/json")
	return resp.StatusCode, text
}

func TestEachRouteNeedsItsRight(t *testing.T) {
	t.Parallel()
	s := start(t)
	enqueue, lease, results, queues := []auth.Scope{auth.QueueEnqueue}, []auth.Scope{auth.QueueLease}, []auth.Scope{auth.ResultsRead}, []auth.Scope{auth.QueuesWrite}
	authtest.Walk(t, s.issuer, s.door.Router, s.door.API, []authtest.Route{
		{Method: "GET", Path: "/v1/audit", Needs: []auth.Scope{auth.AuditRead}},
		{Method: "POST", Path: "/v1/messages", Needs: enqueue},
		{Method: "POST", Path: "/v1/messages/status", Needs: enqueue},
		{Method: "GET", Path: "/v1/messages/{id}", Needs: enqueue},
		{Method: "PUT", Path: "/v1/messages/{id}", Needs: enqueue},
		{Method: "DELETE", Path: "/v1/messages/{id}", Needs: enqueue},
		{Method: "POST", Path: "/v1/messages/{id}/retry", Needs: enqueue},
		{Method: "POST", Path: "/v1/leases", Needs: lease},
		{Method: "POST", Path: "/v1/leases/heartbeat", Needs: lease},
		{Method: "POST", Path: "/v1/leases/complete", Needs: lease},
		{Method: "POST", Path: "/v1/leases/release", Needs: lease},
		{Method: "POST", Path: "/v1/leases/inherit", Needs: lease},
		{Method: "PUT", Path: "/v1/leases/{id}/parts/{index}", Needs: lease},
		{Method: "GET", Path: "/v1/leases/{id}/parts/{index}", Needs: lease},
		{Method: "GET", Path: "/v1/results", Needs: results},
		{Method: "GET", Path: "/v1/results/{position}/parts/{index}", Needs: results},
		{Method: "GET", Path: "/v1/queues", Needs: queues},
		{Method: "POST", Path: "/v1/queues", Needs: queues},
		{Method: "DELETE", Path: "/v1/queues/{name}", Needs: queues},
		{Method: "POST", Path: "/v1/queues/{name}/pause", Needs: queues},
		{Method: "POST", Path: "/v1/queues/{name}/resume", Needs: queues},
		{Method: "PUT", Path: "/v1/queues/{name}/limit", Needs: queues},
		{Method: "PATCH", Path: "/v1/queues/{name}", Needs: queues},
		{Method: "GET", Path: "/v1/owners", Needs: queues},
		{Method: "PUT", Path: "/v1/owners/{owner}", Needs: queues},
		{Method: "GET", Path: "/v1/dead", Needs: queues},
		{Method: "POST", Path: "/v1/dead/redrive", Needs: queues},
		{Method: "POST", Path: "/v1/dead/purge", Needs: queues},
		{Method: "GET", Path: "/v1/workers", Needs: queues},
		{Method: "POST", Path: "/v1/workers", Needs: lease},
		{Method: "POST", Path: "/v1/workers/leave", Needs: lease},
	})
}

func TestOneMessageFromEnqueueToResult(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	receipts := s.add("a", "b", "a")
	if receipts[0].Duplicate || receipts[1].Duplicate || !receipts[2].Duplicate || receipts[0].ID != receipts[2].ID || receipts[0].Queue != "default" {
		t.Errorf("receipts: %+v", receipts)
	}
	l := s.lease()
	if l.Key != "a" || string(l.Payload) != `"a"` || l.Attempt != 1 || l.Seconds != s.store.Policy().Lease.Seconds() {
		t.Errorf("lease: %+v", l)
	}
	beat, err := s.Heartbeat(ctx, []message.Beat{{Held: held(l), Progress: 0.5}, {Held: message.Held{ID: receipts[1].ID, Token: 7}}})
	if err != nil || beat[0].Verdict != message.Extended || beat[0].ExpiresAt.IsZero() || beat[1].Verdict != message.Stale {
		t.Errorf("heartbeat: %+v, %v", beat, err)
	}
	status, err := s.Status(ctx, message.Lookup{Keys: []string{"a", "unknown"}})
	if err != nil || len(status) != 1 || status[0].State != message.Leased || status[0].Progress != 0.5 || status[0].LeasedAt == nil {
		t.Errorf("status: %+v, %v", status, err)
	}
	if status, err = s.Status(ctx, message.Lookup{Keys: []string{"a", "b"}, Places: true}); err != nil || len(status) != 2 {
		t.Errorf("status with places: %+v, %v", status, err)
	}
	for _, m := range status { // a is leased, b waits
		if (m.Place != nil) != (m.Key == "b") || m.Place != nil && m.Place.Ahead != 0 {
			t.Errorf("place of %s: %+v", m.Key, m.Place)
		}
	}
	many := message.Lookup{Keys: strings.Fields(strings.Repeat("a ", message.MaxPlaces+1)), Places: true}
	if _, err := s.Status(ctx, many); !problem.Is(err, problem.Invalid) {
		t.Errorf("places of too many messages: %v", err)
	}
	const part = "any \x00 bytes \xff"
	if v, err := s.PutPart(ctx, message.Part{Held: held(l), Index: 0, Body: []byte(part)}); err != nil || v.Held != held(l) || v.Verdict != message.Accepted {
		t.Errorf("part: %+v, %v", v, err)
	}
	if v, err := s.Complete(ctx, []message.Completion{{Held: held(l), Result: json.RawMessage(`{"x":1}`), Parts: 1}}); err != nil || v[0].Verdict != message.Accepted {
		t.Errorf("complete: %+v, %v", v, err)
	}
	results, err := s.Results(ctx, 0, 0, 0)
	if err != nil || len(results) != 1 {
		t.Fatalf("results: %+v, %v", results, err)
	}
	if r := results[0]; r.Key != "a" || r.Outcome != message.Completed || string(r.Result) != `{"x":1}` || r.Parts != 1 {
		t.Errorf("result: %+v", r)
	}
	if body, err := s.Part(ctx, results[0].Position, 0); err != nil || string(body) != part {
		t.Errorf("part: %s, %v", body, err)
	}
	if again := s.add("a"); !again[0].Duplicate || again[0].ID != receipts[0].ID {
		t.Errorf("a key that has ended: %+v", again)
	}
}
