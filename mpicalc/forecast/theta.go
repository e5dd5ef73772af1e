package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"foliocast/mpicalc/forecast/inorder"
)

// simpleSmoothing fits simple exponential smoothing, l(t) = l(t-1) + α·e(t) with e(t) = x(t) - l(t-1), to x and returns the last
// level and α. The errors follow from each other and are linear in the first of them:
//
//	e(t) = x(t) - x(t-1) + (1-α)·e(t-1) = u(t) + (1-α)^(t-1)·e(1),  u(1) = 0
//
// So for each α the e(1) that minimises their squares, and with it the first level, is known in closed form, and only α is
// searched. Source: Brown 1959; Hyndman, Koehler, Ord and Snyder 2008, Forecasting with Exponential Smoothing.
func (e *Engine) simpleSmoothing(x []float64, s *smoothing) (level, alpha float64) {
	defer e.mem.release(e.mem.mark())
	n, steps, u, fading := len(x), e.steps(x), e.newLanes(len(x)), e.mem.floats(len(x))
	best := math.Inf(1)
	searchAlpha(s, 0.01, 0.99, func(alphas [4]float64) {
		keep := rests(alphas)
		u.first(steps, &keep)
		for i, u := range u {
			p := powers(fading, keep[i])
			pu, pp := inorder.Dot(p, u[:len(p)]), inorder.Dot(p, p)
			sse := inorder.Dot(u, u) - pu*pu/pp
			if sse >= best {
				continue
			}
			last := u[n-1]
			if len(p) == n {
				last -= pu / pp * p[n-1]
			}
			best, alpha, level = sse, alphas[i], x[n-1]-keep[i]*last
		}
	}, &alpha)
	s.alpha, s.estimated = alpha, !math.IsInf(best, 1)
	return level, alpha
}

// steps returns x(t) - x(t-1), and 0 at t = 0.
func (e *Engine) steps(x []float64) []float64 {
	steps := e.mem.floats(len(x))
	steps[0] = 0
	floats.SubTo(steps[1:], x[1:], x[:len(x)-1])
	return steps
}

// rests returns 1-α of each α.
func rests(alphas [4]float64) (keep [4]float64) {
	for i, a := range alphas {
		keep[i] = 1 - a
	}
	return keep
}

// searchAlpha calls try with four values at a time: with a grid over [lo, hi], or around s.alpha when that is known, and then ever
// closer to the best value so far, which try keeps in *best. With s.fixed it calls try for s.alpha alone.
func searchAlpha(s *smoothing, lo, hi float64, try func([4]float64), best *float64) {
	*best = s.alpha
	step := 0.09
	switch {
	case s.fixed:
		try([4]float64{s.alpha, s.alpha, s.alpha, s.alpha})
		return
	case !s.estimated:
		step = (hi - lo) / 7
		try([4]float64{lo, lo + step, lo + 2*step, lo + 3*step})
		try([4]float64{lo + 4*step, lo + 5*step, lo + 6*step, hi})
	}
	for range 2 {
		near := [4]float64{*best - step*2/3, *best - step/3, *best + step/3, *best + step*2/3}
		for i, a := range near {
			near[i] = min(max(a, lo), hi)
		}
		try(near)
		step /= 3
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
	level, alpha := e.simpleSmoothing(x, s)
	if !s.estimated {
		return // the squares of the values overflow
	}
	_, slope := e.leastSquaresLine(x)
	lead := (1 - math.Pow(1-alpha, float64(len(x)))) / alpha
	for k := range row {
		row[k] = level + slope/2*(float64(k)+lead)
	}
}

// leastSquaresLine returns intercept and slope of the least-squares line of x over 0..n-1.
func (e *Engine) leastSquaresLine(x []float64) (a, b float64) {
	n := float64(len(x))
	sum, b := inorder.SumDot(e.lines.weights(len(x)), x)
	return sum/n - b*(n-1)/2, b
}
