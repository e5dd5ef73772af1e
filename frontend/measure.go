package frontend

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/frontend/store"
	"foliocast/internal/serve"
)

// outboxMeter measures how far the relay is behind.
type outboxMeter struct {
	store *store.Store
	first int64     // entry of the outbox at the last look
	since time.Time // when it was seen first
}

var (
	outboxEntries = prometheus.NewDesc("foliocast_outbox_entries", "Entries of the outbox, which the message service has not been told, counted at times up to 100000.", nil, nil)
	outboxLag     = prometheus.NewDesc("foliocast_outbox_lag_seconds", "For how long this process has seen the first entry of the outbox.", nil, nil)
)

// sampleOutbox adds the outbox to the metrics until ctx ends.
func sampleOutbox(ctx context.Context, log *slog.Logger, s *store.Store, metrics prometheus.Registerer) {
	sampler := &serve.Sampler{Look: (&outboxMeter{store: s}).look, Log: log}
	metrics.MustRegister(sampler)
	sampler.Run(ctx)
}

func (m *outboxMeter) look(ctx context.Context) ([]prometheus.Metric, error) {
	entries, first, err := m.store.MeasureOutbox(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if first == 0 || first != m.first {
		m.first, m.since = first, now
	}
	return []prometheus.Metric{
		prometheus.MustNewConstMetric(outboxEntries, prometheus.GaugeValue, float64(entries)),
		prometheus.MustNewConstMetric(outboxLag, prometheus.GaugeValue, now.Sub(m.since).Seconds()),
	}, nil
}
