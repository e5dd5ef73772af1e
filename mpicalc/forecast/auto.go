package forecast

import "math"

// auto combines the forecasts of several models:
//
//	ŷ(n+k) = Σ w(i)·ŷ(i, n+k),  w(i) ∝ 1 / (E(i) + Ē/10)^s
//
// E(i) is the mean error of member i at the inner origins, in the terms of the symmetric percentage error |y-ŷ| /
// (|y|+|ŷ|), or the absolute error where not all values are positive, and Ē the mean over the members. The more errors
// stand behind the weights the sharper they are: s grows from 1 to 3 with their number. A member with more than six
// times the smallest error has no weight at all. Source: Bates and Granger 1969, Operational Research Quarterly 20,
// 451-468; Pawlikowski and Chorowska 2020, International Journal of Forecasting 36, 93-97.
//
// A series that is a random walk as far as can be seen, and has no long season, whose steps are too small to be seen
// among the others, is left to naive alone, and so is one without a season on which the combination did no better than
// naive at its inner origins. The rolling-origin errors are cross-fitted.
func auto(e *Engine, t *task, out paths) {
	if !t.swings && e.randomWalk(t.y, t.seasons) && e.randomWalk(e.view(t, t.positive()).z, t.seasons) {
		e.naiveAlone(t, out)
		return
	}
	p := e.gather(t)
	p.weigh(p.score(t, 1, 1+t.inner))
	for o := range out.rows() {
		p.combine(out, o)
	}
	if t.season() == 1 && len(t.y) >= leastSteps && !e.beatsNaive(t, out) {
		e.naiveAlone(t, out)
		return
	}
	for i := range p.all {
		if c := &p.all[i]; c.Weight > 0 {
			e.members = append(e.members, c.Member)
		}
	}
	if len(e.options.Levels) > 0 {
		p.crossFit(t, out)
	}
}

func (e *Engine) naiveAlone(t *task, out paths) {
	naive(e, t, out)
	e.members = append(e.members[:0], Member{Name: "naive", Weight: 1, Skill: 1})
}

// score measures all members at the origins from to to-1 and returns how many errors the means are made of.
func (p *pool) score(t *task, from, to int) int {
	scored := 0
	for i := range p.all {
		c := &p.all[i]
		var relative, absolute, walk float64
		count := 0
		for o := from; o < to; o++ {
			if c.out.missing(o) {
				continue
			}
			n := t.ends[o]
			ahead := t.y[n:min(n+t.h, len(t.y))]
			for k, f := range c.out.row(o)[:len(ahead)] {
				miss := math.Abs(ahead[k] - f)
				absolute += miss
				walk += math.Abs(ahead[k] - t.y[n-1])
				if p.positive {
					miss /= ahead[k] + math.Abs(f)
				}
				relative += miss
				count++
			}
		}
		scored = max(scored, count)
		c.err, c.Skill = relative/float64(count), absolute/walk
		if !finite(c.Skill) {
			c.Skill = math.NaN() // naive made no errors, or as good as none
		}
	}
	return scored
}

// weigh turns errors into weights that sum to 1. A member that has forecasts but no error to show counts as half as bad
// again as the mean; a member without a forecast does not count.
func (p *pool) weigh(scored int) {
	const harmless, unknown, hopeless = 0.1, 1.5, 6
	best, mean, known := math.Inf(1), 0.0, 0.0
	for i := range p.all {
		if c := &p.all[i]; !c.out.missing(0) && !math.IsNaN(c.err) {
			best, mean, known = min(best, c.err), mean+c.err, known+1
		}
	}
	if known > 0 {
		mean /= known
	}
	sharp := min(max(float64(scored)/20, 1), 3)
	total := 0.0
	for i := range p.all {
		c := &p.all[i]
		miss := c.err
		if math.IsNaN(miss) {
			miss = unknown * mean
		}
		switch {
		case c.out.missing(0), miss > hopeless*best:
			c.Weight = 0
		case mean == 0:
			c.Weight = 1
		default:
			c.Weight = math.Pow((1+harmless)*mean/(miss+harmless*mean), sharp)
		}
		total += c.Weight
	}
	for i := range p.all {
		if total > 0 {
			p.all[i].Weight /= total
		}
	}
}

// combine writes the weighted mean of the members into row o of out. Where a member has no forecast its weight goes to
// the others.
func (p *pool) combine(out paths, o int) {
	row, total := out.row(o), 0.0
	clear(row)
	for i := range p.all {
		c := &p.all[i]
		if c.Weight == 0 || c.out.missing(o) {
			continue
		}
		total += c.Weight
		for k, f := range c.out.row(o) {
			row[k] += c.Weight * f
		}
	}
	for k := range row {
		row[k] /= total // missing, 0/0, where no member has a forecast
	}
}

// beatsNaive reports whether the forecasts of the inner origins miss by less than naive does.
func (e *Engine) beatsNaive(t *task, out paths) bool {
	own, walk := 0.0, 0.0
	for o := 1; o <= t.inner; o++ {
		n := t.ends[o]
		for k, y := range t.y[n:min(n+t.h, len(t.y))] {
			own += math.Abs(y - out.row(o)[k])
			walk += math.Abs(y - t.y[n-1])
		}
	}
	return own < walk
}
