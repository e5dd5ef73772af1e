package api

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/serve"
	"foliocast/queue/message"
)

// Sample counts the messages in the queues for the metrics, at times, until ctx
// ends.
func (a *API) Sample(ctx context.Context) { a.depth.Run(ctx) }

var (
	depthDesc  = prometheus.NewDesc("foliocast_queue_messages", "Messages in flight, counted at times.", []string{"queue", "state"}, nil)
	ageDesc    = prometheus.NewDesc("foliocast_queue_oldest_age_seconds", "Age of the oldest waiting message when they were counted.", []string{"queue"}, nil)
	unreadDesc = prometheus.NewDesc("foliocast_feed_unread_results", "Ended messages that a reader of the feed has not read, counted up to 10000.", []string{"account", "reader"}, nil)
	lagDesc    = prometheus.NewDesc("foliocast_feed_lag_seconds", "Age of the first ended message that a reader of the feed has not read.", []string{"account", "reader"}, nil)
	worldsDesc = prometheus.NewDesc("foliocast_worlds", "Worlds of ranks that report what they do, by state.", []string{"state"}, nil)
	ranksDesc  = prometheus.NewDesc("foliocast_ranks", "Ranks of all worlds that report.", nil, nil)
	busyDesc   = prometheus.NewDesc("foliocast_ranks_busy_ratio", "Share of the ranks of all worlds that have something to do.", nil, nil)
)

// sampled are the metrics of the queues, the readers of the feed and the worlds. Beside a transaction that is left open they take a
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
	readers, err := b.Store.FeedReaders(ctx)
	if err != nil {
		return nil, err
	}
	workers, err := b.Store.Workers(ctx, 0, maxSampledWorkers)
	if err != nil {
		return nil, err
	}
	var all []prometheus.Metric
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		all = append(all, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...))
	}
	for _, q := range queues {
		gauge(depthDesc, float64(q.Waiting), q.Name, "waiting")
		gauge(depthDesc, float64(q.Leased), q.Name, "leased")
		gauge(ageDesc, q.OldestAge, q.Name)
	}
	for _, r := range readers {
		gauge(unreadDesc, r.Unread, r.Account, r.Name)
		gauge(lagDesc, r.Age, r.Account, r.Name)
	}
	worlds(workers.Workers, gauge)
	return all, nil
}

// maxSampledWorkers is how many worlds are summed up.
const maxSampledWorkers = 1000

// worlds sums up the worlds. Each is gone some day, and has a name of its own, which no label should have.
func worlds(workers []message.Worker, gauge func(*prometheus.Desc, float64, ...string)) {
	states := map[message.WorkerState]float64{message.Idle: 0, message.Working: 0, message.Stopping: 0}
	var ranks, busy float64
	for _, w := range workers {
		states[w.Report.State]++
		ranks += float64(w.Report.RankCount)
		busy += w.Report.Busy * float64(w.Report.RankCount)
	}
	for state, n := range states {
		gauge(worldsDesc, n, string(state))
	}
	gauge(ranksDesc, ranks)
	if ranks > 0 {
		gauge(busyDesc, busy/ranks)
	}
}
