package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"foliocast/mpicalc/forecast/inorder"
)

// damped is exponential smoothing with a damped trend:
//
//	x̂(t) = l(t-1) + φ·b(t-1),  e(t) = x(t) - x̂(t)
//	l(t) = x̂(t) + α·e(t),  b(t) = φ·b(t-1) + α·β·e(t),  x̂(n+k) = l(n) + (φ + … + φ^k)·b(n)
//
// Given (α, β, φ) the errors are linear in the first two of them, which come from a two by two least-squares system; the three
// are searched on a grid and then around its best point. Source: Gardner and McKenzie 1985, Management Science 31,
// 1237-1246; parametrisation of Hyndman, Koehler, Ord and Snyder 2008. It needs five points.
func damped(e *Engine, x, row []float64, s *smoothing) {
	if len(x) < 5 {
		return
	}
	defer e.mem.release(e.mem.mark())
	start := dampedSet{s.alpha, s.beta, s.phi}
	d := e.newDampedSearch(x)
	d.best.dampedSet = start
	step := 0.1
	if s.estimated {
		d.try(start)
		step = 0.03
	} else {
		for _, phi := range []float64{0.85, 0.96} {
			for _, alpha := range []float64{0.1, 0.3, 0.55, 0.85} {
				for _, beta := range []float64{0.05, 0.2} {
					d.try(dampedSet{alpha, beta, phi})
				}
			}
		}
		d.flush()
	}
	for ; step > 0.02 && !s.fixed; step /= 2 {
		at := d.best.dampedSet
		for _, by := range []float64{-step, step} {
			d.try(dampedSet{at.alpha + by, at.beta, at.phi})
			d.try(dampedSet{at.alpha, at.beta + by, at.phi})
			d.try(dampedSet{at.alpha, at.beta, at.phi + by/2})
		}
		d.flush()
	}
	d.flush()
	best := &d.best
	s.alpha, s.beta, s.phi, s.estimated = best.alpha, best.beta, best.phi, !math.IsInf(best.sse, 1)
	if !s.estimated {
		return
	}
	level, slope := best.next, best.slope
	for k := range row {
		row[k] = level
		level += slope
		slope *= best.phi
	}
}

// dampedSet is a set of parameters.
type dampedSet struct{ alpha, beta, phi float64 }

// dampedFit is a damped trend with its least sum of squared errors, and what it says of the two values that follow.
type dampedFit struct {
	dampedSet
	sse, next, slope float64 // x̂(n+1) and x̂(n+2) - x̂(n+1)
}

// dampedSearch tries sets of parameters on one series, four at a time.
type dampedSearch struct {
	x, steps []float64
	best     dampedFit
	waiting  [4]dampedSet
	count    int   // of those waiting
	v, u, q  lanes // see fit
	none     []float64
}

func (e *Engine) newDampedSearch(x []float64) dampedSearch {
	n := len(x)
	d := dampedSearch{x: x, steps: e.steps(x), v: e.newLanes(n), u: e.newLanes(n), q: e.newLanes(n), none: e.mem.floats(n)}
	clear(d.none)
	d.best.sse = math.Inf(1)
	return d
}

// try has a set tried, at the latest by the next flush, and kept when it is the best. It ignores a set outside the bounds.
func (d *dampedSearch) try(s dampedSet) {
	if s.alpha < 0.001 || s.alpha > 0.999 || s.beta < 0.0005 || s.beta > 0.999 || s.phi < 0.78 || s.phi > 0.985 {
		return
	}
	d.waiting[d.count] = s
	if d.count++; d.count == len(d.waiting) {
		d.flush()
	}
}

// flush tries the sets that wait.
func (d *dampedSearch) flush() {
	if d.count == 0 {
		return
	}
	for i := d.count; i < len(d.waiting); i++ {
		d.waiting[i] = d.waiting[0]
	}
	d.count = 0
	for _, f := range d.fit(&d.waiting) {
		if f.sse < d.best.sse {
			d.best = f
		}
	}
}

// fit fits four sets of parameters. Without the states, the errors follow from the values and each other:
//
//	e(t) = v(t) + c·e(t-1) - g·e(t-2),  v(t) = Δ(t) - φ·Δ(t-1),  Δ(t) = x(t) - x(t-1),  c = 1 + φ - α - α·β·φ,  g = φ·(1-α)
//
// So e(t) = u(t) + e(1)·p(t) + e(2)·q(t): u begins with two zeros, and p and q follow the recursion without v from 1, 0 and
// from 0, 1. Since p(t) = -g·q(t-1) from t = 2 on, only q is computed, until it is negligible.
func (d *dampedSearch) fit(sets *[4]dampedSet) (fits [4]dampedFit) {
	n := len(d.x)
	var c, g [4]float64
	v := d.v
	for i, s := range sets {
		c[i], g[i] = 1+s.phi-s.alpha-s.alpha*s.beta*s.phi, s.phi*(1-s.alpha)
		d.u[i][0], d.u[i][1], d.q[i][0], d.q[i][1] = 0, 0, 0, 1
		if i > 0 && s.phi == sets[i-1].phi {
			v[i] = v[i-1]
		} else {
			floats.AddScaledTo(v[i][2:], d.steps[2:], -s.phi, d.steps[1:n-1])
		}
	}
	d.u.second(&v, &c, &g, 2, n)
	m := d.follow(&c, &g)
	for i, s := range sets {
		u, q, g := d.u[i], d.q[i][:m], g[i]
		qq, qu, pu := inorder.Dot(q, q), inorder.Dot(q, u[:m]), -g*inorder.Dot(q[:m-1], u[1:m])
		pp, pq := 1+g*g*(qq-q[m-1]*q[m-1]), -g*inorder.Dot(q[:m-1], q[1:])
		fits[i].sse = math.Inf(1)
		first, second, ok := solve2(pp, pq, qq, -pu, -qu)
		if !ok {
			continue
		}
		before, last := u[n-2], u[n-1]
		if m == n {
			before += second*q[n-2] - first*g*q[n-3]
			last += second*q[n-1] - first*g*q[n-2]
		}
		step := s.phi*d.steps[n-1] - c[i]*last + g*before
		fits[i] = dampedFit{s, inorder.Dot(u, u) + first*pu + second*qu, d.x[n-1] + step, s.phi*step + g*last}
	}
	return fits
}

// follow computes q until it is negligible in all lanes, and returns how many values that are.
func (d *dampedSearch) follow(c, g *[4]float64) int {
	const block = 16
	n, to := len(d.x), 2
	none := lanes{d.none, d.none, d.none, d.none}
	for most := 1.0; to < n && most > negligible; {
		from := to
		to = min(from+block, n)
		d.q.second(&none, c, g, from, to)
		most = 0
		for _, q := range d.q {
			most = max(most, math.Abs(q[to-1]), math.Abs(q[to-2]))
		}
	}
	return to
}
