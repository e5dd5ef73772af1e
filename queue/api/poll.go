package api

import (
	"cmp"
	"context"
	"time"

	"foliocast/internal/serve"
)

const (
	// lookAgain is the default of Backend.LookAgain.
	lookAgain = 3 * time.Second
	// contended is the pause after a look that did not get a message that is ready,
	// because another claim has locked it or because it must be leased alone.
	contended = 50 * time.Millisecond
)

// poll calls look until it finds something or fails, wait has passed, or the
// server stops: once immediately, then whenever a channel of notified closes or
// the time that look returned has passed. Look returns 0 when it found something.
func poll(ctx context.Context, b *Backend, wait time.Duration, notified func() <-chan struct{}, look func() (again time.Duration, err error)) error {
	end := time.Now().Add(wait)
	for {
		woken := notified()
		again, err := look()
		left := time.Until(end)
		if err != nil || again == 0 || left <= 0 {
			return err
		}
		serve.Waits(ctx)
		timer := time.NewTimer(min(again, left, cmp.Or(b.LookAgain, lookAgain)))
		select {
		case <-woken:
		case <-timer.C:
		case <-serve.Draining(ctx):
			end = time.Time{}
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}
