package series

import (
	"fmt"
	"math"
	"slices"
)

// assemble makes the table of a file's columns: it sorts and audits each, puts it on an axis, and carries missing values
// forward. The values of the columns become the table's.
func assemble(s *source, o Options) (*Table, *Audit, error) {
	if o.Freq == "H" && s.kind == Date {
		return nil, s.audit, &FieldError{"freq", "H needs times of day, and the file has dates"}
	}
	s.sortRows()
	s.describe()
	if err := rejected(s.audit); err != nil {
		s.audit.sort()
		return nil, s.audit, err
	}
	names := make([]string, len(s.columns))
	for i := range s.columns {
		names[i] = s.columns[i].name
		s.auditValues(&s.columns[i])
		s.columns[i].trim()
	}
	assets := make([]Asset, len(s.columns))
	for _, group := range s.groups(o) {
		s.placeGroup(group, assets)
	}
	t := NewTable(s.kind, s.zone, !s.long, names, assets)
	if t.summarize(s.audit); s.audit.Values == 0 {
		return nil, s.audit, Reject("the file has no value that is a number")
	}
	s.audit.sort()
	return t, s.audit, nil
}

// describe notes the size and the form of the file.
func (s *source) describe() {
	s.audit.Form = "wide"
	if s.long {
		s.audit.Form = "long"
	}
	s.audit.Rows = s.rows
	s.audit.Assets = len(s.columns)
}

// placeGroup puts the columns of one frequency on the axis that they share, the union of their times, or each on its own.
func (s *source) placeGroup(g group, assets []Asset) {
	shared := s.union(g)
	if shared != nil {
		whole := Axis{times: shared, freq: g.freq, step: g.step}
		whole.finish(s.kind)
		for _, i := range g.columns {
			assets[i] = s.place(&s.columns[i], &whole)
		}
		return
	}
	var own *Axis
	var times []int64
	for _, i := range g.columns {
		c := &s.columns[i]
		if own == nil || !slices.Equal(times, c.times) {
			own = &Axis{times: c.times, freq: g.freq, step: g.step}
			own.finish(s.kind)
			times = c.times
		}
		assets[i] = s.place(c, own)
	}
}

// place puts a trimmed column on an axis that has all its times.
func (s *source) place(c *column, on *Axis) Asset {
	n := len(c.times)
	if n == 0 {
		s.audit.Empty.add(Finding{Asset: c.name, Reason: "no value"})
		return Asset{axis: on}
	}
	first, _ := slices.BinarySearch(on.times, c.times[0])
	last, _ := slices.BinarySearch(on.times, c.times[n-1])
	a := Asset{axis: on, first: first}
	if last-first == n-1 { // a row for each time: the values stay where they are
		a.values = c.values
	} else {
		a.values = make([]float64, last-first+1)
		k := 0
		for p := range a.values {
			if on.times[first+p] == c.times[k] {
				a.values[p] = c.values[k]
				k++
			} else {
				a.values[p] = math.NaN()
			}
		}
	}
	if on.gaps || last-first > n-1 {
		s.reportGaps(c, a)
	}
	a.carry()
	return a
}

// reportGaps reports the rows of a column before which times of the axis are missing, or which come later after the row
// before than the frequency allows.
func (s *source) reportGaps(c *column, a Asset) {
	longest := a.axis.longest(s.kind)
	p := a.first
	for k := 1; k < len(c.times); k++ {
		p++
		missing := a.axis.times[p] != c.times[k]
		for a.axis.times[p] != c.times[k] {
			p++
		}
		if missing || longest > 0 && c.times[k]-c.times[k-1] > longest {
			s.audit.Gaps.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name,
				Reason: fmt.Sprintf("nothing between %s and %s", s.time(c.times[k-1]), s.time(c.times[k]))})
		}
	}
}

// carry replaces each missing value by the one before, and notes the place. The first value is never missing.
func (a *Asset) carry() {
	for k, v := range a.values {
		if v != v {
			a.values[k] = a.values[k-1]
			a.filled = append(a.filled, int32(k))
		}
	}
}

// Audit returns an audit without findings, for a table that was stored and read as a whole.
func (t *Table) Audit() *Audit {
	audit := &Audit{Form: "stored"}
	t.summarize(audit)
	audit.Rows = audit.Values
	return audit
}

// summarize adds the sizes, times and frequency of the table to an audit.
func (t *Table) summarize(audit *Audit) {
	var from, to Time
	audit.Assets, audit.Freq, audit.Zone = len(t.assets), t.freq, ""
	if t.kind == Instant {
		audit.Zone = newClock(t.zone).zone.String()
	}
	for i := range t.assets {
		n := len(t.assets[i].values)
		if n == 0 {
			continue
		}
		if audit.Values == 0 || t.Start(i).Compare(from) < 0 {
			from = t.Start(i)
		}
		if audit.Values == 0 || t.End(i).Compare(to) > 0 {
			to = t.End(i)
		}
		audit.Values += int64(n)
		audit.Filled += int64(t.Filled(i))
	}
	if audit.Values > 0 {
		audit.From, audit.To = from.String(), to.String()
	}
	audit.Calendar = t.calendar()
}

// calendar describes the distances between the table's times.
func (t *Table) calendar() string {
	var first *Axis
	for i := range t.assets {
		a := &t.assets[i]
		if len(a.values) == 0 {
			continue
		}
		if first == nil {
			first = a.axis
		}
		if a.axis != first && (a.axis.freq != first.freq || a.axis.step != first.step) {
			return "mixed"
		}
	}
	if first == nil {
		return "none"
	}
	return first.describe(t.kind)
}

// describe describes the distances between the times of one axis.
func (a *Axis) describe(kind Kind) string {
	if kind == Step {
		return fmt.Sprintf("integer steps of %d", max(a.step, 1))
	}
	switch a.freq {
	case "H":
		return "hours"
	case "D":
		return "calendar days"
	case "B":
		return "business days"
	case "W":
		return "weeks"
	case "M":
		return "months"
	case "Q":
		return "quarters"
	case "Y":
		return "years"
	}
	return "irregular"
}
