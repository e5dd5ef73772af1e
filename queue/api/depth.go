package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// depth is a collector that counts the messages in the queues at each scrape.
type depth struct{ api *API }

// scrapeTime bounds the query for one scrape.
const scrapeTime = 2 * time.Second

// Describe announces no metrics, because they depend on the queues.
func (depth) Describe(chan<- *prometheus.Desc) {}

// Collect sends nothing while the database is unreachable.
func (d depth) Collect(metrics chan<- prometheus.Metric) {
	b := d.api.backend.Load()
	if b == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	queues, err := b.Store.Queues(ctx)
	if err != nil {
		d.api.log.Warn("cannot count the messages in the queues", "err", err)
		return
	}
	inFlight := prometheus.NewDesc("queue_messages", "Messages in flight.", []string{"queue", "state"}, nil)
	age := prometheus.NewDesc("queue_oldest_age_seconds", "Age of the oldest waiting message.", []string{"queue"}, nil)
	for _, q := range queues {
		metrics <- prometheus.MustNewConstMetric(inFlight, prometheus.GaugeValue, float64(q.Waiting), q.Name, "waiting")
		metrics <- prometheus.MustNewConstMetric(inFlight, prometheus.GaugeValue, float64(q.Leased), q.Name, "leased")
		metrics <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, q.OldestAge, q.Name)
	}
}
