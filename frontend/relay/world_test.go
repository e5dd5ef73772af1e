package relay

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/queue/message"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a store, a queue and the relay between them, whose steps the test
// calls one by one.
type world struct {
	*testing.T
	store   *store.Store
	pool    *pgxpool.Pool // of the store
	queue   *queuetest.Queue
	relay   *Relay
	other   *Relay // as in another process
	dataset job.Dataset
}

func newWorld(t *testing.T) *world {
	t.Helper()
	pool := pgtest.Open(t, store.Migrations())
	w := newWorldOn(t, store.New(pool))
	w.pool = pool
	return w
}

// newWorldOn is a world on a store that has no other.
func newWorldOn(t *testing.T, s *store.Store) *world {
	t.Helper()
	v, _, err := s.AddVersion(t.Context(), store.Version{
		Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat("ab", 32), Bytes: 100}, Owner: "mia", Audit: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	q := queuetest.New(t)
	return &world{t, s, nil, q, another(s, q), another(s, q), v.Dataset}
}

// another returns a second relay between the same store and queue, as in another process.
func another(s *store.Store, q *queuetest.Queue) *Relay {
	return New(s, q.Client(), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) spec(horizon int) job.Spec {
	return job.Spec{Dataset: "prices", Assets: []string{"A"}, Horizon: horizon}.Defaulted()
}

func (w *world) submit(horizon int) store.Job {
	w.Helper()
	j, _, err := w.store.CreateJob(w.Context(), store.NewJob{Owner: "mia", Subject: "u1", Spec: w.spec(horizon), Dataset: w.dataset})
	if err != nil {
		w.Fatal(err)
	}
	return j
}

func (w *world) read(id job.ID) store.Job {
	w.Helper()
	j, err := w.store.Job(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return j
}

// refresh reads a job with what the queue knows of it.
func (w *world) refresh(id job.ID) store.Job {
	w.Helper()
	j := w.read(id)
	w.relay.Refresh(w.Context(), LiveJob(&j))
	return j
}

// send sends the outbox once, and must not fail.
func (w *world) send() {
	w.Helper()
	w.relay.Wake() // or it would wait for an entry
	if err := w.relay.send(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// collect applies one page of results, and must not fail.
func (w *world) collect() {
	w.Helper()
	if err := w.relay.collect(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// done is a good answer for a job.
func done(id job.ID) message.Result {
	text, err := json.Marshal(job.Answer{Job: id, State: job.Done, Overall: &job.Forecast{Mean: []float64{1}}})
	if err != nil {
		panic(err)
	}
	return message.Result{Outcome: message.Completed, Result: text}
}

// computed answers a message with the horizon that it asks for.
func (w *world) computed(key string) message.Result {
	w.Helper()
	var task job.Task
	if err := json.Unmarshal(w.queue.Message(key).Payload, &task); err != nil {
		w.Fatal(err)
	}
	text, err := json.Marshal(job.Answer{Job: task.Job, State: job.Done, Overall: &job.Forecast{Mean: []float64{float64(task.Spec.Horizon)}}})
	if err != nil {
		w.Fatal(err)
	}
	return message.Result{Outcome: message.Completed, Result: text}
}

// replacement asks for another horizon of a job, as the caller saw it.
func (w *world) replacement(j store.Job, horizon int) store.Replacement {
	return store.Replacement{Job: j.ID, Version: j.Version, Spec: w.spec(horizon), Dataset: w.dataset}
}

// drain sends the outbox until it is empty.
func (w *world) drain() {
	w.Helper()
	for range 10 {
		entries, err := w.store.Take(w.Context(), 1, 1, 0)
		if err != nil {
			w.Fatal(err)
		}
		if len(entries) == 0 {
			return
		}
		if err := w.store.Return(w.Context(), entries, true); err != nil {
			w.Fatal(err)
		}
		w.send()
	}
	w.Fatal("the outbox is not drained")
}
