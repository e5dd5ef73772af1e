package api

import (
	"cmp"
	"context"
	"time"

	"foliocast/internal/serve"
)

const (
	// lookAgain is Backend.LookAgain where that is 0.
	lookAgain = 3 * time.Second
	// contended is the pause when something is there that this look did not
	// get: others are at it, or it must be leased alone.
	contended = 50 * time.Millisecond
)

// poll looks until it finds something, fails, or wait has passed: at once,
// whenever the bell rings, and after the time that look returns; look returns
// 0 when it has found something. It also ends when the server stops.
func poll(ctx context.Context, b *Backend, wait time.Duration, bell func() <-chan struct{}, look func() (again time.Duration, err error)) error {
	end := time.Now().Add(wait)
	for {
		rung := bell()
		again, err := look()
		left := time.Until(end)
		if err != nil || again == 0 || left <= 0 {
			return err
		}
		timer := time.NewTimer(min(again, left, cmp.Or(b.LookAgain, lookAgain)))
		select {
		case <-rung:
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
