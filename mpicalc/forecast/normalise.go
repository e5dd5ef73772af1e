package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// normalise returns y, or, when the squares of its values would overflow or underflow, y times a power of two that brings it
// near 1: normalised = y·2^-exponent. Result.scale undoes it.
func (e *Engine) normalise(y []float64) (normalised []float64, exponent int) {
	size := max(floats.Max(y), -floats.Min(y))
	if size == 0 || size > 1e-60 && size < 1e60 {
		return y, 0
	}
	_, exponent = math.Frexp(size)
	normalised = e.mem.floats(len(y))
	for i, v := range y {
		normalised[i] = math.Ldexp(v, -exponent)
	}
	return normalised, exponent
}

// scale multiplies an answer by 2^exponent. A value that overflows becomes the largest finite number of its sign.
func (r *Result) scale(exponent int) {
	if exponent == 0 {
		return
	}
	scale(r.Mean, exponent)
	scale(r.Errors.Data, exponent)
	for i := range r.Lo {
		scale(r.Lo[i], exponent)
		scale(r.Hi[i], exponent)
	}
}

func scale(s []float64, exponent int) {
	for i, v := range s {
		s[i] = clampFinite(math.Ldexp(v, exponent), 0)
	}
}
