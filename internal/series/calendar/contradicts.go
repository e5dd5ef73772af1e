package calendar

import (
	"fmt"
	"time"
)

// Contradicts says why ascending times are not those of a named calendar, or returns an empty text. They are not when two times
// fall into one slot, when more than one in twenty does not obey, when most times skip slots, or when the calendar has no closed
// days or hours and the times show some. The reason names the frequency that the times show, if they show one.
func Contradicts(c *Calendar, times []int64) (reason string) {
	f := fitOf(c.rule, times)
	own, _ := Infer(times)
	var why string
	switch {
	case f.clashes > 0:
		first, second := clash(c, times)
		why = fmt.Sprintf("%s and %s fall into one period", dateText(first), dateText(second))
	case 20*f.breaks > f.n:
		first := times[breaksOf(c.rule, times, f.breaks)[0]]
		why = fmt.Sprintf("%d of %d times are not on it, the first is %s", f.breaks, f.n, dateText(first))
	case 2*f.holes > f.n-1:
		why = "most of its periods have no value"
	case own != nil && c.Regular() && !own.Regular() && 10*f.holes > f.n:
		why = "it would fill in days or hours that never have a value"
	default:
		return ""
	}
	shown := "have no rule"
	if own != nil {
		shown = fmt.Sprintf("are %s (%s)", own.Describe(), own)
	}
	return fmt.Sprintf("%s means %s, but the times %s: %s", c, c.Describe(), shown, why)
}

// clash is the first pair of neighbors in one slot.
func clash(c *Calendar, times []int64) (int64, int64) {
	for k := 1; k < len(times); k++ {
		if c.Slot(times[k]) <= c.Slot(times[k-1]) {
			return times[k-1], times[k]
		}
	}
	return 0, 0
}

// dateText writes a time for a message, without an hour at midnight.
func dateText(t int64) string {
	at := time.UnixMicro(t).UTC()
	if clockOf(t) == 0 {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}
