package series

import (
	"fmt"
	"math"
	"slices"
)

// assemble makes the table of a file's columns: it sorts and audits each, puts it on an axis, and carries missing values
// forward. The values of the columns become the table's.
func assemble(s *source, o Options) (*Table, *Audit, error) {
	s.sortRows()
	s.mergeRows(o.Duplicates)
	s.describe()
	if err := s.rejected(); err != nil {
		s.audit.sort()
		return nil, s.audit, err
	}
	if o.Onto != nil {
		if err := s.join(o); err != nil {
			return nil, s.audit, err
		}
		if o.Freq == "" {
			o.Freq = o.Onto.Table.origin.Freq
		}
		s.audit.Rows, s.audit.Assets = s.rows, len(s.columns)
	}
	for i := range s.columns {
		s.auditValues(&s.columns[i])
	}
	t, err := s.table(o)
	if err != nil {
		return nil, s.audit, err
	}
	if t.summarize(s.audit); s.audit.Values == 0 {
		return nil, s.audit, Reject("the file has no value that is a number")
	}
	s.audit.sort()
	return t, s.audit, nil
}

// table puts sorted columns on axes. It returns a [FieldError] for a frequency that the times contradict.
func (s *source) table(o Options) (*Table, error) {
	s.observe()
	f := newFrame(s.kind, s.zone)
	groups, err := s.group(f, o)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(s.columns))
	for i := range s.columns {
		names[i] = s.columns[i].name
	}
	assets := make([]Asset, len(s.columns))
	for _, g := range groups {
		s.placeGroup(f, g, assets)
	}
	t := NewTable(s.kind, s.zone, !s.long, names, assets)
	t.origin = Origin{ZoneFound: s.zoneFound, Freq: o.Freq}
	if o.Onto != nil {
		t.shared = o.Onto.Table.shared
	}
	return t, nil
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

// placeGroup puts the columns of one rule on the axis that they share, the union of their times, or each on its own.
func (s *source) placeGroup(f frame, g group, assets []Asset) {
	if shared := s.union(f, g); shared != nil {
		whole := &Axis{times: shared, rule: g.rule}
		whole.finish(f)
		for _, i := range g.columns {
			assets[i] = s.place(f, &s.columns[i], whole)
		}
		return
	}
	var own *Axis
	var times []int64
	for _, i := range g.columns {
		c := &s.columns[i]
		if own == nil || !slices.Equal(times, c.times) {
			own = &Axis{times: c.times, rule: g.rule}
			own.finish(f)
			times = c.times
		}
		assets[i] = s.place(f, c, own)
	}
}

// place puts a column without missing values on an axis that has all its times.
func (s *source) place(f frame, c *column, on *Axis) Asset {
	n := len(c.times)
	if n == 0 {
		s.audit.Empty.add(Finding{Asset: c.name, Reason: "no value"})
		return Asset{axis: on}
	}
	first, _ := slices.BinarySearch(on.times, c.times[0])
	last, _ := slices.BinarySearch(on.times, c.times[n-1])
	a := Asset{axis: on, first: first}
	if last-first == n-1 { // a row for each time: the values stay where they are
		a.head = c.values
	} else {
		a.head = make([]float64, last-first+1)
		k := 0
		for p := range a.head {
			if on.times[first+p] == c.times[k] {
				a.head[p] = c.values[k]
				k++
			} else {
				a.head[p] = math.NaN()
			}
		}
	}
	if on.gaps || last-first > n-1 {
		s.reportGaps(f, c, a)
	}
	a.carry()
	return a
}

// reportGaps reports the rows of a column before which times of the axis are missing, or which come later after the row
// before than the rule allows.
func (s *source) reportGaps(f frame, c *column, a Asset) {
	p := a.first
	for k := 1; k < len(c.times); k++ {
		p++
		missing := a.axis.times[p] != c.times[k]
		for a.axis.times[p] != c.times[k] {
			p++
		}
		if !missing && !a.axis.rule.isGap(f, c.times[k-1], c.times[k]) {
			continue
		}
		if c.lost != nil && int64(c.lost[k]) >= a.axis.rule.between(f, c.times[k-1], c.times[k]) {
			continue // each of them has a row without a value, which is reported as missing
		}
		if c.row(k) == noRow { // the audit of the upload that had the row lists it
			continue
		}
		if s.audit.Gaps.full() {
			s.audit.Gaps.Count++
			continue
		}
		s.audit.Gaps.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name,
			Reason: fmt.Sprintf("nothing between %s and %s", s.time(c.times[k-1]), s.time(c.times[k]))})
	}
}

// carry replaces each missing value by the one before, and notes the place. The first value is never missing.
func (a *Asset) carry() {
	for k, v := range a.head {
		if v != v {
			a.head[k] = a.head[k-1]
			a.filled = append(a.filled, int32(k))
		}
	}
}

// toAssemble is how many bytes assembling takes beside the columns: for sorted copies of those out of order, and for those with
// missing values, whose rows and values are copied. A wide file has not paid for its assets before.
func (s *source) toAssemble() int64 {
	var bytes int64
	var last []int64
	sorted := false
	for i := range s.columns {
		c := &s.columns[i]
		if i == 0 || !sameSlice(c.times, last) {
			last = c.times
			sorted = slices.IsSorted(c.times)
		}
		n := int64(len(c.values))
		if !sorted {
			bytes += 12 * n // values and places
		}
		if slices.ContainsFunc(c.values, math.IsNaN) {
			bytes += 32 * n // times, places, what is lost, and up to two slots a value
		}
	}
	if !s.long {
		bytes += perAsset * int64(len(s.columns))
	}
	return bytes
}
