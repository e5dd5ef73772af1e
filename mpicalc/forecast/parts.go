package forecast

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Part is one of the parts that a forecast is the sum of.
type Part struct {
	Name   string
	Values []float64 // one for each step
}

// The names of parts. That of a season is "season" with its period, as "season 12", and that of a regressor "x" with its number,
// from 1.
const (
	PartLevel      = "level"
	PartTrend      = "trend"
	PartMemory     = "memory"
	PartAdjustment = "adjustment"
)

// outline is the parts of a forecast. Each model that counts continues its path for more steps than were asked for and is split
// by itself, see split. The parts of a combination are the sums of those of its members, by their shares in each step.
type outline struct {
	periods []int
	rows    paths // on slots: level, trend, a season for each period, memory
	steps   paths // likewise, without the empty slots
}

// outline finds the parts of the forecast f to p by the model used.
func (e *Engine) outline(p *problem, f fit, used *link) *outline {
	o := &outline{periods: p.seasons}
	if f.law != nil {
		o.periods = p.withCountSeasons()
	}
	o.rows = paths{h: p.h, data: e.mem.floats((3 + len(o.periods)) * p.h)}
	clear(o.rows.data)
	rest, whole := 1.0, e.mem.floats(p.h)
	fill(whole, 1)
	switch _, combined := used.model.(auto); {
	case !combined:
		e.add(o, p, used.model, f.row(0), used.can.has(usesLogs), whole, 1)
		rest = 0
	case f.law != nil:
		e.add(o, p, empirical{}, f.law.centre, false, whole, f.law.share)
		rest -= f.law.share
	}
	for i := range e.mem.pool.all {
		if k := &e.mem.pool.all[i]; rest > 0 && k.Weight > 0 {
			e.add(o, p, k.member.itself(), k.row(0), k.log, k.shares, rest)
		}
	}
	o.holdLevel()
	o.steps = o.rows
	if p.grid != nil {
		o.steps = paths{h: p.steps, data: e.mem.floats(o.rows.rows() * p.steps)}
		for i := range o.rows.rows() {
			p.grid.toSteps(o.steps.row(i), o.rows.row(i), len(p.values))
		}
	}
	return o
}

// holdLevel makes the level the same at every step. Where the shares of members differ from step to step, what that does to the level is
// how the forecast moves away from it: trend.
func (o *outline) holdLevel() {
	level, trend := o.rows.row(0), o.rows.row(1)
	mean := stat.Mean(level, nil)
	for k, v := range level {
		level[k] = mean
		trend[k] += v - mean
	}
}

// withCountSeasons returns the seasons of p and those that [empirical] uses.
func (p *problem) withCountSeasons() []int {
	periods := slices.Clone(p.seasons)
	short, long := p.countSeasons()
	for _, m := range []int{short, long} {
		if at, found := slices.BinarySearch(periods, m); m > 1 && !found {
			periods = slices.Insert(periods, at, m)
		}
	}
	return periods
}

// itself is m as a model.
func (m *member) itself() model {
	switch {
	case m.lags != nil:
		return m.lags
	case m.smooth != nil:
		return *m.smooth
	}
	return m.model
}

// add adds weight times the shares of each step of the parts of row, the forecast to p by the model m, which works on logarithms if
// log.
func (e *Engine) add(o *outline, p *problem, m model, row []float64, log bool, shares []float64, weight float64) {
	log = log && p.positive()
	s := split{periods: o.periods, fades: true, log: log, longest: 1}
	switch m := m.(type) {
	case formula:
		s.periods, s.fades = nil, false
	case smoother:
		s.log, s.fades = p.positive(), m.fades
		if !p.adjust && !m.unadjusted && !slices.ContainsFunc(p.seasons, p.options.isAnnual) {
			s.periods = nil
		}
	case seasonalNaive, trendSeason:
		s.fades = false
	}
	for _, period := range s.periods {
		if period <= len(p.y) {
			s.longest = max(s.longest, period)
		}
	}
	s.path = e.mem.floats(len(row))
	copy(s.path, row)
	s.far = e.far(p, m, row, log, s.reach(max(p.h, min(len(p.y), farSteps))))
	if s.log {
		each(s.path, math.Log)
		each(s.far, math.Log)
	}
	s.rows = paths{h: len(row), data: e.mem.floats(len(o.rows.data))}
	e.split(&s)
	o.addScaled(weight, shares, &s)
}

// far continues row, the forecast to p by m, to h steps. A row that cannot be continued repeats its last value.
func (e *Engine) far(p *problem, m model, row []float64, log bool, h int) []float64 {
	q, options := e.subset(p, []int{0}), *p.options
	options.Levels, options.Quantiles, options.Paths = nil, nil, 0
	q.h, q.options = h, &options
	held := e.mem.law
	e.mem.law = law{}
	out := m.forecast(e, q, log).paths
	e.mem.law = held
	if out.missing(0) {
		fill(out.data, row[len(row)-1])
		copy(out.data, row)
	}
	return out.row(0)
}

// addScaled adds weight times the shares of the parts of s. A part on logarithms is the factor by which it multiplies the parts before it, as what
// it adds to these: e^(a+b) = e^a + (e^(a+b) - e^a).
func (o *outline) addScaled(weight float64, shares []float64, s *split) {
	for k := range s.path {
		sum, before := 0.0, 0.0
		for i := range s.rows.rows() {
			part := s.rows.row(i)[k]
			if s.log {
				sum += part
				after := math.Exp(sum)
				part, before = after-before, after
			}
			o.rows.row(i)[k] += weight * shares[k] * part
		}
	}
}

// parts writes the parts of r.Mean into r.Parts: those of o, in units u, and of the regressors x, if any. What they do not add
// up to is the adjustment.
func (r *Result) parts(o *outline, u units, x *effects) {
	r.Parts = r.Parts[:0]
	add := func(name string, value func(k int) float64) {
		if len(r.Parts) < cap(r.Parts) {
			r.Parts = r.Parts[:len(r.Parts)+1]
		} else {
			r.Parts = append(r.Parts, Part{})
		}
		p := &r.Parts[len(r.Parts)-1]
		p.Name, p.Values = name, resize(p.Values, len(r.Mean))
		for k := range p.Values {
			p.Values[k] = value(k)
		}
	}
	of := func(i int) func(k int) float64 {
		return func(k int) float64 { return math.Ldexp(o.steps.row(i)[k], u.exponent) }
	}
	last := o.steps.rows() - 1
	add(PartLevel, func(k int) float64 {
		level := math.Ldexp(o.steps.row(0)[k]+u.offset, u.exponent)
		if x != nil {
			level -= x.lift
		}
		return level
	})
	add(PartTrend, of(1))
	for i, m := range o.periods {
		add(fmt.Sprintf("season %d", m), of(2+i))
	}
	if x != nil {
		for i := range x.fit.beta {
			add(fmt.Sprintf("x %d", i+1), func(k int) float64 { return x.effect(i, k) })
		}
	}
	add(PartMemory, of(last))
	r.dropSmallParts()
	r.adjust()
}

// adjust makes the parts add up to r.Mean.
func (r *Result) adjust() {
	rest := make([]float64, len(r.Mean))
	if last := len(r.Parts) - 1; r.Parts[last].Name == PartAdjustment {
		r.Parts = r.Parts[:last]
	}
	for k, mean := range r.Mean {
		rest[k] = mean
		for _, p := range r.Parts {
			rest[k] -= p.Values[k]
		}
	}
	r.Parts = append(r.Parts, Part{PartAdjustment, rest})
	r.dropSmallParts()
}

// dropSmallParts removes parts that are nothing but rounding. Where parts overflow, the level is all.
func (r *Result) dropSmallParts() {
	kept := r.Parts[:1]
	for i := 1; i < len(r.Parts); i++ {
		for k, v := range r.Parts[i].Values {
			if !finite(v) {
				copy(r.Parts[0].Values, r.Mean)
				r.Parts = r.Parts[:1]
				return
			}
			if math.Abs(v) > 1e-12*max(math.Abs(r.Mean[k]), math.Abs(r.Parts[0].Values[k])) {
				r.Parts[len(kept)], r.Parts[i] = r.Parts[i], r.Parts[len(kept)] // no slice is lost
				kept = r.Parts[:len(kept)+1]
				break
			}
		}
	}
	r.Parts = kept
}

// effect is what regressor i will do at step k.
func (f *effects) effect(i, k int) float64 {
	if f.unused {
		return 0
	}
	if f.unused {
		return 0
	}
	return math.Ldexp(f.fit.beta[i]*f.x.row(i)[f.n+k], f.exponent)
}
