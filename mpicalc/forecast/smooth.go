package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// smoother is a forecast of a seasonally adjusted series by exponential smoothing or a relative of it.
type smoother struct {
	log bool // work on logarithms where all values are positive
	// extend fits x and writes its continuation into row, or leaves row alone when x is too short. *p holds the
	// parameters found for a slightly shorter part of the series, if any, as the start of the search or, with keep,
	// instead of one, and receives those found now.
	extend func(e *Engine, x, row []float64, p *smoothing)
	raw    bool // the series as it is, with its season of period m in p
	out    paths
}

// smoothing are the parameters of a smoother, each in (0, 1].
type smoothing struct {
	alpha, beta, gamma, phi float64
	known                   bool
	keep                    bool      // the part has hardly grown: the parameters stay, the states are computed anew
	points                  int       // of the part for which they were searched
	lags                    lagFit    // of smoothAR
	centre                  float64   // of the part that it has seen
	period                  int       // for those that do the season themselves, else 1
	figure                  []float64 // its first estimate
}

// newSmoothing returns parameters that are not known yet, with memory for those of smoothAR.
func (e *Engine) newSmoothing() smoothing {
	return smoothing{lags: lagFit{alpha: e.mem.floats(1), beta: e.mem.floats(smoothLags)}}
}

// smoothPoints is how far back smoothers look, in whole seasons: what is older has no weight left in their states, and
// would only cost time.
const smoothPoints = 360

// smooth fills the rows of several smoothers of one series. It goes from the earliest origin to the latest, so that a
// search starts where the one before, with less data, ended: nothing of the future leaks into the past. At the
// earliest of the origins that make the forecast it starts anew, so that the forecast does not depend on how many
// more there are for intervals.
func (e *Engine) smooth(t *task, models []smoother) {
	if len(models) == 0 {
		return
	}
	v := e.view(t, t.positive())
	m := t.season()
	whole := adjusted{raw: v.z, z: e.mem.floats(len(v.z)), level: e.mem.floats(len(v.z)), figure: e.mem.floats(m)}
	if !t.adjust {
		clear(whole.figure)
		whole.adjust(v)
	}
	starts := e.starts[:0]
	for range models {
		starts = append(starts, e.newSmoothing())
	}
	e.starts = starts
	for o := len(t.ends) - 1; o >= 0; o-- {
		n := t.ends[o]
		a := whole.part(max(n-smoothPoints, 0)/m*m, n)
		if t.adjust {
			if !e.seasonalFigure(a.figure, a.raw) {
				clear(a.figure)
			}
			a.adjust(v)
		}
		for i := range models {
			p := &starts[i]
			p.known = p.known && o != t.inner
			if p.keep = p.known && t.keeps(o, p.points); !p.keep {
				p.points = n
			}
			e.smoothOrigin(&models[i], p, t, v, o, a)
		}
	}
}

// adjusted is the part of a series that smoothers see at one origin. It begins at phase 0 of the season.
type adjusted struct {
	raw    []float64 // the view's values
	z      []float64 // less the seasonal figure
	level  []float64 // the same in levels, up to a factor, when the view is logarithmic
	figure []float64
}

func (a adjusted) part(from, to int) adjusted {
	return adjusted{a.raw[from:to], a.z[from:to], a.level[from:to], a.figure}
}

// adjust writes z and level.
func (a adjusted) adjust(v *view) {
	for i, z := range a.raw {
		a.z[i] = z - a.figure[i%len(a.figure)]
	}
	if v.log {
		for i, z := range a.z {
			a.level[i] = math.Exp(v.scale * z)
		}
	}
}

// smoothOrigin fills the row of one smoother at one origin.
func (e *Engine) smoothOrigin(s *smoother, p *smoothing, t *task, v *view, o int, a adjusted) {
	row := s.out.row(o)
	p.period, p.figure = 1, nil
	switch {
	case s.raw:
		p.period, p.figure = len(a.figure), a.figure
		s.extend(e, a.raw, row, p)
	case v.log && !s.log:
		s.extend(e, a.level, row, p)
		for k, f := range row {
			row[k] = math.Log(max(f, 1e-300)) / v.scale
		}
	default:
		s.extend(e, a.z, row, p)
	}
	if math.IsNaN(row[0]) {
		return
	}
	if !s.raw {
		for k := range row {
			row[k] += a.figure[(len(a.z)+k)%len(a.figure)]
		}
	}
	v.back(row)
	t.clip(o, row)
}

// leastSquaresLine returns intercept and slope of the least-squares line of x over 0..n-1.
func (e *Engine) leastSquaresLine(x []float64) (a, b float64) {
	n := float64(len(x))
	b = floats.Dot(e.weights.of(len(x)), x)
	return floats.Sum(x)/n - b*(n-1)/2, b
}
