package series

import (
	"math"
	"time"

	"foliocast/internal/series/calendar"
)

// frame converts between the times of a table and those of calendars, which are microseconds since 1970 on the clock of the
// table's zone, or in UTC for rules of elapsed time. It is not safe for concurrent use.
type frame struct {
	kind  Kind
	clock *clock // of instants that are not told in UTC
}

func newFrame(kind Kind, zone *time.Location) frame {
	f := frame{kind: kind}
	if kind == Instant && zone != nil {
		f.clock = newClock(zone)
	}
	return f
}

// zoned reports whether local times differ from UTC.
func (f frame) zoned() bool { return f.clock != nil }

// toCalendar is the calendar's time of a table's time.
func (f frame) toCalendar(c *calendar.Calendar, n int64) int64 {
	switch {
	case f.kind == Date:
		return n * microsPerDay
	case f.zoned() && !c.Absolute():
		return f.clock.local(n)
	}
	return n
}

// fromCalendar is the table's time of a calendar's time.
func (f frame) fromCalendar(c *calendar.Calendar, t int64) int64 {
	switch {
	case f.kind == Date:
		return floorDiv(t, microsPerDay)
	case f.zoned() && !c.Absolute():
		return f.clock.instant(t)
	}
	return t
}

// local are times on the clock of the zone, or false if they do not ascend there, as in the hour after the clocks were put
// back. The result may be the times themselves.
func (f frame) local(times []int64) ([]int64, bool) {
	if f.kind != Date && !f.zoned() {
		return times, true
	}
	out := make([]int64, len(times))
	before := int64(math.MinInt64)
	for k, t := range times {
		if f.kind == Date {
			out[k] = t * microsPerDay
		} else {
			out[k] = f.clock.local(t)
		}
		if out[k] <= before {
			return nil, false
		}
		before = out[k]
	}
	return out, true
}

// infer finds the calendar of ascending times, or nil, and the times that break it or, without one, the nearest rule.
// Rules of elapsed time hold in UTC, all others on the clock of the zone.
func (f frame) infer(times []int64) (c *calendar.Calendar, breaks []int) {
	local, ascending := f.local(times)
	if ascending {
		c, breaks = calendar.Infer(local)
	}
	if !f.zoned() || c != nil && !c.Absolute() {
		return c, breaks
	}
	inUTC, breaksInUTC := calendar.Infer(times)
	if inUTC == nil || inUTC.Absolute() {
		return inUTC, breaksInUTC
	}
	return nil, breaks
}

// fit is a named calendar, anchored where it agrees best with ascending times, or the reason why the times contradict it.
func (f frame) fit(named *calendar.Calendar, times []int64) (c *calendar.Calendar, reason string) {
	local := times
	if f.kind == Date || f.zoned() && !named.Absolute() {
		var ascending bool
		if local, ascending = f.local(times); !ascending {
			return nil, named.String() + " means " + named.Describe() + ", but the times are an hour or less apart where the clocks were put back"
		}
	}
	c = named.Fit(local)
	if len(times) < minTimes && f.obey(rule{calendar: c}, times) {
		return c, ""
	}
	if reason = calendar.Contradicts(c, local); reason != "" {
		if own, _ := f.infer(times); own.Equal(c) { // an odd time that does not hide the rule does not contradict it, either
			return c, ""
		}
	}
	return c, reason
}

// obey reports whether each of a few times stands in a slot of its own of a rule.
func (f frame) obey(r rule, times []int64) bool {
	c := r.calendar
	if c == nil {
		return true
	}
	var before int64
	for k, n := range times {
		t := f.toCalendar(c, n)
		slot := c.Slot(t)
		if !c.Obeys(t) || k > 0 && slot <= before {
			return false
		}
		before = slot
	}
	return true
}

// clashes counts the times that fall into the slot of the time before.
func (f frame) clashes(r rule, times []int64) int {
	count := 0
	var before int64
	for k, n := range times {
		slot := r.calendar.Slot(f.toCalendar(r.calendar, n))
		if k > 0 && slot <= before {
			count++
		}
		before = slot
	}
	return count
}
