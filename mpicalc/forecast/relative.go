package forecast

import "math"

// relativeError is the error of a positive forecast f of a positive value y as a ratio: the share of f by which y is above it, or
// the logarithm of y/f when y is below. So it is unbounded on both sides, and what lies a few sizes of an error above a forecast is
// still of its magnitude, which on logarithms it would not be.
func relativeError(y, f float64) float64 {
	if y >= f {
		return y/f - 1
	}
	return math.Log(y / f)
}

// afterRelativeError is the value whose relative error from the positive forecast f is u.
func afterRelativeError(f, u float64) float64 {
	if u >= 0 {
		return f + f*u
	}
	return f * math.Exp(u)
}

// comparison compares how well relative errors and absolute ones describe a series.
type comparison struct{ relative, absolute, slope, n float64 }

// add adds the error of the forecast f of y, both positive, and returns the relative error.
func (c *comparison) add(y, f float64) float64 {
	u := relativeError(y, f)
	c.relative += math.Abs(u)
	c.absolute += math.Abs(y - f)
	c.slope += math.Log(min(f, y))
	c.n++
	return u
}

// preferRelative reports whether the likelihood of the relative errors is larger when either are taken for a sample of a Laplace
// distribution,
//
//	ln Σ|u|/n + Σ ln(dy/du)/n < ln Σ|y-f|/n - clearlyBetter
//
// with dy/du = f above the forecast and y below, as Box and Cox choose a transformation (1964, Journal of the Royal Statistical
// Society B 26, 211-252). Errors that are rounding, for a series that changes by step on average, tell nothing.
func (c *comparison) preferRelative(step float64) bool {
	return c.absolute > noError*step*c.n && math.Log(c.relative/c.n)+c.slope/c.n < math.Log(c.absolute/c.n)-clearlyBetter
}

// clearlyBetter is the least difference of two log-likelihoods of an error that is no rounding: where all forecasts are the same,
// there is none.
const clearlyBetter = 0.01

// mostAbove is how far above a forecast an error of e may be at another level: as in toPresent, no further than e or the range of the
// series.
func (p *problem) mostAbove(e float64) float64 { return max(e, p.hi[0]-p.lo[0]) }

// relativeErrors writes the relative errors at the rolling origins into dst and reports whether they describe p better than absolute
// ones.
func (p *problem) relativeErrors(dst *Errors, out paths) bool {
	if !p.positive() {
		return false
	}
	dst.resize(p.extra-p.rolling, p.steps)
	var c comparison
	for o := range dst.Origins {
		row, n := dst.Row(o), p.known[p.rolling+o]
		for k, f := range out.row(p.rolling + o) {
			y := p.values[n+k]
			row[k] = min(c.add(y, f), p.mostAbove(y-f)/out.row(0)[k])
		}
	}
	return c.preferRelative(p.meanStep())
}
