package frontend

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/frontend/store"
	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

func TestTheOutboxIsMeasured(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), pgtest.URL(t), pgtest.Schema(t), store.Migrations(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	m := &outboxMeter{store: store.New(pool)}
	look := func() (entries, lag float64) {
		t.Helper()
		found, err := m.look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return gauge(t, found[0]), gauge(t, found[1])
	}
	if entries, lag := look(); entries != 0 || lag != 0 {
		t.Errorf("empty: got %v, %v", entries, lag)
	}
	if _, err := pool.Exec(t.Context(), `ALTER TABLE outbox DROP CONSTRAINT outbox_job_fkey; INSERT INTO outbox (job, action, bytes, run) SELECT gen_random_uuid(), 'enqueue', 1, 1 FROM generate_series(1, 3)`); err != nil {
		t.Fatal(err)
	}
	if entries, lag := look(); entries != 3 || lag != 0 {
		t.Errorf("new: got %v, %v", entries, lag)
	}
	m.since = m.since.Add(-time.Minute)
	if _, lag := look(); lag < 60 {
		t.Errorf("after a minute: got %v", lag)
	}
	if _, err := pool.Exec(t.Context(), `DELETE FROM outbox WHERE id = (SELECT min(id) FROM outbox)`); err != nil {
		t.Fatal(err)
	}
	if entries, lag := look(); entries != 2 || lag != 0 {
		t.Errorf("the first is gone: got %v, %v", entries, lag)
	}
}

// fixed is a collector of given metrics.
type fixed []prometheus.Metric

func (f fixed) Describe(chan<- *prometheus.Desc) {}

func (f fixed) Collect(to chan<- prometheus.Metric) {
	for _, m := range f {
		to <- m
	}
}

func gauge(t *testing.T, m prometheus.Metric) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(fixed{m})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families[0].GetMetric()[0].GetGauge().GetValue()
}
