package series

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// column is one asset as a file has it: a time and a value for each row, in file order until [source.sortRows].
type column struct {
	name   string
	times  []int64   // shared between columns with equal times, so never changed in place
	values []float64 // NaN is a missing value
	first  int       // the row number of times[0]
	order  []uint32  // the row numbers; nil when the rows follow each other from first
	rows   []int64   // all times, with those of rows without a value, once these were dropped; nil when there were none
	lost   []uint32  // for each entry, how many such rows are right before it; nil when there were none
	base   int       // how many entries there are in front that are not from the file: see [Onto]
}

// source is the content of a file: its columns, and the lines of their rows.
type source struct {
	kind      Kind
	zone      *time.Location // of instants
	zoneFound bool           // the zone was found from the offsets
	long      bool
	ahead     bool // rows after the last value of an asset have future values of other columns
	rows      int64
	columns   []column
	lines     lines
	audit     *Audit
	unit      string // of the lines
	jumps     []int  // scratch memory of auditValues
}

// time is a time of the file, to be written in a finding.
func (s *source) time(n int64) Time { return Time{s.kind, n, s.zone} }

// row is the row number of entry k, or noRow for one that is not from the file.
func (c *column) row(k int) int {
	switch k -= c.base; {
	case k < 0:
		return noRow
	case c.order == nil:
		return c.first + k
	case c.order[k] == math.MaxUint32:
		return noRow
	}
	return int(c.order[k])
}

// sortRows sorts the rows of each column by time, and reports rows out of order.
func (s *source) sortRows() {
	var read, sorted []int64
	var from []uint32
	for i := range s.columns {
		c := &s.columns[i]
		if i == 0 || !sameSlice(c.times, read) {
			read = c.times
			sorted, from = ascending(read)
		}
		if from == nil {
			continue
		}
		if s.long || i == 0 {
			s.reportOrder(c)
		}
		c.reorder(sorted, from)
	}
}

// ascending sorts times, and keeps the order of equal ones. It returns the old position of each, or nil when the times were
// strictly ascending.
func ascending(times []int64) (sorted []int64, from []uint32) {
	k := 1
	for k < len(times) && times[k] > times[k-1] {
		k++
	}
	if k >= len(times) {
		return times, nil
	}
	from = make([]uint32, len(times))
	for k := range from {
		from[k] = uint32(k)
	}
	slices.SortStableFunc(from, func(a, b uint32) int { return cmp.Compare(times[a], times[b]) })
	sorted = make([]int64, len(times))
	for k, old := range from {
		sorted[k] = times[old]
	}
	return sorted, from
}

// reportOrder reports the rows of a column that are earlier than the row before.
func (s *source) reportOrder(c *column) {
	for k := 1; k < len(c.times); k++ {
		if c.times[k] < c.times[k-1] {
			s.audit.Unsorted.add(Finding{Line: s.lines.of(c.row(k)), Asset: s.assetOf(c),
				Reason: fmt.Sprintf("%s comes after %s", s.time(c.times[k]), s.time(c.times[k-1]))})
		}
	}
}

// reorder brings the column into the order of its sorted times.
func (c *column) reorder(sorted []int64, from []uint32) {
	values, order := make([]float64, len(from)), make([]uint32, len(from))
	for k, old := range from {
		values[k], order[k] = c.values[old], uint32(c.row(int(old)))
	}
	c.times, c.values, c.order = sorted, values, order
}

// trim cuts off the rows before the first finite value and after the last.
func (c *column) trim() {
	from, to := nextFinite(c.values, 0), lastFinite(c.values, len(c.values)-1)+1
	if from >= to {
		c.times, c.values, c.order = nil, nil, nil
		return
	}
	c.times, c.values = c.times[from:to:to], c.values[from:to:to]
	c.first += from
	if c.order != nil {
		c.order = c.order[from : to-c.base] // entries that are not from the file have values
	}
}

// assetOf is the asset to name in a finding about a row: none in a wide file, whose rows belong to all assets.
func (s *source) assetOf(c *column) string {
	if !s.long {
		return ""
	}
	return c.name
}
