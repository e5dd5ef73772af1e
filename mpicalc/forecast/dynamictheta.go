package forecast

import "math"

// dynamicTheta is the dynamic optimised theta model:
//
//	μ(t) = l(t-1) + w·d(t),  d(t) = (1-α)^(t-1)·A(t-1) + (1 - (1-α)^t)/α·B(t-1)
//	l(t) = α·x(t) + (1-α)·l(t-1)
//
// A(t) and B(t) are intercept and slope of the least-squares line through x(1..t), updated with each observation, and
// w = 1 - 1/θ lies in [0, 1]. Given α the errors are linear in l(0) and w, so both come from a two by two least-squares
// system and only α is searched. The forecast continues the recursion with its own means in place of observations.
// Source: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler 2016, International Journal of Forecasting 32,
// 1151-1161. It needs four points.
func dynamicTheta(e *Engine, x, row []float64, s *smoothing) {
	if len(x) < 4 {
		return
	}
	defer e.mem.release(e.mem.mark())
	lines := growingLines{a: e.mem.floats(len(x) + 1), b: e.mem.floats(len(x) + 1)}
	line := lines.fit(x)
	best, alpha, level, w := math.Inf(1), 0.0, 0.0, 0.0
	searchAlpha(s, 0.1, 0.98, func(a float64) {
		if sse, _, share, last := lines.thetaErrors(x, a); sse < best {
			best, alpha, level, w = sse, a, last, share
		}
	}, &alpha)
	s.alpha, s.estimated = alpha, true
	decay := math.Pow(1-alpha, float64(len(x)))
	for k := range row {
		mu := level + w*(decay*line.a+(1-decay*(1-alpha))/alpha*line.b)
		row[k] = mu
		level += alpha * (mu - level)
		decay *= 1 - alpha
		line.add(mu)
	}
}

// runningLine is the least-squares line through the values added so far, a + b·t, t = 1..n.
type runningLine struct {
	n, sum, moment float64 // Σ 1, Σ x(t), Σ t·x(t)
	a, b           float64
}

func (r *runningLine) add(v float64) {
	r.n++
	n := r.n
	r.sum += v
	r.moment += n * v
	if n > 1 {
		r.b = (12*r.moment - 6*(n+1)*r.sum) / (n * (n*n - 1))
	}
	r.a = r.sum/n - (n+1)/2*r.b
}

// growingLines holds the lines through x(1..t), t = 0..n.
type growingLines struct{ a, b []float64 }

// fit fills g and returns the last line, that through all of x.
func (g growingLines) fit(x []float64) (r runningLine) {
	g.a[0], g.b[0] = 0, 0
	for i, v := range x {
		r.add(v)
		g.a[i+1], g.b[i+1] = r.a, r.b
	}
	return r
}

// thetaErrors returns the least sum of squared one-step errors for α, the l(0) and w in [0, 1] that give it, and l(n).
// The first errors, of lines through fewer than two points, are left out.
func (g growingLines) thetaErrors(x []float64, alpha float64) (sse, first, w, last float64) {
	base, decay, inverse := 0.0, 1.0, 1/alpha
	var pp, dd, pd, pu, du, uu float64
	skip := min(2, len(x)-3)
	for i, v := range x {
		u := v - base
		if i >= skip {
			d := decay*g.a[i] + (1-decay*(1-alpha))*inverse*g.b[i]
			pp += decay * decay
			dd += d * d
			pd += decay * d
			pu += decay * u
			du += d * u
			uu += u * u
		}
		base += alpha * u
		decay *= 1 - alpha
	}
	first, w, ok := solve2(pp, pd, dd, pu, du)
	if !ok || w < 0 || w > 1 {
		w = min(max(w, 0), 1)
		first = (pu - w*pd) / max(pp, 1e-300)
	}
	sse = uu - 2*first*pu - 2*w*du + first*first*pp + w*w*dd + 2*first*w*pd
	return sse, first, w, base + decay*first
}

// solve2 solves [a b; b c]·(x, y) = (p, q). It reports false, with zeros, when the matrix is singular to rounding.
func solve2(a, b, c, p, q float64) (x, y float64, ok bool) {
	det := a*c - b*b
	if !(math.Abs(det) > 1e-12*a*c) {
		return 0, 0, false
	}
	return (c*p - b*q) / det, (a*q - b*p) / det, true
}
