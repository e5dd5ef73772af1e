package series

import (
	"fmt"
	"slices"
	"time"
)

// rezone gives the file's times the zone that the options name. Instants are told in that zone from then on. Times without a
// zone become instants: they are what the zone's clocks showed. Dates and steps have no zone.
func (s *source) rezone(name string) error {
	zone, err := ParseZone(name)
	if err != nil {
		return &FieldError{"timezone", err.Error()}
	}
	switch s.kind {
	case Step, Date:
		return &FieldError{"timezone", fmt.Sprintf("the file has %ss, which are in no zone", s.kind)}
	case Datetime:
		s.toInstants(zone)
	}
	s.zone, s.zoneFound = utcAsNil(zone), false
	return nil
}

// utcAsNil is nil for UTC, as in [Table.Zone].
func utcAsNil(zone *time.Location) *time.Location {
	if zone != nil && zone.String() == time.UTC.String() {
		return nil
	}
	return zone
}

// toInstants turns what the clocks of a zone showed into instants. A local time that the clocks skipped makes its row
// unreadable.
func (s *source) toInstants(zone *time.Location) {
	c := newClock(zone)
	var read, instants []int64
	for i := range s.columns {
		column := &s.columns[i]
		if read == nil || !sameSlice(column.times, read) {
			read = column.times
			instants = s.columnInstants(c, column, s.long || i == 0)
		}
		column.times = instants
	}
	s.kind = Instant
}

// columnInstants are the instants of a column's local times, and reports those that do not exist.
func (s *source) columnInstants(c *clock, column *column, report bool) []int64 {
	out := make([]int64, len(column.times))
	n := len(out)
	descending := n > 1 && column.times[0] > column.times[n-1]
	twice := repeated{clock: c}
	for step := range out {
		k := step
		if descending {
			k = n - 1 - step
		}
		instant, ok := twice.next(column.times[k])
		if !ok && report {
			s.audit.Unreadable.add(Finding{Line: s.lines.of(column.row(k)), Asset: s.assetOf(column),
				Reason: fmt.Sprintf("the time %s does not exist in the zone %s: the clocks were put forward", Time{Kind: Datetime, N: column.times[k]}, c.zone)})
		}
		out[k] = instant
	}
	return out
}

// repeated tells the two instants apart that have the same local time where clocks are put back, by the order of the rows: once
// the local times of such an hour do not go on ascending, they are those of the hour after the change.
type repeated struct {
	clock *clock
	local int64 // the local time before, if it exists twice
	twice bool
	after bool // it is that of the later instant
}

// next is the instant of the next local time, or false if that does not exist.
func (r *repeated) next(local int64) (int64, bool) {
	earlier, later, ok := r.clock.instants(local)
	if earlier == later {
		r.twice = false
		return earlier, ok
	}
	same := r.twice && max(local, r.local)-min(local, r.local) <= later-earlier
	r.after = same && (r.after || local <= r.local)
	r.twice, r.local = true, local
	if r.after {
		return later, true
	}
	return earlier, true
}

// setZone gives instants from a file the zone in which it tells them.
func (b *Builder) setZone() error {
	s := &b.source
	switch {
	case b.Rejected():
	case b.options.Timezone != "":
		return s.rezone(b.options.Timezone)
	case s.kind == Datetime && b.options.Onto != nil && b.options.Onto.Table.kind == Instant: // they are told in the dataset's zone
		return s.rezone(newClock(b.options.Onto.Table.zone).zone.String())
	case s.kind == Instant && b.zone != nil:
		s.zone = utcAsNil(b.zone)
	case s.kind == Instant:
		zone, remark := b.offsets.found()
		s.zone, s.zoneFound = utcAsNil(zone), true
		if remark != "" {
			s.audit.Zones.add(Finding{Reason: remark})
		}
	}
	return nil
}

// SetZone says in which zone the file tells its instants, by the zone's name or offset, for formats that name it. It returns
// an error for a name that [ParseZone] does not know.
func (b *Builder) SetZone(name string) error {
	zone, err := ParseZone(name)
	if err == nil {
		b.zone = zone
	}
	return err
}

// WithZone returns the table with its instants told in another zone. It returns a [FieldError] for timezone where the name is
// unknown or the times are not instants. The result shares the table's values and must not outlive it.
func (t *Table) WithZone(name string) (*Table, error) {
	zone, err := ParseZone(name)
	if err != nil {
		return nil, &FieldError{"timezone", err.Error()}
	}
	if t.kind != Instant {
		return nil, &FieldError{"timezone", fmt.Sprintf("the data have %ss, which are in no zone", t.kind)}
	}
	out := t.derived(slices.Clone(t.assets))
	out.zone, out.origin.ZoneFound = utcAsNil(zone), false
	return out, nil
}
