package store

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// After attempt n the wait is between a half and the whole of base·2^(n-1), and never
// above the longest.
func TestBackOffGrowsAndIsBounded(t *testing.T) {
	t.Parallel()
	p := Policy{BackOff: time.Second, MaxBackOff: time.Minute}
	for _, c := range []struct {
		attempts int
		jitter   float64
		want     time.Duration
	}{
		{1, 0, 500 * time.Millisecond}, {1, 0.5, 750 * time.Millisecond}, {2, 0, time.Second}, {4, 0, 4 * time.Second},
		{7, 0, 30 * time.Second}, {5000, 0, 30 * time.Second},
	} {
		if got := p.backOff(c.attempts, c.jitter); got != c.want {
			t.Errorf("attempt %d, jitter %v: got %v, want %v", c.attempts, c.jitter, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		attempts := rapid.IntRange(1, 10000).Draw(t, "attempts")
		jitter := rapid.Float64Range(0, 0.999).Draw(t, "jitter")
		if got := p.backOff(attempts, jitter); got < p.BackOff/2 || got > p.MaxBackOff {
			t.Fatalf("got %v", got)
		}
	})
}
