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
	seen  time.Time // the last look
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
	tick := time.NewTicker(w.limit / looks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		if w.late(time.Now(), excused()) {
			return true
		}
	}
}

// looks is how many times the limit is looked at in its time.
const looks = 20

// late reports whether the ranks were away for too long. The time in which this rank stood still itself, and did not
// look, does not count.
func (w *watch) late(now time.Time, excused bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	stood := now.Sub(w.seen) > w.limit/2
	w.seen = now
	if (excused || stood) && !w.since.IsZero() {
		w.since = now
	}
	return !w.since.IsZero() && now.Sub(w.since) > w.limit
}
