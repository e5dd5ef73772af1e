package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// normalise brings y to numbers with which every model can work:
//
//	normalised = y·2^-exponent - offset
//
// The power of two is that which brings y near 1 when the squares of its values would overflow or underflow. The offset is a
// value of y that is large compared with the range of y, such as 1e12 for a counter: squares of such values have lost the
// digits in which they differ, and on logarithms the series is practically as it is in levels. Subtracting it is exact.
// Without need for either, y itself is returned. Result.restore undoes it.
func (e *Engine) normalise(y []float64) (normalised []float64, u units) {
	lo, hi := floats.Min(y), floats.Max(y)
	u.least = lo
	size := max(hi, -lo)
	if size != 0 && (size <= 1e-60 || size >= 1e60) {
		_, u.exponent = math.Frexp(size)
		size = math.Ldexp(size, -u.exponent)
		lo, hi = math.Ldexp(lo, -u.exponent), math.Ldexp(hi, -u.exponent)
	}
	if hi-lo < smallRange*size && lo != hi { // every model can work with a constant
		u.offset = lo
	}
	if u.exponent == 0 && u.offset == 0 {
		return y, u
	}
	normalised = e.mem.floats(len(y))
	for i, v := range y {
		normalised[i] = math.Ldexp(v, -u.exponent) - u.offset
	}
	return normalised, u
}

// units say how a series was normalised.
type units struct {
	exponent int
	offset   float64
	least    float64 // the smallest value before
}

// smallRange is the range of a series, divided by its size, below which it is centred. With it, logarithms bend the series
// by no more than half a millionth of its range.
const smallRange = 1e-6

// floorOf is the least forecast of a series that was never negative, given its smallest value, a fifth of that: what was
// always positive stays positive, and counts stay counts. Other series have none, -Inf.
func floorOf(least float64) float64 {
	if least >= 0 {
		return least / 5
	}
	return math.Inf(-1)
}

// restore brings an answer back to the units of the series. A value that overflows becomes the largest finite number of its
// sign, and one that underflows the floor. Errors are differences, and have no offset.
func (r *Result) restore(u units) {
	if u.exponent == 0 && u.offset == 0 {
		return
	}
	floor := floorOf(u.least)
	for i, v := range r.Errors.Data {
		if !math.IsNaN(v) {
			r.Errors.Data[i] = clampFinite(math.Ldexp(v, u.exponent), 0)
		}
	}
	for k, v := range r.Mean {
		r.Mean[k] = u.level(v, floor)
	}
	for _, q := range r.Quantiles {
		for k, v := range q {
			q[k] = u.level(v, floor)
		}
	}
	for i := range r.Lo {
		u.interval(r.Lo[i], r.Hi[i], r.Mean, floor)
	}
}

// interval brings an interval around mean back, of which mean already is. One that is too narrow for the distance of two
// floating-point numbers at that level is as wide as they allow: only a constant has none.
func (u units) interval(lo, hi, mean []float64, floor float64) {
	for k, m := range mean {
		wide := lo[k] < hi[k]
		lo[k], hi[k] = u.level(lo[k], floor), u.level(hi[k], floor)
		if wide {
			lo[k] = max(min(lo[k], math.Nextafter(m, -math.MaxFloat64)), floor)
			hi[k] = max(hi[k], math.Nextafter(m, math.MaxFloat64))
		}
	}
}

// level brings a value back, which is at least floor.
func (u units) level(v, floor float64) float64 {
	return max(clampFinite(math.Ldexp(v+u.offset, u.exponent), 0), floor)
}
