package forecast

import (
	"math"
	"slices"
)

// auto combines the forecasts of several models by a trimmed mean, see combine, with the weights
//
//	w(i) ∝ (π(i)·r(i)^-s·R(i)^-S)^ρ
//
// r(i) and R(i) are the errors of member i at the latest and at the earlier origins, relative to the others, see compare. The
// prior weight π(i), the exponents and the confidence ρ follow from what is known of such series, see features and priors. Source: Bates and
// Granger 1969, Operational Research Quarterly 20, 451-468; Montero-Manso, Athanasopoulos, Hyndman and Talagala 2020, International Journal
// of Forecasting 36, 86-92, on weights from features.
//
// The rolling-origin errors are cross-fitted: at a rolling origin, the weights come from the errors at those origins alone
// whose horizons share no value with its own. Otherwise members that happened to do well there would have large weights, and
// the errors would be those of a choice made in hindsight (Burman, Chow and Nolan 1994, Biometrika 81, 351-358).
type auto struct{ members []member }

func (a auto) forecast(e *Engine, p *problem, _ bool) fit {
	return e.withCounts(p, e.combined(p, a.members))
}

// combined is the forecast of the pool. It has the rolling origins only where its own errors are needed.
func (e *Engine) combined(p *problem, members []member) fit {
	c := e.newPool(p, members)
	v := e.features(p, 0)
	x := learned.knowledge(&v)
	c.setPriors(p, &x)
	e.screen(c, p, &v)
	ends := p.ends
	if !p.needsErrorsOfPool(e) {
		ends = ends[:1]
	}
	out := e.newPaths(p)
	points := 0
	for o, n := range slices.Backward(ends) {
		if !p.sharesFit(o, points) {
			v, points = e.features(p, o), n
			x := learned.knowledge(&v)
			c.setPriors(p, &x)
		}
		c.weigh(p, &learned, &v, func(other int) bool { return o == 0 || apart(p, o, other) })
		c.combine(out, o)
	}
	c.settle()
	for i := range c.all {
		if m := &c.all[i]; m.Weight > 0 {
			c.members = append(c.members, m.Member)
		}
	}
	c.explain(p, math.SmallestNonzeroFloat64)
	if len(ends) < len(p.ends) {
		p.ends, p.known, p.extra, out.data = ends, p.known[:1], 1, out.row(0)
	}
	return fit{paths: out, members: c.members, dropped: c.dropped, inner: p.innerError(out)}
}

// needsErrorsOfPool reports whether what the pool would have forecast at earlier origins is needed: for intervals, for a
// portfolio's, for the parts, or to compare it with empirical.
func (p *problem) needsErrorsOfPool(e *Engine) bool {
	return p.wantsErrors() || p.asked != nil || p.options.Explain || p.likeCounts(e)
}

// apart reports whether the horizons of two origins share no value.
func apart(p *problem, a, b int) bool {
	from, to := min(p.ends[a], p.ends[b]), max(p.ends[a], p.ends[b])
	first := a
	if p.ends[b] == from {
		first = b
	}
	return from+p.reach(first) <= to
}
