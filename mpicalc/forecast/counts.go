package forecast

import (
	"math"
	"slices"
)

// withCounts joins the forecast of a pool with that of [empirical] where the series may be one of counts: whole numbers, or many
// zeros, and none below. Their share λ is a matter of degree:
//
//	ln λ/(1-λ) = o + s·ln E(pool)/E(empirical)
//
// with E the absolute errors at the origins, each with a tenth of their mean added, and o as in countOdds.
func (e *Engine) withCounts(p *problem, pool fit) fit {
	if !p.mayBeCounts() {
		return pool.without(p, Member{Name: "empirical", Skill: math.NaN(), Dropped: notCounts})
	}
	prior := p.countOdds(e)
	if prior < leastOdds {
		return pool.without(p, Member{Name: "empirical", Skill: math.NaN(), Dropped: unlikeCounts})
	}
	out := e.newPaths(p)
	law := e.empirical(p, out, Median)
	own, theirs, naive := p.innerError(out), pool.inner, p.innerError(formula(naive).forecast(e, p, false).paths)
	shrink := 0.1 * (own + theirs) / 2
	counts := Member{Name: "empirical", Skill: own / naive}
	if !finite(counts.Skill) {
		counts.Skill = math.NaN()
	}
	if own+theirs == 0 { // at no origin was there anything to forecast
		counts.Dropped = unlikeCounts
		return pool.without(p, counts)
	}
	odds := prior + countSharpness*math.Log((theirs+shrink)/(own+shrink))
	share := 1 / (1 + math.Exp(-odds))
	switch {
	case share < leastShare:
		counts.Dropped = unlikeCounts
		return pool.without(p, counts)
	case share > 1-leastRest:
		share = 1
	}
	joined := fit{paths: out, law: law, dropped: pool.dropped}
	if p.options.Point == Mean {
		law = e.empirical(p, out, Mean)
	}
	if share >= 0.5 {
		joined.point = p.options.Point
		if joined.point == "" {
			joined.point = Median
		}
	}
	law.share, law.centre = share, e.mem.floats(p.h)
	copy(law.centre, out.row(0))
	for o := range p.ends {
		row := out.row(o)
		for k, v := range pool.row(o) {
			if share < 1 {
				row[k] = v + share*(row[k]-v)
			}
		}
	}
	counts.Weight = share
	members := append(e.mem.joined[:0], counts)
	for _, m := range pool.members {
		if m.Weight *= 1 - share; m.Weight > 0 {
			members = append(members, m)
		} else {
			m.Dropped = onlyCounts
			joined = joined.without(p, m)
		}
	}
	e.mem.joined, joined.members = members, members
	return joined
}

const (
	countSharpness = 5
	leastOdds      = -3   // of an o from which empirical is tried: below, it would need smaller errors than the pool
	leastShare     = 0.05 // a smaller share of empirical is left out
	leastRest      = 0.25 // a smaller share of the pool is left out: the mean of two distributions has the atoms of neither
	leastCounts    = 8    // values, of a series that may be one of counts
	largestCount   = 1e12 // of much larger numbers, floating-point keeps whole ones only
)

// likeCounts reports whether empirical is tried.
func (p *problem) likeCounts(e *Engine) bool { return p.mayBeCounts() && p.countOdds(e) >= leastOdds }

// mayBeCounts reports whether the values may be counts.
func (p *problem) mayBeCounts() bool {
	n := len(p.values)
	if n < leastCounts || p.lo[0] < 0 || p.hi[0] > largestCount || p.offset != 0 || p.isConstant() {
		return false
	}
	return 10*p.zeros() >= n || wholeNumbers(p.values)
}

// zeros counts the values that are 0.
func (p *problem) zeros() int {
	count := 0
	for _, v := range p.values {
		if v == 0 {
			count++
		}
	}
	return count
}

// countOdds are the logarithm of the odds that [empirical] is best, before its errors are known:
//
//	o = 16·R + 10·D - 5·ln max(1, ȳ/100) - 40/n - 16.5
//	R = min(|y(t) - y(t-1)|, |y(t) - y(t-m)|) / |y(t) - median|,  D = |y(t) - median| / ȳ
//
// with means of the absolute values, m the season and R at most 1.4. R is √2 for independent values, and small for a series that has
// a trend, wanders or has a clear season, of which the past is no sample of what is to come. D is 1 where most values are zero, and
// small for counts that a mean and an error describe, as they do those in the hundreds. The numbers were chosen on daily and weekly
// sales in shops, the monthly to yearly series of the M1 and tourism competitions, and simulated demand.
func (p *problem) countOdds(e *Engine) float64 {
	defer e.mem.release(e.mem.mark())
	sorted := e.mem.floats(len(p.values))
	copy(sorted, p.values)
	slices.Sort(sorted)
	median, about, level := sorted[len(sorted)/2], 0.0, 0.0
	for _, v := range p.values {
		about += math.Abs(v-median) / float64(len(p.values))
		level += v / float64(len(p.values))
	}
	step := p.meanStep()
	if m := p.season(); m > 1 && len(p.y) > m+minTraining {
		sum := 0.0
		for t, v := range p.y[m:] {
			sum += math.Abs(v - p.y[t])
		}
		step = min(step, sum/float64(len(p.y)-m))
	}
	return 16*min(step/about, 1.4) + 10*about/level - 5*math.Log(max(1, level/100)) - 40/float64(len(p.values)) - 16.5
}

// innerError is the sum of the absolute errors at the origins that weigh members; an origin without a forecast is left out.
func (p *problem) innerError(out paths) float64 {
	sum := 0.0
	for o := 1; o < p.extra; o++ {
		if out.missing(o) {
			continue
		}
		n := p.ends[o]
		for k, f := range out.row(o)[:min(p.reach(o), len(p.y)-n)] {
			if !p.isEmpty(n + k) {
				sum += math.Abs(p.y[n+k] - f)
			}
		}
	}
	return sum
}
