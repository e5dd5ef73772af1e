package webhook

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"foliocast/frontend/egress"
	"foliocast/frontend/events"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve/servetest"
)

// world is a database, and who may do what.
type world struct {
	testing.TB
	pool  *pgxpool.Pool
	store *store.Store
	data  job.Dataset

	mu     sync.Mutex
	rights []auth.Scope
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, pool: pgtest.Open(t, store.Migrations()), rights: auth.Administrator.Scopes()}
	w.store = store.New(w.pool)
	v, _, err := w.store.AddVersion(t.Context(), store.Version{Owner: "mia", Audit: []byte(`{}`), Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat("ab", 32), Bytes: 100}})
	if err != nil {
		t.Fatal(err)
	}
	w.data = v.Dataset
	if _, err := w.store.NumberEvents(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	return w
}

// serve runs what a data service runs for webhooks, until the test ends or stop is called.
func (w *world) serve() (worker *Worker, stop func()) {
	w.Helper()
	s, log := store.New(w.pool), slog.New(slog.DiscardHandler)
	hub := events.NewHub(s, log)
	sender := NewSender(egress.Policy{HTTP: true, Networks: loopback}, nil)
	worker = NewWorker(s, sender, hub, func(context.Context, string) ([]auth.Scope, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.rights, nil
	}, log)
	ctx, cancel := context.WithCancel(context.Background())
	var over sync.WaitGroup
	over.Go(func() { hub.Run(ctx) })
	over.Go(func() { worker.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); over.Wait() })
	w.Cleanup(stop)
	return worker, stop
}

// add adds a webhook for all events.
func (w *world) add(name, address string) store.Webhook {
	w.Helper()
	n := store.Webhook{Owner: "ada", Subject: "u1", Secret: NewSecret(), Types: Types(job.WebhookFilter{}, auth.Administrator.Scopes())}
	n.Name, n.URL = name, address
	if err := w.store.CreateWebhook(w.Context(), n, 0); err != nil {
		w.Fatal(err)
	}
	made, err := w.store.Webhook(w.Context(), "u1", name)
	if err != nil {
		w.Fatal(err)
	}
	made.Secret = n.Secret
	return made
}

// submit makes events: of n jobs that are queued.
func (w *world) submit(n int) {
	w.Helper()
	spec := job.Spec{Dataset: "prices", Assets: []string{"A"}, Horizon: 1}.Defaulted()
	for range n {
		if _, _, err := w.store.CreateJob(w.Context(), store.NewJob{Owner: "ada", Subject: "u1", Spec: spec, Dataset: w.data}); err != nil {
			w.Fatal(err)
		}
	}
	if _, err := w.store.NumberEvents(w.Context(), 1000); err != nil {
		w.Fatal(err)
	}
}

// pass lets time pass for deliveries and webhooks.
func (w *world) pass(d time.Duration) {
	w.Helper()
	for _, statement := range []string{
		"UPDATE webhook_delivery SET next_at = next_at - $1::interval, last_at = last_at - $1::interval, at = at - $1::interval",
		"UPDATE webhook SET old_until = old_until - $1::interval, failing_since = failing_since - $1::interval",
	} {
		if _, err := w.pool.Exec(w.Context(), statement, d); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *world) hook(name string) store.Webhook {
	w.Helper()
	h, err := w.store.Webhook(w.Context(), "u1", name)
	if err != nil {
		w.Fatal(err)
	}
	return h
}

func (w *world) deliveries(name string) []job.Delivery {
	w.Helper()
	all, err := w.store.Deliveries(w.Context(), w.hook(name).ID, "", 1<<60, 1000)
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// receiver is the other side.
type receiver struct {
	testing.TB
	URL    string
	mu     sync.Mutex
	ids    map[string]int                               // how often each came
	bodies map[string]string                            // the first of each
	wrong  []error                                      // messages that the verifier refuses
	verify []*standardwebhooks.Webhook                  // each must accept
	answer func(w http.ResponseWriter, r *http.Request) // nil is 200
}

func receive(t testing.TB, answer func(http.ResponseWriter, *http.Request)) *receiver {
	t.Helper()
	r := &receiver{TB: t, ids: map[string]int{}, bodies: map[string]string{}, answer: answer}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL + "/hook"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	r.mu.Lock()
	id := req.Header.Get(standardwebhooks.HeaderWebhookID)
	r.ids[id]++
	if before, repeated := r.bodies[id]; repeated && before != string(body) {
		r.wrong = append(r.wrong, fmt.Errorf("message %s came as %s and as %s", id, before, body))
	}
	r.bodies[id] = string(body)
	for _, v := range r.verify {
		if fault := v.Verify(body, req.Header); fault != nil || err != nil {
			r.wrong = append(r.wrong, fmt.Errorf("message %s: %w, %v", id, fault, err))
		}
	}
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		answer(w, req)
	}
}

// expect lets each of the secrets verify all messages from now on.
func (r *receiver) expect(secrets ...string) {
	r.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verify = nil
	for _, s := range secrets {
		v, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			r.Fatal(err)
		}
		r.verify = append(r.verify, v)
	}
}

func (r *receiver) set(answer func(http.ResponseWriter, *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// got returns how many messages came, and how often.
func (r *receiver) got() (messages, times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.ids {
		times += n
	}
	return len(r.ids), times
}

func (r *receiver) await(messages int) {
	r.Helper()
	servetest.Until(r.TB, fmt.Sprintf("%d messages came", messages), func() bool { n, _ := r.got(); return n >= messages })
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
