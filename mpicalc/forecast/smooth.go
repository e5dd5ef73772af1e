package forecast

import (
	"math"
	"slices"
)

// smoother is exponential smoothing, or a relative of it, applied to the seasonally adjusted series.
type smoother struct {
	// extend fits x and writes its continuation into row, or leaves row alone when x is too short. *s holds the
	// parameters found for a slightly shorter part of the series, if any: the start of the search or, with s.fixed, its
	// result. extend replaces them by those found now.
	extend func(e *Engine, x, row []float64, s *smoothing)
	// unadjusted says that extend gets the unadjusted series and models its season, of period s.period, itself.
	unadjusted bool
	// fades says that the continuation tends to a level or a line, from which it starts away.
	fades bool
}

func (s smoother) forecast(e *Engine, p *problem, log bool) fit {
	out := e.newPaths(p)
	e.smooth(p, []smoothTask{{s, log, out}})
	return fit{paths: out}
}

// smoothTask is a smoother with the rows to fill. The series is adjusted on logarithms where all values are positive; log
// says whether the smoother then works on logarithms too, or in levels.
type smoothTask struct {
	smoother
	log bool
	out paths
}

// smoothing are the parameters of a smoother, each in (0, 1], and what else it remembers from origin to origin.
type smoothing struct {
	alpha, beta, gamma, phi float64

	estimated bool      // the parameters are known
	fixed     bool      // keep the parameters and recompute the states: the part has hardly grown
	points    int       // the length of the part for which they were estimated
	period    int       // of the season that the smoother models itself, else 1
	indices   []float64 // the first estimate of that season
	lags      lagFit    // of smoothAR
	allLags   []int     // 1..smoothLags
	centre    float64   // the mean that smoothAR has subtracted
}

// newSmoothing returns parameters that are not estimated yet, with memory for those of smoothAR.
func (e *Engine) newSmoothing() smoothing {
	return smoothing{
		lags:    lagFit{alpha: e.mem.floats(1), beta: e.mem.floats(smoothLags)},
		allLags: e.lagsTo(smoothLags),
	}
}

// Smoothers look at smoothPoints points, in whole seasons, and at smoothSeasons seasons at least: older values have no
// weight left in the states and would only cost time.
const (
	smoothPoints  = 360
	smoothSeasons = 3
)

// smooth fills the rows of several smoothers of one series. It goes from the earliest origin to the latest, so that each
// search starts where the one before, with less data, ended: nothing of the future leaks into the past. It starts afresh
// where startsAfresh says so.
func (e *Engine) smooth(p *problem, tasks []smoothTask) {
	if len(tasks) == 0 {
		return
	}
	v, m := e.view(p, p.positive()), p.season()
	if p.options.isAnnual(m) {
		m = 1
	}
	whole := adjusted{raw: v.z, z: e.mem.floats(len(v.z)), level: e.mem.floats(len(v.z)), indices: e.mem.floats(m)}
	long := e.newLongSeasons(p, v.z)
	if !long.none() {
		whole.raw = e.mem.floats(len(v.z))
	}
	if clear(whole.indices); !p.adjust && long.none() {
		whole.adjust(v)
	}
	starts := e.mem.starts[:0]
	for range tasks {
		starts = append(starts, e.newSmoothing())
	}
	e.mem.starts = starts
	for o, n := range slices.Backward(p.ends) {
		from := max(n-max(smoothPoints, smoothSeasons*m, longSeasonPeriods*long.m), 0) / m * m
		if !long.none() {
			copy(whole.raw[from:n], v.z[from:n])
			long.takeOut(e, p, whole.raw[from:n], from, n, o, m)
		}
		a := whole.part(max(n-max(smoothPoints, smoothSeasons*m), 0)/m*m, n)
		if p.adjust && !e.additiveIndices(a.indices, a.raw) {
			clear(a.indices)
		}
		if p.adjust || !long.none() {
			a.adjust(v)
		}
		for i := range tasks {
			s := &starts[i]
			s.estimated = s.estimated && !p.startsAfresh(o)
			if s.fixed = s.estimated && p.sharesFit(o, s.points); !s.fixed {
				s.points = n
			}
			if row := tasks[i].out.row(o); e.smoothOrigin(&tasks[i], s, p, v, o, a) {
				long.putBack(row, from, n)
				v.back(row)
				p.clip(o, row)
			}
		}
	}
}

// adjusted is the part of a series that smoothers see at one origin. It begins at phase 0 of the season.
type adjusted struct {
	raw     []float64 // the view's values, less the long seasons
	z       []float64 // less the seasonal indices
	level   []float64 // the same in levels, up to a factor, when the view is logarithmic
	indices []float64
}

func (a adjusted) part(from, to int) adjusted {
	return adjusted{a.raw[from:to], a.z[from:to], a.level[from:to], a.indices}
}

// adjust writes z and level.
func (a adjusted) adjust(v *view) {
	for i, z := range a.raw {
		a.z[i] = z - a.indices[i%len(a.indices)]
	}
	if v.log {
		for i, z := range a.z {
			a.level[i] = math.Exp(v.scale * z)
		}
	}
}

// extendValues has a smoother extend the adjusted series x, which ends at origin o, into row. Without its season, the series
// goes on from value to value: empty slots are left out, and one in the row repeats the step before it.
func (e *Engine) extendValues(task *smoothTask, s *smoothing, p *problem, o int, x, row []float64) {
	if p.grid == nil {
		task.extend(e, x, row, s)
		return
	}
	defer e.mem.release(e.mem.mark())
	values := e.mem.floats(len(x))[:0]
	for i, empty := range p.grid.empty[p.ends[o]-len(x) : p.ends[o]] {
		if !empty {
			values = append(values, x[i])
		}
	}
	steps := e.mem.floats(p.steps)
	steps[0] = math.NaN()
	task.extend(e, values, steps, s)
	p.grid.fromSteps(row, steps, p.known[o])
}

// smoothOrigin fills the row of one smoother at one origin, on the scale of v. It reports false when there is no forecast.
func (e *Engine) smoothOrigin(task *smoothTask, s *smoothing, p *problem, v *view, o int, a adjusted) bool {
	row := task.out.row(o)
	s.period, s.indices = 1, nil
	switch {
	case task.unadjusted:
		s.period, s.indices = len(a.indices), a.indices
		task.extend(e, a.raw, row, s)
	case v.log && !task.log:
		e.extendValues(task, s, p, o, a.level, row)
		for k, f := range row {
			row[k] = math.Log(max(f, 1e-300)) / v.scale
		}
	default:
		e.extendValues(task, s, p, o, a.z, row)
	}
	if math.IsNaN(row[0]) {
		return false
	}
	if !task.unadjusted {
		for k := range row {
			row[k] += a.indices[(len(a.z)+k)%len(a.indices)]
		}
	}
	return true
}
