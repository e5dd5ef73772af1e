package worker

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/mpicalc/spmd"
)

// SetMemory bounds the memory of open tables.
func (d *Datasets) SetMemory(bytes int64) { d.maxMemory = bytes }

// Memory is the estimated memory of the open tables.
func (d *Datasets) Memory() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.memory
}

// SetStall bounds how long a fetch may go without receiving a byte.
func (d *Datasets) SetStall(t time.Duration) { d.cache.stall = t }

// WithClosing bounds how long answers are still sent at the end.
func (c Config) WithClosing(t time.Duration) Config {
	c.closing = t
	return c
}

// Late looks after each of the given times since a call of the ranks, and returns the number of the first look that finds
// the call late, or 0.
func Late(limit time.Duration, excused func(look int) bool, looks ...time.Duration) int {
	begin := time.Now()
	w := &watch{limit: limit, since: begin, seen: begin}
	for i, at := range looks {
		if w.late(begin.Add(at), excused(i)) {
			return i + 1
		}
	}
	return 0
}

// Skilled sets the skill of a dataset among new metrics.
func Skilled(metrics prometheus.Registerer) func(dataset string, skill float64) {
	return newMeter(metrics, func() []spmd.Activity { return nil }).skilled
}
