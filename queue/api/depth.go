package api

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/serve"
)

// Sample counts the messages in the queues for the metrics, at times, until ctx
// ends.
func (a *API) Sample(ctx context.Context) { a.depth.Run(ctx) }

// sampled are the metrics of the queues. Beside a transaction that is left open they take a
// while, which a scrape must not.
func (a *API) sampled(ctx context.Context) ([]prometheus.Metric, error) {
	b := a.backend.Load()
	if b == nil {
		return nil, serve.ErrNotAttached
	}
	queues, err := b.Store.Queues(ctx)
	if err != nil {
		return nil, err
	}
	inFlight := prometheus.NewDesc("queue_messages", "Messages in flight, counted at times.", []string{"queue", "state"}, nil)
	age := prometheus.NewDesc("queue_oldest_age_seconds", "Age of the oldest waiting message when they were counted.", []string{"queue"}, nil)
	var all []prometheus.Metric
	for _, q := range queues {
		all = append(all,
			prometheus.MustNewConstMetric(inFlight, prometheus.GaugeValue, float64(q.Waiting), q.Name, "waiting"),
			prometheus.MustNewConstMetric(inFlight, prometheus.GaugeValue, float64(q.Leased), q.Name, "leased"),
			prometheus.MustNewConstMetric(age, prometheus.GaugeValue, q.OldestAge, q.Name))
	}
	return all, nil
}
