package backtest

import (
	"slices"

	"foliocast/internal/series"
)

// outcome is the forecast of one step, and what came.
type outcome struct {
	at         series.Time
	y          float64
	base       float64 // the value at the origin
	unit       float64 // of scores: the base of a positive series, else 1
	volatility float64 // exponentially weighted, of one step, in units
	lo, hi     []float64
	vars, es   []float64   // by level of risk
	tails      [][]float64 // likewise: losses beyond the value at risk, from the outermost on
	pit        float64
	held       []bool // by level of band: whether this and all values before it lie inside; nil when one of them is unknown
}

// known is what is known at an origin, of an asset or of the portfolio.
type known struct{ base, unit, volatility float64 }

// came is a value that came.
type came struct {
	at series.Time
	y  float64
}

// history is what was forecast of one series and what came, step by step, the oldest first.
type history [][]outcome

// rows are a forecast at one step: the ends of its intervals, the quantiles of the grid, and its risk where the forecast itself has one.
type rows struct {
	lo, hi, quantiles []float64
	bandLo, bandHi    []float64
	vars, es          []float64
}

// path is what came after one origin, step by step.
type path struct {
	held   []bool // by level of band: whether all values so far lie inside
	broken bool   // one of them is unknown
}

// add takes the next value, and returns whether all so far lie inside.
func (p *path) add(f rows, y float64) []bool {
	if p.broken || len(f.bandLo) == 0 {
		return nil
	}
	if p.held == nil {
		p.held = slices.Repeat([]bool{true}, len(f.bandLo))
	}
	for l, lo := range f.bandLo {
		p.held[l] = p.held[l] && lo <= y && y <= f.bandHi[l]
	}
	return slices.Clone(p.held)
}

// outcome compares a forecast with what came.
func (g *grid) outcome(from known, f rows, c came) outcome {
	o := outcome{at: c.at, y: c.y, base: from.base, unit: from.unit, volatility: from.volatility, lo: f.lo, hi: f.hi,
		vars: f.vars, es: f.es, pit: cdf(g.probabilities, f.quantiles, c.y)}
	for r, at := range g.vars {
		losses := make([]float64, len(g.tails[r]))
		for j, place := range g.tails[r] {
			losses[j] = from.base - f.quantiles[place]
		}
		o.tails = append(o.tails, losses)
		if f.vars == nil {
			v := from.base - f.quantiles[at]
			o.vars, o.es = append(o.vars, v), append(o.es, max(shortfall(losses), v))
		}
	}
	return o
}
