package forecast

import "math"

// damped is exponential smoothing with a damped trend:
//
//	x̂(t) = l(t-1) + φ·b(t-1),  u = x(t) - x̂(t)
//	l(t) = x̂(t) + α·u,  b(t) = φ·b(t-1) + α·β·u,  x̂(n+k) = l(n) + (φ + … + φ^k)·b(n)
//
// Given (α, β, φ) the errors are linear in l(0) and b(0), which come from a two by two least-squares system; the three
// are searched on a grid and then around its best point. Source: Gardner and McKenzie 1985, Management Science 31,
// 1237-1246; parametrisation of Hyndman, Koehler, Ord and Snyder 2008. It needs five points.
func damped(_ *Engine, x, row []float64, s *smoothing) {
	if len(x) < 5 {
		return
	}
	best := dampedState{sse: math.Inf(1)}
	step := 0.1
	if s.estimated {
		best.try(x, s.alpha, s.beta, s.phi)
		step = 0.05
	} else {
		for _, phi := range []float64{0.8, 0.9, 0.97} {
			for _, alpha := range []float64{0.05, 0.2, 0.4, 0.65, 0.9} {
				for _, beta := range []float64{0.02, 0.15, 0.5} {
					best.try(x, alpha, beta, phi)
				}
			}
		}
	}
	for ; step > 0.02 && !s.fixed; step /= 2 {
		at := best
		for _, d := range []float64{-step, step} {
			best.try(x, at.alpha+d, at.beta, at.phi)
			best.try(x, at.alpha, at.beta+d, at.phi)
			best.try(x, at.alpha, at.beta, at.phi+d/2)
		}
	}
	s.alpha, s.beta, s.phi, s.estimated = best.alpha, best.beta, best.phi, !math.IsInf(best.sse, 1)
	if !s.estimated {
		return
	}
	level, slope := best.level, best.slope
	for k := range row {
		slope *= best.phi
		level += slope
		row[k] = level
	}
}

// dampedState is the best fit so far.
type dampedState struct {
	sse, alpha, beta, phi float64
	level, slope          float64 // after the last value
}

// try fits one set of parameters and keeps it when it is the best. It ignores a set outside the bounds.
func (d *dampedState) try(x []float64, alpha, beta, phi float64) {
	if alpha < 0.001 || alpha > 0.999 || beta < 0.0005 || beta > 0.999 || phi < 0.78 || phi > 0.985 {
		return
	}
	var l, b float64   // the states from l(0) = b(0) = 0
	pl, pb := 1.0, 0.0 // their change with l(0)
	ql, qb := 0.0, 1.0 // and with b(0)
	var pp, qq, pq, pu, qu, uu float64
	ab := alpha * beta
	for _, v := range x {
		b, pb, qb = phi*b, phi*pb, phi*qb
		u, p, q := v-l-b, pl+pb, ql+qb
		uu += u * u
		pp += p * p
		qq += q * q
		pq += p * q
		pu += p * u
		qu += q * u
		l, b = l+b+alpha*u, b+ab*u
		pl, pb = p-alpha*p, pb-ab*p
		ql, qb = q-alpha*q, qb-ab*q
	}
	l0, b0, ok := solve2(pp, pq, qq, pu, qu)
	if sse := uu - l0*pu - b0*qu; ok && sse < d.sse {
		*d = dampedState{sse, alpha, beta, phi, l + pl*l0 + ql*b0, b + pb*l0 + qb*b0}
	}
}
