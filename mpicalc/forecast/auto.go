package forecast

import "math"

// auto combines the forecasts of several models:
//
//	ŷ(n+k) = Σ w(i)·ŷ(i, n+k),  w(i) ∝ 1 / (E(i) + Ē/10)^s
//
// E(i) is the mean error of member i at the inner origins: the symmetric percentage error |y-ŷ| / (|y|+|ŷ|), or the absolute
// error where not all values are positive. Ē is the mean over the members. The more errors the weights come from, the
// sharper they are: s grows from 1 to 3 with the number of errors. A member with more than six times the smallest error gets
// no weight. Source: Bates and Granger 1969, Operational Research Quarterly 20, 451-468; Pawlikowski and Chorowska 2020,
// International Journal of Forecasting 36, 93-97.
//
// A series that passes for a random walk, in levels and in logarithms, is left to naive alone, unless it has a strong long
// season: that changes too little from step to step for the test to see it. A series without a season is left to naive as
// well when the combination does no better at the inner origins. The rolling-origin errors are cross-fitted, see crossFit.
type auto struct{}

func (auto) forecast(e *Engine, p *problem, _ bool) fit { return e.withCounts(p, e.combined(p)) }

// combined is the forecast of the pool.
func (e *Engine) combined(p *problem) fit {
	if !p.strong && e.isRandomWalk(p.y, p.seasons) && e.isRandomWalk(e.view(p, p.positive()).z, p.seasons) {
		return e.naiveAlone(p)
	}
	c := e.newPool(p)
	c.weigh(c.score(p, 1, 1+p.inner))
	out := e.newPaths(p)
	for o := range p.ends {
		c.combine(out, o)
	}
	if p.season() == 1 && len(p.y) >= minTestPoints && !beatsNaive(p, out) {
		return e.naiveAlone(p)
	}
	for i := range c.all {
		if m := &c.all[i]; m.Weight > 0 {
			c.members = append(c.members, m.Member)
		}
	}
	f := fit{paths: out, members: c.members, inner: p.innerError(out)}
	if p.wantsErrors() {
		c.crossFit(p, out)
	}
	return f
}

// naiveAlone leaves p to naive.
func (e *Engine) naiveAlone(p *problem) fit {
	c := &e.mem.pool
	c.members = append(c.members[:0], Member{Name: "naive", Weight: 1, Skill: 1})
	out := formula(naive).forecast(e, p, false).paths
	return fit{paths: out, members: c.members, inner: p.innerError(out)}
}

// score measures all members at the origins from..to-1. It returns the largest number of errors behind a member's mean.
func (c *pool) score(p *problem, from, to int) int {
	scored := 0
	for i := range c.all {
		m := &c.all[i]
		var relative, absolute, naive float64
		count := 0
		for o := from; o < to; o++ {
			if m.missing(o) {
				continue
			}
			n := p.ends[o]
			ahead := p.y[n:min(n+p.reach(o), len(p.y))]
			for k, f := range m.row(o)[:len(ahead)] {
				if p.isEmpty(n + k) {
					continue
				}
				miss := math.Abs(ahead[k] - f)
				absolute += miss
				naive += math.Abs(ahead[k] - p.y[n-1])
				if c.positive {
					miss /= ahead[k] + math.Abs(f)
				}
				relative += miss
				count++
			}
		}
		scored = max(scored, count)
		m.err, m.Skill = relative/float64(count), absolute/naive
		if !finite(m.Skill) {
			m.Skill = math.NaN() // naive made no errors, or hardly any
		}
	}
	return scored
}

// weigh turns errors into weights that sum to 1. A member with forecasts but no measured error is assumed to have one and a
// half times the mean error. A member without a forecast gets no weight.
func (c *pool) weigh(scored int) {
	const shrinkage, unmeasured, maxRatio = 0.1, 1.5, 6
	best, mean, measured := math.Inf(1), 0.0, 0.0
	for i := range c.all {
		if m := &c.all[i]; !m.missing(0) && !math.IsNaN(m.err) {
			best, mean, measured = min(best, m.err), mean+m.err, measured+1
		}
	}
	if measured > 0 {
		mean /= measured
	}
	sharpness := min(max(float64(scored)/20, 1), 3)
	total := 0.0
	for i := range c.all {
		m := &c.all[i]
		err := m.err
		if math.IsNaN(err) {
			err = unmeasured * mean
		}
		switch {
		case m.missing(0), err > maxRatio*best:
			m.Weight = 0
		case mean == 0:
			m.Weight = 1
		default:
			m.Weight = math.Pow((1+shrinkage)*mean/(err+shrinkage*mean), sharpness)
		}
		total += m.Weight
	}
	for i := range c.all {
		if total > 0 {
			c.all[i].Weight /= total
		}
	}
}

// combine writes the weighted mean of the members into row o of out. The weight of a member without a forecast goes to the
// others. Without any forecast the row is missing.
func (c *pool) combine(out paths, o int) {
	row, total := out.row(o), 0.0
	clear(row)
	for i := range c.all {
		m := &c.all[i]
		if m.Weight == 0 || m.missing(o) {
			continue
		}
		total += m.Weight
		for k, f := range m.row(o) {
			row[k] += m.Weight * f
		}
	}
	for k := range row {
		row[k] /= total
	}
}

// beatsNaive reports whether the mean absolute error at the inner origins is smaller than that of naive.
func beatsNaive(p *problem, out paths) bool {
	own, naive := 0.0, 0.0
	for o := 1; o <= p.inner; o++ {
		n := p.ends[o]
		for k, y := range p.y[n:min(n+p.h, len(p.y))] {
			own += math.Abs(y - out.row(o)[k])
			naive += math.Abs(y - p.y[n-1])
		}
	}
	return own < naive
}
