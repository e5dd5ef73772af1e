package worker

import (
	"context"
	"sync"
	"time"
)

// watch sees whether the ranks come back. A rank that stands still, because its machine or its file system does, holds
// all others for ever, and the leases would be renewed for work that nobody does.
type watch struct {
	limit time.Duration
	mu    sync.Mutex
	since time.Time // when the ranks were called; zero while they are not
}

// defaultStuck is the limit where none is set: a chunk takes a quarter of a second, and mapping a large file over a slow
// network a minute or two.
const defaultStuck = 10 * time.Minute

// call runs what the ranks do together.
func (w *watch) call(do func() error) error {
	w.set(time.Now())
	defer w.set(time.Time{})
	return do()
}

func (w *watch) set(since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = since
}

// run returns true when the ranks were away for too long, and false when ctx ends. The time in which excused holds does
// not count.
func (w *watch) run(ctx context.Context, excused func() bool) bool {
	tick := time.NewTicker(w.limit / 20)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		if w.late(excused()) {
			return true
		}
	}
}

func (w *watch) late(excused bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if excused && !w.since.IsZero() {
		w.since = time.Now()
	}
	return !w.since.IsZero() && time.Since(w.since) > w.limit
}
