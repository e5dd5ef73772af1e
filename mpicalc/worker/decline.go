package worker

import (
	"sync"
	"sync/atomic"
	"time"
)

// declines watches whether what is leased is of use, or given back at once because it cannot end in time. Whoever asks
// the service again gets the same jobs again: without this, a worker near its end would do so as fast as it can.
type declines struct {
	count atomic.Int64 // jobs declined so far

	// The goroutine that leases has the rest.
	seen   int64 // of count, at the last look
	leased int   // since then
	slow   *backOff
}

func newDeclines() *declines {
	return &declines{slow: newBackOff(200*time.Millisecond, 30*time.Second)}
}

// idle reports whether all that was leased of late was declined, and how long to wait then. n is what was leased just
// now. When some was declined, it waits until what is being prepared is known to be of use or not.
func (d *declines) idle(n int, preparing *sync.WaitGroup) (wait time.Duration, idle bool) {
	d.leased += n
	if d.count.Load() == d.seen {
		return 0, false
	}
	preparing.Wait()
	declined := d.count.Load()
	kept := d.leased - int(declined-d.seen)
	d.seen, d.leased = declined, 0
	if kept > 0 {
		d.slow.reset()
		return 0, false
	}
	return d.slow.next(), true
}
