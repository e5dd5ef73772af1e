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

// relativeErrors writes the relative errors at the rolling origins into dst and reports whether they describe the errors of p
// better than absolute ones do: whether their likelihood is larger when either is taken for a sample of a Laplace distribution,
//
//	ln Σ|u|/n + Σ ln(dy/du)/n < ln Σ|y-f|/n - clearlyBetter
//
// with dy/du = f above the forecast and y below, as Box and Cox choose a transformation (1964, Journal of the Royal Statistical
// Society B 26, 211-252). As in toPresent, no error above becomes larger than the range of the series by the present level. A series that is not positive has no relative errors. Few errors do not tell.
func (p *problem) relativeErrors(dst *Errors, out paths) bool {
	origins := p.extra - p.rolling
	if !p.positive() || origins < MinOrigins {
		return false
	}
	dst.resize(origins, p.steps)
	var relative, absolute, slope float64
	for o := range origins {
		row, n := dst.Row(o), p.known[p.rolling+o]
		for k, f := range out.row(p.rolling + o) {
			y := p.values[n+k]
			u := relativeError(y, f)
			row[k] = min(u, max(y-f, p.hi[0]-p.lo[0])/out.row(0)[k])
			relative += math.Abs(u)
			absolute += math.Abs(y - f)
			slope += math.Log(min(f, y))
		}
	}
	n := float64(len(dst.Data))
	return absolute > noError*p.meanStep()*n && math.Log(relative/n)+slope/n < math.Log(absolute/n)-clearlyBetter
}

// clearlyBetter is the least difference of two log-likelihoods of an error that is no rounding: where all forecasts are the same,
// there is none.
const clearlyBetter = 0.01
