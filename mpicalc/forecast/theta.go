package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// simpleSmoothing fits simple exponential smoothing, l(t) = l(t-1) + α·(x(t) - l(t-1)), to x and returns the last
// level and α. For each α the first level that minimises the squared one-step errors is known in closed form, because
// the errors are linear in it: e(t) = u(t) - (1-α)^(t-1)·l(0), with u the errors from a first level of 0. So only α is
// searched. Source: Brown 1959; Hyndman, Koehler, Ord and Snyder 2008, Forecasting with Exponential Smoothing.
func simpleSmoothing(x []float64, s *smoothing) (level, alpha float64) {
	best := math.Inf(1)
	try := func(a float64) {
		base, decay := 0.0, 1.0
		var pp, pu, uu float64
		for _, v := range x {
			u := v - base
			pp += decay * decay
			pu += decay * u
			uu += u * u
			base += a * u
			decay *= 1 - a
		}
		if sse := uu - pu*pu/pp; sse < best {
			best, alpha, level = sse, a, base+decay*pu/pp
		}
	}
	searchAlpha(s, 0.01, 0.99, try, &alpha)
	s.alpha, s.estimated = alpha, true
	return level, alpha
}

// searchAlpha calls try on a grid over [lo, hi], or near s.alpha when that is known, and then ever closer to the best
// value so far, which try keeps in *best. With s.fixed it calls try for s.alpha alone.
func searchAlpha(s *smoothing, lo, hi float64, try func(float64), best *float64) {
	step := (hi - lo) / 12
	if s.estimated {
		try(s.alpha)
		if s.fixed {
			return
		}
	} else {
		for i := range 13 {
			try(lo + step*float64(i))
		}
	}
	for range 4 {
		step /= 2
		at := *best
		if at-step >= lo {
			try(at - step)
		}
		if at+step <= hi {
			try(at + step)
		}
	}
}

// theta is the theta method in its form as simple exponential smoothing with drift:
//
//	x̂(n+k) = l(n) + b/2·(k - 1 + (1 - (1-α)^n)/α)
//
// with b the slope of the least-squares line through x. Source: Assimakopoulos and Nikolopoulos 2000, International
// Journal of Forecasting 16, 521-530; Hyndman and Billah 2003, same journal 19, 287-290. It needs three points.
func theta(e *Engine, x, row []float64, s *smoothing) {
	if len(x) < 3 {
		return
	}
	level, alpha := simpleSmoothing(x, s)
	_, slope := e.leastSquaresLine(x)
	lead := (1 - math.Pow(1-alpha, float64(len(x)))) / alpha
	for k := range row {
		row[k] = level + slope/2*(float64(k)+lead)
	}
}

// leastSquaresLine returns intercept and slope of the least-squares line of x over 0..n-1.
func (e *Engine) leastSquaresLine(x []float64) (a, b float64) {
	n := float64(len(x))
	b = floats.Dot(e.lines.weights(len(x)), x)
	return floats.Sum(x)/n - b*(n-1)/2, b
}
