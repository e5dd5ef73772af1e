package calendar_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"foliocast/internal/series/calendar"
)

// The times of a rule over enough slots are enough to go on.
func TestInferFindsTheRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.Custom(anyCalendar).Filter(func(c *calendar.Calendar) bool {
			return !strings.Contains(c.String(), "X") // the holidays of exchanges look like gaps
		}).Draw(t, "calendar")
		n := rapid.IntRange(60, 120).Draw(t, "n")
		if strings.Contains(c.Describe(), "in years that end") {
			n += 360 // a week more or less shows after many years
		}
		if p := c.Seasons(); c.Period() < dayMicros && len(p) > 0 {
			n += min(2000, 5*p[len(p)-1])
		}
		at := c.Next(anyTime(t, "start"))
		var times []int64
		for range n {
			times = append(times, at)
			at = c.Next(at)
		}
		found, breaks := calendar.Infer(times)
		if found == nil {
			t.Fatalf("%s: no rule", c)
		}
		if len(breaks) > 0 {
			t.Fatalf("%s is found as %s with breaks %v", c, found, breaks)
		}
		for range 10 {
			if next := found.Next(times[len(times)-1]); next != at {
				t.Fatalf("%s is found as %s: after %s comes %s, want %s", c, found, show(times[len(times)-1]), show(next), show(at))
			}
			times = append(times, at)
			at = c.Next(at)
		}
	})
}
