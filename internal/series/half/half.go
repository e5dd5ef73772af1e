// Package half reads numbers of 16 bits, IEEE 754's binary16, which Arrow and Parquet have and Go does not.
package half

import "math"

// Float64 is the number with the given bits; float64 holds all of them.
func Float64(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var v float64
	switch exponent {
	case 0: // zero, or a subnormal number
		v = math.Ldexp(fraction, -24)
	case 31:
		if v = math.Inf(1); fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 == 1 {
		return -v
	}
	return v
}
