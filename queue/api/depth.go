package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// depth tells what is in the queues at the moment of a scrape.
type depth struct{ api *API }

// scrapeTime bounds the look at the queues for a scrape.
const scrapeTime = 2 * time.Second

// Describe announces no metrics: which there are depends on the queues.
func (depth) Describe(chan<- *prometheus.Desc) {}

// Collect tells nothing while the database is away.
func (d depth) Collect(metrics chan<- prometheus.Metric) {
	b := d.api.backend.Load()
	if b == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	queues, err := b.Store.Queues(ctx)
	if err != nil {
		d.api.log.Warn("the queues cannot be measured", "err", err)
		return
	}
	inFlight := prometheus.NewDesc("queue_messages", "Messages in flight.", []string{"queue", "state"}, nil)
	age := prometheus.NewDesc("queue_oldest_age_seconds", "Age of the longest waiting message.", []string{"queue"}, nil)
	for _, q := range queues {
		metrics <- prometheus.MustNewConstMetric(inFlight, prometheus.GaugeValue, float64(q.Waiting), q.Name, "waiting")
		metrics <- prometheus.MustNewConstMetric(inFlight, prometheus.GaugeValue, float64(q.Leased), q.Name, "leased")
		metrics <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, q.OldestAge, q.Name)
	}
}
