package series

import (
	"fmt"
	"math"
)

// judge looks at the values of a column in order of time: it counts missing and non-finite values, which both become
// NaN, values of zero or less, and jumps that look like splits.
func (s *source) judge(c *column) {
	previous := math.NaN()
	jumps := s.jumps[:0]
	for k, v := range c.values {
		if v-v != 0 { // NaN or infinite
			s.absent(c, k)
			continue
		}
		if v <= 0 {
			s.nonPositive(c, k)
		} else if q := v / previous; q < 0.75 || q > 1.4 {
			jumps = append(jumps, k)
		}
		previous = v
	}
	s.judgeJumps(c, jumps)
	s.jumps = jumps
}

// absent reports the missing or infinite value at entry k.
func (s *source) absent(c *column, k int) {
	v := c.values[k]
	if math.IsNaN(v) {
		s.audit.Missing.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: "no value"})
		return
	}
	s.audit.NonFinite.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: fmt.Sprintf("the value is %v", v)})
	c.values[k] = math.NaN()
}

func (s *source) nonPositive(c *column, k int) {
	if s.audit.NonPositive.full() {
		s.audit.NonPositive.Count++
		return
	}
	s.audit.NonPositive.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name, Reason: fmt.Sprintf("the value is %v", c.values[k])})
}

// splitFactors are the usual factors of stock splits; each stands for its inverse too.
var splitFactors = [...]float64{1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50, 100}

// judgeJumps reports those jumps that look like splits: by a usual factor within 3 %, from one steady level to
// another. A column with many jumps is of another nature, and none of them is reported.
func (s *source) judgeJumps(c *column, jumps []int) {
	if len(jumps) > 3+len(c.values)/100 {
		return
	}
	for _, k := range jumps {
		before := lastFinite(c.values, k-1)
		q := c.values[k] / c.values[before]
		factor := splitFactor(q)
		if factor == 0 || !steady(c.values, lastFinite(c.values, before-1), before) || !steady(c.values, k, nextFinite(c.values, k+1)) {
			continue
		}
		s.audit.Splits.add(Finding{Line: s.lines.of(c.row(k)), Asset: c.name,
			Reason: fmt.Sprintf("from %v to %v, about %s", c.values[before], c.values[k], factorText(q, factor))})
	}
}

// splitFactor is the usual factor near a ratio or its inverse, or 0.
func splitFactor(q float64) float64 {
	if q < 1 {
		q = 1 / q
	}
	for _, f := range splitFactors {
		if math.Abs(q/f-1) < 0.03 {
			return f
		}
	}
	return 0
}

func factorText(q, factor float64) string {
	if q < 1 {
		return fmt.Sprintf("1 : %v", factor)
	}
	return fmt.Sprintf("%v : 1", factor)
}

// steady reports whether the values at i and j are within a quarter of each other; a place outside counts as steady.
func steady(y []float64, i, j int) bool {
	if i < 0 || j >= len(y) {
		return true
	}
	q := y[j] / y[i]
	return q > 0.8 && q < 1.25
}

// lastFinite is the last place up to k that has a value, or -1.
func lastFinite(y []float64, k int) int {
	for k >= 0 && y[k]-y[k] != 0 {
		k--
	}
	return k
}

// nextFinite is the first place from k that has a value, or len(y).
func nextFinite(y []float64, k int) int {
	for k < len(y) && y[k]-y[k] != 0 {
		k++
	}
	return k
}
