package relay

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/queue/message"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a store, a queue and the courier between them, whose loops the test
// drives step by step.
type world struct {
	*testing.T
	store   *store.Store
	queue   *queuetest.Queue
	courier *Relay
	dataset job.Dataset
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s := store.New(pgtest.Open(t, store.Migrations()))
	v, _, err := s.AddVersion(t.Context(), store.Version{
		Dataset: job.Dataset{Name: "prices", SHA256: strings.Repeat("ab", 32), Bytes: 100}, Owner: "mia", Audit: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	q := queuetest.New(t)
	return &world{t, s, q, another(s, q), v.Dataset}
}

// another is one more courier between the same two, as in another process.
func another(s *store.Store, q *queuetest.Queue) *Relay {
	return New(s, q.Client(), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
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

// look reads a job with what the queue knows of it.
func (w *world) look(id job.ID) store.Job {
	w.Helper()
	one := []store.Job{w.read(id)}
	w.courier.Look(w.Context(), one)
	return one[0]
}

// forward tells the queue once, and must not fail.
func (w *world) forward() {
	w.Helper()
	w.courier.Wake() // or it would wait for something to do
	if err := w.courier.forward(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// collect applies one page of results, and must not fail.
func (w *world) collect() {
	w.Helper()
	if err := w.courier.collect(w.Context()); err != nil {
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
