package forecast

import (
	"math"

	"foliocast/mpicalc/forecast/inorder"
)

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
	d := e.newThetaFits(x)
	best, alpha := thetaFit{sse: math.Inf(1)}, 0.0
	searchAlpha(s, 0.1, 0.98, func(alphas [4]float64) {
		for i, f := range d.fit(alphas) {
			if f.sse < best.sse {
				best, alpha = f, alphas[i]
			}
		}
	}, &alpha)
	s.alpha, s.estimated = alpha, !math.IsInf(best.sse, 1)
	if !s.estimated {
		return // the squares of the values overflow
	}
	level, w, line := best.level, best.w, d.line
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

// thetaFits fits dynamic optimised theta models to one series. The first errors, of lines through fewer than two points, are left
// out: sums begin at t = s, the third value.
type thetaFits struct {
	x         []float64 // from s on, as all that follows
	a, b      []float64 // A(t-1), B(t-1)
	steps     []float64
	start     int         // s-1
	line      runningLine // through all values
	u         lanes
	fading, d []float64
}

// thetaFit is the least sum of squared one-step errors for one α, the l(s-1) and w in [0, 1] that give it, and l(n).
type thetaFit struct{ sse, first, w, level float64 }

func (e *Engine) newThetaFits(x []float64) thetaFits {
	f := thetaFits{start: min(2, len(x)-3)}
	for _, v := range x[:f.start] {
		f.line.add(v)
	}
	f.x = x[f.start:]
	n := len(f.x)
	f.a, f.b, f.fading, f.d = e.mem.floats(n), e.mem.floats(n), e.mem.floats(n), e.mem.floats(n)
	f.steps, f.u = e.steps(f.x), e.newLanes(n)
	for t, v := range f.x {
		f.a[t], f.b[t] = f.line.a, f.line.b
		f.line.add(v)
	}
	return f
}

// fit fits the model for each α. The errors are
//
//	x(t) - μ(t) = u(t) - (1-α)^(t-s)·(l(s-1) - x(s)) - w·d(t),  u(t) = x(t) - x(t-1) + (1-α)·u(t-1),  u(s) = 0
//
// Where the power is negligible, d(t) = B(t-1)/α.
func (f *thetaFits) fit(alphas [4]float64) (fits [4]thetaFit) {
	keep := rests(alphas)
	f.u.first(f.steps, &keep)
	n := len(f.x)
	for i, alpha := range alphas {
		u, p := f.u[i], powers(f.fading, keep[i])
		m := len(p)
		d, early := f.d[:m], math.Pow(keep[i], float64(f.start))
		for t, p := range p {
			decay := early * p
			d[t] = decay*f.a[t] + (1-decay*keep[i])/alpha*f.b[t]
		}
		pp, pd, pu := inorder.Dot(p, p), inorder.Dot(p, d), inorder.Dot(p, u[:m])
		dd := inorder.Dot(d, d) + inorder.Dot(f.b[m:], f.b[m:])/(alpha*alpha)
		du := inorder.Dot(d, u[:m]) + inorder.Dot(f.b[m:], u[m:])/alpha
		first, w, ok := solve2(pp, pd, dd, pu, du)
		if !ok || w < 0 || w > 1 {
			w = min(max(w, 0), 1)
			first = (pu - w*pd) / max(pp, 1e-300)
		}
		sse := inorder.Dot(u, u) - 2*first*pu - 2*w*du + first*first*pp + w*w*dd + 2*first*w*pd
		last := u[n-1]
		if m == n {
			last -= first * p[n-1]
		}
		fits[i] = thetaFit{sse, f.x[0] + first, w, f.x[n-1] - keep[i]*last}
	}
	return fits
}

// solve2 solves [a b; b c]·(x, y) = (p, q). It reports false, with zeros, when the matrix is singular to rounding.
func solve2(a, b, c, p, q float64) (x, y float64, ok bool) {
	det := a*c - b*b
	if !(math.Abs(det) > 1e-12*a*c) {
		return 0, 0, false
	}
	return (c*p - b*q) / det, (a*q - b*p) / det, true
}
