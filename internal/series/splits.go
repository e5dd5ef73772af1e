package series

import (
	"fmt"
	"math"
)

// Split is a lasting jump of a series by a factor that stock splits have.
type Split struct {
	At       Time    // the first time after it
	From, To float64 // the values right before and after it
}

// String writes the split as in "from 99 to 50, about 1 : 2, at 2024-06-10".
func (s Split) String() string {
	q := s.To / s.From
	ratio := fmt.Sprintf("%v : 1", splitFactor(q))
	if q < 1 {
		ratio = fmt.Sprintf("1 : %v", splitFactor(q))
	}
	return fmt.Sprintf("from %v to %v, about %s, at %s", s.From, s.To, ratio, s.At)
}

// Splits are the jumps of asset i that look like splits, by the rule of the audit, in the order of time. Only values that
// were observed count.
func (t *Table) Splits(i int) []Split {
	times, values := t.assets[i].observed()
	var jumps []int
	before := math.NaN()
	for k, v := range values {
		jump := isJump(before, v)
		before = v
		if jump && v > 0 {
			if jumps = append(jumps, k); tooMany(jumps, values) {
				return nil
			}
		}
	}
	var found []Split
	for _, k := range splits(values, jumps) {
		found = append(found, splitAt(values, k, t.Time(times[k])))
	}
	return found
}

// splitAt is the split before entry k.
func splitAt(values []float64, k int, at Time) Split {
	return Split{At: at, From: values[lastFinite(values, k-1)], To: values[k]}
}

// isJump reports whether a value above zero is so far from the one before that a split may lie between. NaN is no jump.
func isJump(before, v float64) bool {
	return v < 0.75*before || v > 1.4*before
}

// splitFactors are the usual factors of stock splits and, inverted, of reverse splits.
var splitFactors = [...]float64{1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50, 100}

// tooMany reports whether a series with the jumps is not a price.
func tooMany(jumps []int, values []float64) bool { return len(jumps) > 3+len(values)/100 }

// fewForSplits is how many values show no level to jump from.
const fewForSplits = 4

// splits are those of the jumps that look like splits: by about a usual factor, from one steady level to another, and not
// again and again at equal distances, as sales fall each January.
func splits(values []float64, jumps []int) []int {
	if tooMany(jumps, values) || len(values) < fewForSplits {
		return nil
	}
	var found []int
	for _, k := range jumps {
		before := lastFinite(values, k-1)
		if splitFactor(values[k]/values[before]) != 0 &&
			steady(values, lastFinite(values, before-1), before) && steady(values, k, nextFinite(values, k+1)) {
			found = append(found, k)
		}
	}
	if seasonal(values, found) {
		return nil
	}
	return found
}

// seasonal reports whether three or more jumps go the same way at equal distances.
func seasonal(values []float64, jumps []int) bool {
	up := func(k int) bool { return values[k] > values[lastFinite(values, k-1)] }
	for i := 1; i < len(jumps); i++ {
		if jumps[i]-jumps[i-1] != jumps[1]-jumps[0] || up(jumps[i]) != up(jumps[0]) {
			return false
		}
	}
	return len(jumps) > 2
}

// splitFactor is the usual factor nearest to a ratio or its inverse, or 0 if none is near. The price also moves on the day of
// a split, so near means within 7 %; within 3 % for the smallest factor, since prices do fall by a third.
func splitFactor(q float64) float64 {
	if q < 1 {
		q = 1 / q
	}
	nearest, off := 0.0, 0.07
	for _, f := range splitFactors {
		if d := math.Abs(q/f - 1); d < off && (f >= 2 || d < 0.03) {
			nearest, off = f, d
		}
	}
	return nearest
}

// steady reports whether the values at i and j differ by less than a quarter. Beyond the ends of y, they do not differ.
func steady(y []float64, i, j int) bool {
	if i < 0 || j >= len(y) {
		return true
	}
	q := y[j] / y[i]
	return q > 0.8 && q < 1.25
}
