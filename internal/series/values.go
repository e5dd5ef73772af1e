package series

import (
	"fmt"
	"math"
)

// auditValues reports missing and non-finite values, which both become NaN, values of zero or less, and jumps that look
// like splits. The column must be in order of time.
func (s *source) auditValues(c *column) {
	previous := math.NaN()
	jumps := s.jumps[:0]
	values := c.values
	if s.ahead {
		values = values[:lastFinite(values, len(values)-1)+1]
	}
	for k, v := range values {
		if notFinite(v) {
			s.reportMissing(c, k)
			continue
		}
		if v <= 0 {
			if c.row(k) != noRow {
				s.reportNonPositive(c, k)
			}
		} else if isJump(previous, v) {
			jumps = append(jumps, k)
		}
		previous = v
	}
	for _, k := range splits(c.values, jumps) {
		if c.row(k) == noRow {
			continue
		}
		s.audit.Splits.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: splitAt(c.values, k, s.time(c.times[k])).String()})
	}
	s.jumps = jumps
}

// reportMissing reports the missing or infinite value at entry k.
func (s *source) reportMissing(c *column, k int) {
	v := c.values[k]
	if math.IsNaN(v) {
		s.audit.Missing.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: "no value"})
		return
	}
	s.audit.NonFinite.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: fmt.Sprintf("the value is %v", v)})
	c.values[k] = math.NaN()
}

// reportNonPositive reports the value of zero or less at entry k. Files can have many, so the text is made only if listed.
func (s *source) reportNonPositive(c *column, k int) {
	if s.audit.NonPositive.full() {
		s.audit.NonPositive.Count++
		return
	}
	s.audit.NonPositive.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: fmt.Sprintf("the value is %v", c.values[k])})
}

// lastFinite is the last position up to k with a finite value, or -1.
func lastFinite(y []float64, k int) int {
	for k >= 0 && notFinite(y[k]) {
		k--
	}
	return k
}

// nextFinite is the first position from k on with a finite value, or len(y).
func nextFinite(y []float64, k int) int {
	for k < len(y) && notFinite(y[k]) {
		k++
	}
	return k
}
