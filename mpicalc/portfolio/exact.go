package portfolio

import "math"

// exact is a sum of floating-point numbers without rounding, so that the order of the terms does not matter. Its parts are
// numbers that do not overlap, in ascending order (Shewchuk 1997, Discrete & Computational Geometry 18, 305-363). The zero
// value is 0.
type exact struct {
	parts   []float64
	special float64 // the sum of the terms that are not finite, and of sums beyond the range of numbers
}

// add adds a term.
func (e *exact) add(x float64) {
	if x-x != 0 {
		e.special += x
		return
	}
	kept := e.parts[:0]
	for _, y := range e.parts {
		if math.Abs(x) < math.Abs(y) {
			x, y = y, x
		}
		high := x + y
		if low := y - (high - x); low != 0 {
			kept = append(kept, low)
		}
		x = high
	}
	if x-x != 0 {
		e.special += x
		kept, x = kept[:0], 0
	}
	e.parts = append(kept, x)
}

// value is the number nearest to the sum.
func (e *exact) value() float64 {
	if e.special != 0 { // also when it is NaN
		return e.special
	}
	n := len(e.parts)
	if n == 0 {
		return 0
	}
	n--
	high, low := e.parts[n], 0.0
	for n > 0 && low == 0 {
		n--
		x, y := high, e.parts[n]
		high = x + y
		low = y - (high - x)
	}
	// Half of a unit in the last place is rounded by the sign of what follows.
	if n > 0 && (low < 0 && e.parts[n-1] < 0 || low > 0 && e.parts[n-1] > 0) {
		if twice := 2 * low; (high+twice)-high == twice {
			high += twice
		}
	}
	return high
}

// exactRow is one sum for each step.
type exactRow []exact

// values are the numbers nearest to the sums, with the largest finite numbers in place of infinities.
func (r exactRow) values() []float64 {
	out := make([]float64, len(r))
	for k := range r {
		out[k] = clamped(r[k].value())
	}
	return out
}
