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
	for k, v := range c.values {
		if notFinite(v) {
			s.reportMissing(c, k)
			continue
		}
		if v <= 0 {
			s.reportNonPositive(c, k)
		} else if q := v / previous; q < 0.75 || q > 1.4 {
			jumps = append(jumps, k)
		}
		previous = v
	}
	s.reportSplits(c, jumps)
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

// splitFactors are the usual factors of stock splits and, inverted, of reverse splits.
var splitFactors = [...]float64{1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50, 100}

// reportSplits reports those jumps that look like splits: by a usual factor within 3 %, from one steady level to another.
// A column with many jumps is not a price, so it reports none of them.
func (s *source) reportSplits(c *column, jumps []int) {
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
			Reason: fmt.Sprintf("from %v to %v, about %s, at %s", c.values[before], c.values[k], factorText(q, factor), s.time(c.times[k]))})
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

// steady reports whether the values at i and j differ by less than a quarter. Beyond the ends of y, they do not differ.
func steady(y []float64, i, j int) bool {
	if i < 0 || j >= len(y) {
		return true
	}
	q := y[j] / y[i]
	return q > 0.8 && q < 1.25
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
