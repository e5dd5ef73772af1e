package portfolio

import (
	"math"
	"math/big"
)

// exact is a sum of floating-point numbers without rounding, so that the order of the terms does not matter: a fixed-point
// number, which is wide enough for all of its terms (Neal 2015, arXiv:1505.05571, calls it a superaccumulator). Its digits are of 32
// bits in integers of 64, so that 2^31 terms can be added before one overflows; a file has at most 2^30 rows. The zero value is 0.
type exact struct {
	digits  []int64 // of 2^(32·(low+i)) times the smallest positive number, 2^-1074
	low     int32
	some    bool    // a term was added
	special float64 // the sum of the terms that are not finite
}

// firstDigits is how many digits a sum begins with, one of them below the first term: as many as terms of similar size need.
const firstDigits = 6

// add adds a term.
func (e *exact) add(x float64) {
	e.some = true
	bits := math.Float64bits(x)
	exponent := int(bits >> 52 & 0x7FF)
	mantissa := bits & (1<<52 - 1)
	switch {
	case exponent == 0x7FF:
		e.special += x
		return
	case exponent > 0:
		mantissa |= 1 << 52
		exponent-- // those of 0 and 1 have the same unit
	case mantissa == 0:
		return
	}
	at := exponent>>5 - int(e.low)
	if at < 0 || at+3 > len(e.digits) {
		at = e.widen(exponent >> 5)
	}
	shift := exponent & 31
	sign := int64(bits) >> 63 // 0, or -1, with which (x^sign)-sign is -x
	to := e.digits[at : at+3 : at+3]
	to[0] += (int64(mantissa<<shift&(1<<32-1)) ^ sign) - sign
	to[1] += (int64(mantissa<<shift>>32) ^ sign) - sign
	to[2] += (int64(mantissa>>1>>(63-shift)) ^ sign) - sign
}

// widen makes room for a term whose lowest digit is the given one, and returns its place.
func (e *exact) widen(digit int) int {
	from, to := max(digit-1, 0), max(digit-1, 0)+firstDigits
	if len(e.digits) > 0 {
		from, to = min(int(e.low), digit), max(int(e.low)+len(e.digits), digit+3)
	}
	wider := make([]int64, to-from)
	if len(e.digits) > 0 {
		copy(wider[int(e.low)-from:], e.digits)
	}
	e.digits, e.low = wider, int32(from)
	return digit - from
}

// value is the number nearest to the sum.
func (e *exact) value() float64 {
	if e.special != 0 { // also when it is NaN
		return e.special
	}
	var whole, digit big.Int
	for i := len(e.digits) - 1; i >= 0; i-- {
		whole.Lsh(&whole, 32)
		whole.Add(&whole, digit.SetInt64(e.digits[i]))
	}
	sum := new(big.Float).SetInt(&whole)
	nearest, _ := sum.SetMantExp(sum, 32*int(e.low)-1074).Float64()
	return nearest
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
