package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// marginals are the probabilities of the quantiles between which the values of paths are interpolated.
type marginals struct {
	probabilities []float64 // ascending; those that were asked for are among them
	normal        []float64 // the quantiles of the standard normal distribution at these
	asked         []int     // the places of those that were asked for
}

// Marginals is how many quantiles Result.Marginals has beside those of Options.Quantiles and of the ends of Options.Bands.
const Marginals = 10 + 99

// newMarginals returns the marginals of a method that is asked for some quantiles, with those of more probabilities among them.
func newMarginals(asked []float64, more ...float64) *marginals {
	g := &marginals{probabilities: append([]float64{0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.995, 0.9975, 0.999, 0.9995, 0.9999}, append(more, asked...)...)}
	for i := range 99 {
		g.probabilities = append(g.probabilities, float64(i+1)/100)
	}
	slices.Sort(g.probabilities)
	g.probabilities = slices.Compact(g.probabilities)
	for _, p := range g.probabilities {
		g.normal = append(g.normal, distuv.UnitNormal.Quantile(p))
	}
	for _, p := range asked {
		i, _ := slices.BinarySearch(g.probabilities, p)
		g.asked = append(g.asked, i)
	}
	return g
}

// at is the quantile u of step k, where rows are the quantiles of the marginals. Between two of them it runs straight on the scale of the
// normal distribution, and beyond the last ones it is these.
func (g *marginals) at(rows [][]float64, k int, u float64) float64 {
	i, found := slices.BinarySearch(g.probabilities, u)
	switch {
	case found || i == 0:
		return rows[i][k]
	case i == len(rows):
		return rows[i-1][k]
	}
	below, above := rows[i-1][k], rows[i][k]
	share := (distuv.UnitNormal.Quantile(u) - g.normal[i-1]) / (g.normal[i] - g.normal[i-1])
	return below + share*(above-below)
}

// draw draws the paths and leaves in dst the quantiles that were asked for. It is the Schaake shuffle (Clark et al. 2004, Journal of
// Hydrometeorology 5, 243-262) of the rolling-origin errors: a path takes from one origin the rank of its error among the errors of each step, and has
// the quantile of that rank. So it rises and falls as the forecast has missed there, and as other series have from the
// same origin, while the distribution of each step is that of the forecast. Within a rank its place is drawn, the same at all steps.
func (e *Engine) draw(dst *Result, m *Method, s *Series) {
	n, h, errs := m.options.Paths, len(dst.Mean), &dst.Errors
	rows := dst.Quantiles
	if len(rows) == 0 {
		return
	}
	defer e.mem.release(e.mem.mark())
	ranked := e.targeted(errs, s.Targets)
	from, width := e.ranks(&ranked)
	draws := &e.mem.draws
	draws.begin(m.options.Seed, s.Stream)
	dst.Paths = resize(dst.Paths, n*h)
	for i := range n {
		o, jitter := draws.At(uint64(i), max(errs.Origins, 1))
		for k := range h {
			u := jitter
			if errs.Origins > 0 {
				u = from[o*h+k] + jitter*width[o*h+k]
			}
			dst.Paths[i*h+k] = m.drawn.at(rows, k, u)
		}
	}
}

// trim leaves those quantiles that were asked for.
func (g *marginals) trim(r *Result) {
	rows := r.Quantiles
	if len(rows) == 0 {
		return
	}
	for i, at := range g.asked {
		rows[i], rows[at] = rows[at], rows[i] // at ≥ i
	}
	r.Quantiles = rows[:len(g.asked)]
}

// targeted are the errors that the steps of paths take their ranks from, NaN where a step takes none.
func (e *Engine) targeted(errs *Errors, targets []int) Errors {
	if targets == nil || len(targets) != len(errs.Data) {
		return *errs
	}
	h := errs.Horizon
	out := Errors{Origins: errs.Origins, Horizon: h, Data: e.mem.floats(len(errs.Data))}
	for i, step := range targets {
		if out.Data[i] = math.NaN(); step > 0 {
			out.Data[i] = errs.Row(i / h)[step-1]
		}
	}
	return out
}

// ranks are the ranks of the errors of each origin and step, as intervals of probability: from, and how wide. Equal errors are in the
// order of the origins. Where an origin has no error at a step, its rank is that of a neighbouring step, and anything where it has none at all.
func (e *Engine) ranks(errs *Errors) (from, width []float64) {
	h := errs.Horizon
	from, width = e.mem.floats(len(errs.Data)), e.mem.floats(len(errs.Data))
	order := e.mem.ints(errs.Origins)
	for k := range h {
		measured := order[:0]
		for o := range errs.Origins {
			if from[o*h+k] = math.NaN(); !math.IsNaN(errs.Row(o)[k]) {
				measured = append(measured, o)
			}
		}
		slices.SortFunc(measured, func(a, b int) int {
			x, y := errs.Row(a)[k], errs.Row(b)[k]
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return a - b
		})
		for rank, o := range measured {
			from[o*h+k], width[o*h+k] = float64(rank)/float64(len(measured)), 1/float64(len(measured))
		}
	}
	for o := range errs.Origins {
		f, w := from[o*h:(o+1)*h], width[o*h:(o+1)*h]
		known := slices.IndexFunc(f, finite)
		if known < 0 {
			fill(f, 0)
			fill(w, 1)
			continue
		}
		last := known
		for k := range h {
			if finite(f[k]) {
				last = k
			} else {
				f[k], w[k] = f[last], w[last]
			}
		}
	}
	return from, width
}
