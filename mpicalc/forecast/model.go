package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// A model forecasts one series from several origins at once, so that it computes once what its origins have in common.
type model interface {
	// forecast returns the paths of the p.h values that follow p.y[:p.ends[o]], one row for each origin o. It must not
	// look beyond an origin, and leaves the row of an origin missing when the values before it are too few or too regular.
	// With log, all values are positive and it works on logarithms. The fit lives in memory of e, until the next problem.
	forecast(e *Engine, p *problem, log bool) fit
}

// fit is what a model has found.
type fit struct {
	paths
	members []Member // of a combination, else empty
	dropped []Member // tried, but no part of the combination; with Options.Explain only
	inner   float64  // of a combination: the sum of its absolute errors at the origins, see problem.innerError
	point   string   // what the paths are when the model knows better than link.point, else ""
	law     *law     // of what is to come, when the model knows better than its errors, else nil
}

// formula is a model that forecasts from each origin by itself. It writes what follows y into row, and leaves row
// alone when it has no answer.
type formula func(e *Engine, y, row []float64)

func (f formula) forecast(e *Engine, p *problem, _ bool) fit {
	out := e.newPaths(p)
	for o, n := range p.ends {
		f(e, p.y[:n], out.row(o))
	}
	return fit{paths: out}
}

// closed forecasts y into dst.Mean and reports whether that is the answer: not when some of it is not finite, when y may have
// to be normalised for its offset, or when the forecast may lie below the floor.
func (f formula) closed(e *Engine, y []float64, dst *Result) bool {
	out := paths{h: len(dst.Mean), data: dst.Mean}
	out.markMissing()
	f(e, y, dst.Mean)
	if out.missing(0) {
		return false
	}
	first, last := y[0], y[len(y)-1]
	if math.Abs(last-first) <= smallRange*math.Abs(first) {
		return false
	}
	// The smallest value of y is at most that of both ends.
	least := min(first, last)
	return least < 0 || floats.Min(dst.Mean) >= least/5
}
