package series

import (
	"cmp"
	"fmt"
	"slices"
)

// column is one asset as a file has it: a time and a value for each row, in file order until [column.arrange].
type column struct {
	name   string
	times  []int64   // shared between columns wherever they are equal, and therefore never changed
	values []float64 // NaN is a missing value
	first  int       // the row number of times[0]
	order  []uint32  // the row numbers; nil when the rows follow each other from first
}

// source is what a format reader hands on: the columns of a file and where their rows stand.
type source struct {
	kind    Kind
	long    bool
	rows    int64
	columns []column
	lines   lines
	audit   *Audit
	jumps   []int // room for judge, used again for each column
}

// row is the row number of entry k.
func (c *column) row(k int) int {
	if c.order == nil {
		return c.first + k
	}
	return int(c.order[k])
}

// arrange puts the columns into ascending order of time, and reports rows out of order and rows with the same time.
func (s *source) arrange() {
	var read, sorted []int64
	var by []uint32
	for i := range s.columns {
		c := &s.columns[i]
		if i == 0 || !sameSlice(c.times, read) {
			read = c.times
			sorted, by = ascending(read)
		}
		if by == nil {
			continue
		}
		if s.long || i == 0 {
			s.reportOrder(c, sorted, by)
		}
		c.reorder(sorted, by)
	}
}

// ascending sorts times, equal ones in their old order. It returns where each came from, or nil when the times
// are strictly ascending already.
func ascending(times []int64) (sorted []int64, by []uint32) {
	k := 1
	for k < len(times) && times[k] > times[k-1] {
		k++
	}
	if k >= len(times) {
		return times, nil
	}
	by = make([]uint32, len(times))
	for k := range by {
		by[k] = uint32(k)
	}
	slices.SortStableFunc(by, func(a, b uint32) int { return cmp.Compare(times[a], times[b]) })
	sorted = make([]int64, len(times))
	for k, from := range by {
		sorted[k] = times[from]
	}
	return sorted, by
}

// reportOrder reports the rows of a column that stand too late, and those with a time that an earlier row has.
func (s *source) reportOrder(c *column, sorted []int64, by []uint32) {
	for k := 1; k < len(c.times); k++ {
		if c.times[k] < c.times[k-1] {
			s.audit.Unsorted.add(Finding{Line: s.lines.of(c.row(k)), Asset: s.assetOf(c),
				Reason: fmt.Sprintf("%s comes after %s", Time{s.kind, c.times[k]}, Time{s.kind, c.times[k-1]})})
		}
	}
	for k := 1; k < len(sorted); k++ {
		if sorted[k] == sorted[k-1] {
			s.audit.Duplicates.add(Finding{Line: s.lines.of(c.row(int(by[k]))), Asset: s.assetOf(c),
				Reason: fmt.Sprintf("%s stands in line %d already", Time{s.kind, sorted[k]}, s.lines.of(c.row(int(by[k-1]))))})
		}
	}
}

// reorder gives the column its times in ascending order.
func (c *column) reorder(sorted []int64, by []uint32) {
	values, order := make([]float64, len(by)), make([]uint32, len(by))
	for k, from := range by {
		values[k], order[k] = c.values[from], uint32(c.row(int(from)))
	}
	c.times, c.values, c.order = sorted, values, order
}

// trim cuts off the rows before the first and after the last value, which must be finite.
func (c *column) trim() {
	from, to := nextFinite(c.values, 0), lastFinite(c.values, len(c.values)-1)+1
	if from >= to {
		c.times, c.values, c.order = nil, nil, nil
		return
	}
	c.times, c.values = c.times[from:to:to], c.values[from:to:to]
	c.first += from
	if c.order != nil {
		c.order = c.order[from:to]
	}
}

// assetOf names the asset in a finding about a row; the row of a wide file belongs to all.
func (s *source) assetOf(c *column) string {
	if !s.long {
		return ""
	}
	return c.name
}
