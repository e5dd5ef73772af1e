package series

import (
	"slices"
	"time"
)

// AsOf returns the table as it would have been if its file had ended at a time: later times and values are gone, and
// calendars, axes, missing values and a zone that was found in the file are judged anew from what is left. So nothing later
// influences the result. A date stands for its whole day, and an empty text returns the table itself. AsOf returns a
// [FieldError] for as_of when the text is not a time of the table's kind, or no value is left. The result may share the
// table's values, must not outlive it, and needs no Close.
func (t *Table) AsOf(text string) (*Table, error) {
	if text == "" {
		return t, nil
	}
	_, last, err := t.bound("as_of", text)
	if err != nil {
		return nil, err
	}
	s := &source{kind: t.kind, zone: t.zone, audit: new(Audit), columns: t.columnsUpTo(last)}
	if !slices.ContainsFunc(s.columns, func(c column) bool { return len(c.values) > 0 }) {
		return nil, &FieldError{"as_of", "no value up to " + text + ": the data begin at " + t.first().String()}
	}
	if t.origin.ZoneFound {
		s.refindZone()
	}
	out, err := s.table(Options{Freq: t.origin.Freq})
	if err != nil {
		return nil, err
	}
	out.shared = t.shared
	return out, nil
}

// columnsUpTo are the observed values up to a time. Neighbors with equal times share them.
func (t *Table) columnsUpTo(last int64) []column {
	out := make([]column, len(t.assets))
	for i := range t.assets {
		times, values := t.assets[i].window(-1<<62, last).observed()
		if i > 0 && slices.Equal(times, out[i-1].times) {
			times = out[i-1].times
		}
		out[i] = column{name: t.names[i], times: times, values: values}
	}
	return out
}

// first is the first time of all assets; one must have values.
func (t *Table) first() Time {
	first := Time{N: 1<<63 - 1}
	for i := range t.assets {
		if t.Count(i) > 0 && t.Start(i).Compare(first) < 0 {
			first = t.Start(i)
		}
	}
	return first
}

// refindZone finds the zone from the offsets that the times have in the zone that was found before.
func (s *source) refindZone() {
	s.refindZoneOf(s.zone)
}

// refindZoneOf is refindZone where the times of the rows have the offsets of another zone than those that are not from the file.
func (s *source) refindZoneOf(rows *time.Location) {
	var f zoneFinder
	old, new := newClock(s.zone), newClock(rows)
	var last []int64
	for i := range s.columns {
		column := &s.columns[i]
		times := column.times
		if sameSlice(times, last) {
			continue
		}
		for k, t := range times {
			c := old
			if column.row(k) != noRow {
				c = new
			}
			f.seeOffset(t, c.offsetAt(t))
		}
		last = times
	}
	zone, _ := f.found()
	s.zone, s.zoneFound = utcAsNil(zone), true
}
