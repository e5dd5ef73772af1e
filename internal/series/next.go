package series

import "slices"

// Next returns the h times that follow the last value of asset i, which must have one, on the asset's calendar: the open
// slots after that of the last value. Times without a calendar continue at the axis's step. It panics when h is negative.
func (t *Table) Next(i, h int) []Time {
	a := &t.assets[i]
	r, f := a.axis.rule, newFrame(t.kind, t.zone)
	last := t.End(i).N
	out := make([]Time, h)
	if r.calendar == nil {
		for k := range out {
			out[k] = t.Time(last + int64(k+1)*r.distance(t.kind))
		}
		return out
	}
	at := f.toCalendar(r.calendar, last)
	for k := range out {
		at = r.calendar.Next(at)
		out[k] = t.Time(f.fromCalendar(r.calendar, at))
	}
	return out
}

// StepsTo counts the times of [Table.Next] of asset i up to a time, which belongs to it. It is 0 for a time before the first.
func (t *Table) StepsTo(i int, at Time) int {
	a := &t.assets[i]
	c, f := a.axis.rule.calendar, newFrame(t.kind, t.zone)
	last := t.End(i).N
	if at.N <= last {
		return 0
	}
	if c == nil {
		return int((at.N - last) / a.axis.rule.distance(t.kind))
	}
	from, to := c.Slot(f.toCalendar(c, last)), c.Slot(f.toCalendar(c, at.N))
	if f.fromCalendar(c, c.Time(to)) > at.N {
		to--
	}
	if !c.Closes() {
		return int(max(0, to-from))
	}
	n := 0
	for slot := from + 1; slot <= to; slot++ {
		if c.Open(slot) {
			n++
		}
	}
	return n
}

// OffCalendar are the times of the values of asset i that are not on its calendar: of business days a Saturday, of sessions a
// holiday. An asset without a calendar has none.
func (t *Table) OffCalendar(i int) []Time {
	a := &t.assets[i]
	c, f := a.axis.rule.calendar, newFrame(t.kind, t.zone)
	if c == nil {
		return nil
	}
	var off []Time
	for _, n := range a.axis.times[a.first : a.first+a.len()] {
		if !c.Obeys(f.toCalendar(c, n)) {
			off = append(off, t.Time(n))
		}
	}
	return off
}

// StepOf is the number, from 0, of the time of [Table.Next] of asset i into whose slot a time falls: for months, any day of the
// month. It is false for a time in the slot of the last value or before, and for one in a closed slot.
func (t *Table) StepOf(i int, at Time) (step int, ok bool) {
	r, f := t.assets[i].axis.rule, newFrame(t.kind, t.zone)
	last := t.End(i).N
	if r.calendar == nil {
		d := at.N - last
		return int(d/r.distance(t.kind)) - 1, d > 0 && d%r.distance(t.kind) == 0
	}
	from, to := r.calendar.Slot(f.toCalendar(r.calendar, last)), r.calendar.Slot(f.toCalendar(r.calendar, at.N))
	if to <= from || !r.calendar.Open(to) {
		return 0, false
	}
	return t.StepsTo(i, t.Time(f.fromCalendar(r.calendar, r.calendar.Time(to)))) - 1, true
}

// PositionAt is the position of the last value of asset i at or before a time, or -1.
func (t *Table) PositionAt(i int, at Time) int {
	a := &t.assets[i]
	k, found := slices.BinarySearch(a.axis.times[a.first:a.first+a.len()], at.N)
	if found {
		return k
	}
	return k - 1
}

// Span identifies the times of an asset's values within one table: assets with equal spans have values at the same
// times, and [Table.Next] returns the same times for them. Assets with different spans may have equal times, too.
type Span struct {
	axis     *Axis
	first, n int
}

// Span is the span of asset i.
func (t *Table) Span(i int) Span {
	a := &t.assets[i]
	return Span{a.axis, a.first, a.len()}
}
