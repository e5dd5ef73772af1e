package series

import (
	"fmt"
	"math"
	"slices"
)

// mergeRows leaves one row for each time of an asset. Rows without any value are no duplicates, and rows that are equal in all
// that is read are one. What becomes of others is the rule of [Options.Duplicates]; without one they are reported, and reject
// the file.
func (s *source) mergeRows(rule string) {
	if !s.long {
		s.mergeColumns(s.columns, rule)
		return
	}
	var read, kept []int64 // the times of the last column with duplicates, before and after
	for i := range s.columns {
		c := &s.columns[i]
		whole := c.times
		s.mergeColumns(s.columns[i:i+1], rule)
		if sameSlice(whole, read) && slices.Equal(c.times, kept) {
			c.times = kept
		}
		read, kept = whole, c.times
	}
}

// mergeColumns merges the rows of columns that have their rows in common, in order of time.
func (s *source) mergeColumns(columns []column, rule string) {
	if len(columns) == 0 || ascends(columns[0].times) {
		return
	}
	times := columns[0].times
	var keep []int // the first row of each time
	for from, to := 0, 0; from < len(times); from = to {
		for to = from + 1; to < len(times) && times[to] == times[from]; to++ {
		}
		if to > from+1 {
			s.mergeTime(columns, from, to, rule)
		}
		keep = append(keep, from)
	}
	left := make([]int64, len(keep))
	for k, p := range keep {
		left[k] = times[p]
	}
	for i := range columns {
		c := &columns[i]
		values, order := make([]float64, len(keep)), make([]uint32, len(keep))
		for k, p := range keep {
			values[k], order[k] = c.values[p], uint32(c.row(p))
		}
		c.times, c.values, c.order = left, values, order
	}
}

// ascends reports whether times are strictly ascending.
func ascends(times []int64) bool {
	for k := 1; k < len(times); k++ {
		if times[k] <= times[k-1] {
			return false
		}
	}
	return true
}

// mergeTime merges the rows from one to before another, which have one time, into the first of them.
func (s *source) mergeTime(columns []column, from, to int, rule string) {
	var rows []int // those with a value
	for p := from; p < to; p++ {
		if slices.ContainsFunc(columns, func(c column) bool { return !math.IsNaN(c.values[p]) }) {
			rows = append(rows, p)
		}
	}
	for k := 1; k < len(rows); k++ {
		s.reportRepeated(columns, rows[0], rows[k-1], rows[k], rule)
	}
	if len(rows) == 0 {
		return
	}
	for i := range columns {
		columns[i].values[from] = merged(columns[i].values, rows, rule)
	}
}

// reportRepeated reports a row whose time the row before has.
func (s *source) reportRepeated(columns []column, first, before, row int, rule string) {
	c := &columns[0]
	at := Finding{Line: s.lines.of(c.row(row)), Asset: s.assetOf(c),
		Reason: fmt.Sprintf("%s %d already has the time %s", s.unit, s.lines.of(c.row(before)), s.time(c.times[row]))}
	differs := slices.ContainsFunc(columns, func(c column) bool {
		return math.Float64bits(c.values[row]) != math.Float64bits(c.values[first]) && !(math.IsNaN(c.values[row]) && math.IsNaN(c.values[first]))
	})
	switch {
	case rule == "first" || rule == "last":
		at.Reason += ", and the " + rule + " value is taken"
	case rule == "mean" || rule == "sum":
		at.Reason += ", and the " + rule + " of the values is taken"
	case differs:
		s.audit.Duplicates.add(at)
		return
	default:
		at.Reason += " and the same values"
	}
	s.audit.Merged.add(at)
}

// merged is the value of rows with one time by a rule, which skips missing and infinite values if there are others.
func merged(values []float64, rows []int, rule string) float64 {
	var finite []float64
	for _, p := range rows {
		if !notFinite(values[p]) {
			finite = append(finite, values[p])
		}
	}
	if len(finite) == 0 {
		return values[rows[0]]
	}
	sum := 0.0
	for _, v := range finite {
		sum += v
	}
	switch rule {
	case "last":
		return finite[len(finite)-1]
	case "sum":
		return sum
	case "mean":
		return sum / float64(len(finite))
	}
	return finite[0]
}
