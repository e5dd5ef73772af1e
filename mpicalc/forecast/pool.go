package forecast

import (
	"math"
	"slices"
	"strings"
)

// pool holds the candidates of a combination. Its slices are reused from problem to problem.
type pool struct {
	screening bool // the forecasts from the end are not known yet
	all       []candidate
	lags      []lagTask    // candidates to be forecast together
	smooth    []smoothTask // likewise
	parts     []paths      // of the candidates, from some origins
	rows      []int        // origins to try next
	present   []present    // candidates with forecasts from the origin that is combined
	order     []ranked     // theirs of one step, ascending
	members   []Member     // what the combination is made of in the end
	dropped   []Member     // the others; only with Options.Explain
}

// candidate is a member of a combination with its forecasts.
type candidate struct {
	*member
	Member
	paths
	log    bool
	prior  float64   // logarithm of the weight that it has before its errors are known, up to a constant
	errors []float64 // mean error at each origin, NaN where not measured
	shares []float64 // of each step of the forecast from the end

	atLimit         bool       // it had a weight, and was trimmed at every step
	absolute, naive float64    // sums of the absolute errors, its own and those of naive
	relative        [2]float64 // logarithms of the errors relative to those of the others, near and far, see compare
	total           float64    // mean error at all origins, see bestTotal
	measured        float64    // origins with an error, in the part compared last
}

// newPool finds the members that suit p.
func (e *Engine) newPool(p *problem, table []member) *pool {
	c := &e.mem.pool
	c.all, c.members, c.dropped = c.all[:0], c.members[:0], c.dropped[:0]
	for i := range table {
		m := &table[i]
		if log, ok := m.suits(p, table); ok {
			k := candidate{member: m, log: log, paths: e.newPaths(p), errors: e.mem.floats(p.extra), shares: e.mem.floats(p.h)}
			fill(k.errors, math.NaN())
			k.Name = m.name
			if m.log && !log {
				k.Name = strings.TrimSuffix(m.name, "-log")
			}
			c.all = append(c.all, k)
		} else if p.options.Explain && m.needsSeason(p) && (p.positive() || !m.log) {
			c.dropped = append(c.dropped, Member{Name: m.name, Skill: math.NaN(), Dropped: noSeason})
		}
	}
	return c
}

// try forecasts p by each candidate from the origins in rows, which ascend, and measures the errors there.
func (e *Engine) try(c *pool, p *problem, rows []int) {
	q := e.subset(p, rows)
	c.lags, c.smooth = c.lags[:0], c.smooth[:0]
	parts := c.parts[:0]
	for i := range c.all {
		k := &c.all[i]
		out := paths{}
		switch {
		case k.lags != nil:
			out = e.newPaths(q)
			if r, ok := k.lags(e, p); ok {
				c.lags = append(c.lags, lagTask{r, k.log, out})
			}
		case k.smooth != nil:
			out = e.newPaths(q)
			c.smooth = append(c.smooth, smoothTask{*k.smooth, k.log, out})
		default:
			out = k.model.forecast(e, q, k.log).paths
		}
		parts = append(parts, out)
	}
	e.autoregress(q, c.lags)
	e.smooth(q, c.smooth)
	for i := range c.all {
		for at, o := range rows {
			copy(c.all[i].row(o), parts[i].row(at))
		}
		c.all[i].measure(p, rows)
	}
	c.parts = parts
}

// screen tries all candidates at few origins, where they make about enough errors, and drops those that would have little weight,
// then tries the others at all origins. The longer the series, the more a member costs, and the more weight it must have.
func (e *Engine) screen(c *pool, p *problem, v *features) {
	const enough, cheap, most = 12, 150, 0.05
	least := min(max(0.01, 0.01*float64(len(p.y))/cheap), most)
	count := p.extra - p.rolling
	some := min(max(enough/p.steps, 3), count)
	if some+2 < count {
		c.rows = c.rows[:0]
		for i := range some {
			c.rows = append(c.rows, p.rolling+(2*i+1)*count/(2*some))
		}
		e.try(c, p, c.rows)
		c.screening = true
		c.weigh(p, &learned, v, func(o int) bool { return slices.Contains(c.rows, o) })
		c.drop(p, least)
		c.screening = false
	} else {
		c.rows = c.rows[:0]
	}
	tried := e.mem.ints(len(c.rows))
	copy(tried, c.rows)
	c.rows = c.rows[:0]
	for o := range p.ends {
		if !slices.Contains(tried, o) {
			c.rows = append(c.rows, o)
		}
	}
	e.try(c, p, c.rows)
}

// subset is p from the origins in rows only.
func (e *Engine) subset(p *problem, rows []int) *problem {
	q := &e.mem.subset
	*q = *p
	q.ends, q.known = e.mem.ints(len(rows)), e.mem.ints(len(rows))
	q.lo, q.hi = e.mem.floats(len(rows)), e.mem.floats(len(rows))
	q.extra = 0
	for at, o := range rows {
		q.ends[at], q.known[at], q.lo[at], q.hi[at] = p.ends[o], p.known[o], p.lo[o], p.hi[o]
		if o < p.extra {
			q.extra = at + 1
		}
	}
	return q
}

// drop removes the candidates whose weight at the origins tried is less than the share least.
func (c *pool) drop(p *problem, least float64) {
	c.explain(p, least)
	kept := c.all[:0]
	for _, k := range c.all {
		if k.Weight >= least {
			kept = append(kept, k)
		}
	}
	c.all = kept
}

// measure finds the mean error at each of the origins in rows: the symmetric relative error |y-f| / (|y|+|f|) where all values are positive,
// and the absolute error elsewhere.
func (m *candidate) measure(p *problem, rows []int) {
	positive := p.positive()
	for _, o := range rows {
		if o == 0 || o >= p.extra || m.missing(o) {
			continue
		}
		n := p.ends[o]
		last := p.y[n-1]
		ahead := p.y[n:min(n+p.reach(o), len(p.y))]
		sum, count := 0.0, 0
		for k, f := range m.row(o)[:len(ahead)] {
			if p.isEmpty(n + k) {
				continue
			}
			miss := math.Abs(ahead[k] - f)
			m.absolute += miss
			m.naive += math.Abs(ahead[k] - last)
			if positive {
				miss /= ahead[k] + math.Abs(f)
			}
			sum += miss
			count++
		}
		m.errors[o] = sum / float64(count)
	}
	m.Skill = m.absolute / m.naive
	if !finite(m.Skill) {
		m.Skill = math.NaN() // naive made no errors, or hardly any
	}
}

// weigh turns priors and the errors at the origins that use accepts into weights that sum to 1:
//
//	w(i) ∝ (π(i)·r(i)^-s·R(i)^-S)^ρ
//
// with r(i) the relative error of member i at the latest origins, and R(i) that at the earlier ones, see compare, and ρ the
// confidence in all of that. A member without a forecast gets no weight, and none that errs hopeless times as much as the best.
func (c *pool) weigh(p *problem, prior *priors, v *features, use func(o int) bool) {
	near, far := c.compare(p, use)
	if c.screening { // as they will be
		near, far = p.near-1, p.extra-p.near
	}
	best, confidence := c.bestTotal(p, use), p.confidence()
	if c.screening {
		confidence = 1 // what has little weight even so is not worth its time
	}
	s, t := prior.near.of(p, v, near), prior.far.of(p, v, far)
	most := math.Inf(-1)
	for i := range c.all {
		m := &c.all[i]
		m.Weight = math.Inf(-1)
		if (c.screening || !m.missing(0)) && m.total <= hopeless*best {
			m.Weight = confidence * (m.prior - s*m.relative[0] - t*m.relative[1])
		}
		most = max(most, m.Weight)
	}
	total := 0.0
	for i := range c.all {
		m := &c.all[i]
		m.Weight = math.Exp(m.Weight - max(most, -math.MaxFloat64))
		total += m.Weight
	}
	for i := range c.all {
		if total > 0 {
			c.all[i].Weight /= total
		}
	}
}

// hopeless is the error, relative to the smallest, beyond which a member gets no weight: next to a member that is exact, or
// nearly so, no other may count.
const hopeless = 20

// bestTotal finds the mean errors of the members at all origins that use accepts, and returns the smallest. That of a member without
// an error is 0.
func (c *pool) bestTotal(p *problem, use func(o int) bool) float64 {
	best := math.Inf(1)
	for i := range c.all {
		m := &c.all[i]
		sum, count := 0.0, 0.0
		for o := 1; o < p.extra; o++ {
			if v := m.errors[o]; !math.IsNaN(v) && use(o) {
				sum += v
				count++
			}
		}
		if m.total = 0; count > 0 {
			m.total = sum / count
			best = min(best, m.total)
		}
	}
	return best
}

// compare finds the relative errors of the members at the latest and at the earlier origins that use accepts, and counts those:
//
//	ln r(i) = ln (E(i) + Ē/10) - ln (Ē + Ē/10)
//
// E(i) is the mean error of member i and Ē the mean over the members. Where a member has no forecast, because the values before an
// origin were too few, its error is assumed to be one and a half times the mean: one lucky origin is no proof.
func (c *pool) compare(p *problem, use func(o int) bool) (near, far int) {
	for o := 1; o < p.extra; o++ {
		switch {
		case !use(o):
		case o < p.near:
			near++
		default:
			far++
		}
	}
	c.compareAt(p, 0, 1, p.near, use)
	c.compareAt(p, 1, p.near, p.extra, use)
	return near, far
}

// compareAt compares the errors at the origins from..to-1.
func (c *pool) compareAt(p *problem, part, from, to int, use func(o int) bool) {
	const shrinkage, unmeasured = 0.1, 1.5
	mean, measured, most := 0.0, 0.0, 0.0
	for i := range c.all {
		m := &c.all[i]
		m.relative[part] = math.NaN()
		if !c.screening && m.missing(0) {
			continue
		}
		sum, count := 0.0, 0.0
		for o := from; o < to; o++ {
			if v := m.errors[o]; !math.IsNaN(v) && use(o) {
				sum += v
				count++
			}
		}
		if m.measured = count; count > 0 {
			m.relative[part] = sum
			mean, measured, most = mean+sum/count, measured+1, max(most, count)
		}
	}
	if measured > 0 {
		mean /= measured
	}
	for i := range c.all {
		m := &c.all[i]
		if math.IsNaN(m.relative[part]) {
			m.relative[part] = unmeasured * mean
		} else {
			m.relative[part] = (m.relative[part] + (most-m.measured)*unmeasured*mean) / most
		}
		if mean > 0 {
			m.relative[part] = math.Log((m.relative[part]/mean + shrinkage) / (1 + shrinkage))
		}
	}
}
