package worker

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// declines tracks whether leased jobs are computed, or returned at once because they cannot end in time. The queue hands
// out returned jobs again: without a pause, a worker near its end would lease and return the same ones as fast as it can.
type declines struct {
	count atomic.Int64 // jobs declined so far

	// The fields below belong to the goroutine that leases.
	seen   int64 // the count at the last look
	leased int   // since then
	slow   *backoff.ExponentialBackOff
}

func newDeclines() *declines {
	return &declines{slow: newBackoff(200*time.Millisecond, 30*time.Second)}
}

// idle reports whether everything leased since the last look was declined, and how long to wait then. n is how many jobs
// were leased just now. If any was declined, it first waits for those that are being prepared.
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
		d.slow.Reset()
		return 0, false
	}
	return d.slow.NextBackOff(), true
}
