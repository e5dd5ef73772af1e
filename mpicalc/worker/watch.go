package worker

import (
	"context"
	"sync"
	"time"
)

// watch notices a call of the ranks that does not return, because rank 0 itself hangs in it, while the leases are renewed for
// work that is not being done. Another rank that hangs is noticed by the leader, within the call.
type watch struct {
	limit time.Duration
	mu    sync.Mutex
	since time.Time // when the ranks were called; zero while they are not
	seen  time.Time // the last look
	spare time.Time // time before it does not count
}

// defaultStuck is the limit where the configuration has none: a chunk takes some milliseconds, and mapping a large
// file over a slow network a minute or two.
const defaultStuck = 10 * time.Minute

// call runs a call of the ranks under watch.
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

// run returns true when a call of the ranks has taken too long, and false when ctx ends. Time during which excused holds
// does not count.
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

// looks is how many times run looks within the limit.
const looks = 20

// late reports whether a call of the ranks has taken too long. Time during which this process was itself suspended, so
// that it did not look, does not count.
func (w *watch) late(now time.Time, excused bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	suspended := now.Sub(w.seen) > w.limit/2
	w.seen = now
	if excused || suspended {
		w.spare = now
	}
	return !w.since.IsZero() && now.Sub(w.since) > w.limit && now.Sub(w.spare) > w.limit
}
