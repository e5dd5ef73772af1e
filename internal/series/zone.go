package series

import (
	"fmt"
	"regexp"
	"time"
	_ "time/tzdata" // the zones' rules, for machines that have none
)

var offsetForm = regexp.MustCompile(`^[+-]([01]\d|2[0-3]):?[0-5]\d$`)

// ParseZone finds a zone by its name in the IANA database, such as Europe/Berlin or UTC, or by its offset, such as +09:00. The
// zone of an offset has the offset as its name.
func ParseZone(name string) (*time.Location, error) {
	if offsetForm.MatchString(name) {
		layout := "-07:00"
		if len(name) == len("+0900") {
			layout = "-0700"
		}
		at, err := time.Parse(layout, name)
		if err != nil {
			return nil, fmt.Errorf("%q is not an offset: %w", name, err)
		}
		_, seconds := at.Zone()
		return fixedZone(seconds), nil
	}
	unknown := fmt.Errorf("%q is not the name of a time zone, such as Europe/Berlin, America/New_York or UTC, and not an offset, such as +09:00", name)
	if name == "" || name == "Local" {
		return nil, unknown
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, unknown
	}
	return zone, nil
}

// fixedZone is the zone of an offset in seconds: UTC, or one that has the offset as its name.
func fixedZone(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	name := time.Unix(0, 0).In(time.FixedZone("", seconds)).Format("-07:00")
	return time.FixedZone(name, seconds)
}

// clock converts times between UTC and one zone, in microseconds. It remembers the span of the last offset, because most times
// of a series fall between the same two changes of the clocks.
type clock struct {
	zone     *time.Location
	from, to int64 // the offset holds from from up to to
	offset   int64
}

// newClock is a clock in a zone; nil is UTC.
func newClock(zone *time.Location) *clock {
	if zone == nil {
		zone = time.UTC
	}
	return &clock{zone: zone}
}

// offsetAt is the zone's distance from UTC at an instant.
func (c *clock) offsetAt(instant int64) int64 {
	if instant < c.from || instant >= c.to {
		at := time.UnixMicro(instant).In(c.zone)
		_, seconds := at.Zone()
		c.offset = int64(seconds) * 1_000_000
		c.from, c.to = zoneBounds(at)
	}
	return c.offset
}

// zoneBounds is the span around a time in which its zone has the same offset.
func zoneBounds(at time.Time) (from, to int64) {
	from, to = -1<<62, 1<<62
	start, end := at.ZoneBounds()
	if !start.IsZero() {
		from = start.UnixMicro()
	}
	if !end.IsZero() {
		to = end.UnixMicro()
	}
	return from, to
}

// local is what the clocks of the zone show at an instant.
func (c *clock) local(instant int64) int64 { return instant + c.offsetAt(instant) }

// instants are the two instants at which the clocks of the zone show a local time. They differ where the clocks were put back.
// Where the clocks skipped the local time, ok is false, and both are the instant that is as much after the change as the
// local time is after the skipped span's beginning.
func (c *clock) instants(local int64) (earlier, later int64, ok bool) {
	const around = microsPerDay * 3 / 2 // longer than the largest offset, and than the largest change
	before, after := local-c.offsetAt(local-around), local-c.offsetAt(local+around)
	if before == after {
		return before, after, true
	}
	isBefore, isAfter := c.local(before) == local, c.local(after) == local
	switch {
	case isBefore && isAfter:
		return min(before, after), max(before, after), true
	case isAfter:
		return after, after, true
	}
	return before, before, isBefore
}

// instant is the instant at which the clocks of the zone show a local time: the earlier of two, and one after the change
// where the clocks skipped it.
func (c *clock) instant(local int64) int64 {
	at, _, _ := c.instants(local)
	return at
}
