package serve

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sampler is a collector of values that are expensive to find. It looks for them
// in the background, one look at a time, and all scrapes share what it found: no
// number of them makes it look more often. Safe for concurrent use.
type Sampler struct {
	Every time.Duration // between two looks; 0 means 15 s
	Limit time.Duration // of one look; 0 means 5 s
	Look  func(context.Context) ([]prometheus.Metric, error)
	Log   *slog.Logger

	mu    sync.Mutex
	found []prometheus.Metric
	until time.Time // when found is too old to be shown
}

// rest is how many times as long as a look the sampler then rests, so that looks
// take at most a twentieth of the time.
const rest = 19

// Run looks until ctx ends.
func (s *Sampler) Run(ctx context.Context) {
	every, limit := s.Every, s.Limit
	if every == 0 {
		every = 15 * time.Second
	}
	if limit == 0 {
		limit = 5 * time.Second
	}
	for {
		begin := time.Now()
		look, cancel := context.WithTimeout(ctx, limit)
		found, err := s.Look(look)
		cancel()
		pause := max(every, rest*time.Since(begin))
		if err == nil {
			s.mu.Lock()
			s.found, s.until = found, time.Now().Add(3*pause)
			s.mu.Unlock()
		} else if ctx.Err() == nil {
			s.Log.Warn("cannot sample values for the metrics", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// Describe announces no metrics, because they depend on what is found.
func (s *Sampler) Describe(chan<- *prometheus.Desc) {}

// Collect sends what was found last, or nothing when that is too old.
func (s *Sampler) Collect(metrics chan<- prometheus.Metric) {
	s.mu.Lock()
	found := s.found
	if time.Now().After(s.until) {
		found = nil
	}
	s.mu.Unlock()
	for _, m := range found {
		metrics <- m
	}
}
