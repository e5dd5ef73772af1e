package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Engine holds the workspace of one goroutine. Make one with New and use it for any number of series; what one
// series leaves behind changes nothing in the answer to the next. It is not safe for concurrent use.
type Engine struct {
	options Options     // the last valid ones, so that a job is validated once and not once a series
	models  []model     // the registry
	plan    model       // the model they name
	mem     scratch     // memory of the series in hand
	job     task        // the series in hand and what is asked of it
	ends    []int       // its origins
	seasons []int       // its seasonal periods
	weights lineWeights // of the straight line
	members []Member    // what auto chose
	views   [2]view     // of the series, in levels and in logarithms
	lags    []int       // memory of the lists of lags
	small   lagSums     // of a series that is no view
	starts  []smoothing // where the searches of the smoothers start
	pool    pool        // members of auto
	fourier fourier     // terms of harmonic
	tails   []tail      // of Student's t, see stretchTail
}

// New returns an engine without any memory yet; it grows with the largest series seen.
func New() *Engine { return &Engine{models: registry()} }

// Forecast forecasts the series y, oldest value first, as o asks, and writes the answer into dst, whose slices are
// reused. y is not changed.
//
// The error is that of Options.Validate, or a *DataError when y is empty or holds a value that is not finite; dst is
// then of no use. Any other series has an answer, and every number in it is finite, except a Skill that was not
// measured: a model that cannot answer a short, constant or rank-deficient series hands over to the next of its
// chain, and dst.Model and dst.Fallback say so.
func (e *Engine) Forecast(dst *Result, y []float64, o *Options) error {
	if err := e.adopt(o); err != nil {
		return err
	}
	dst.reset(o.Horizon, len(o.Levels))
	e.mem.reset()
	y = e.aligned(y)
	if o.Model == "trend" && len(o.Levels) == 0 && len(y) > 1 && e.line(dst.Mean, y) {
		dst.Model = "trend"
		return nil
	}
	if err := check(y); err != nil {
		return err
	}
	e.lags, e.members = e.lags[:0], e.members[:0]
	e.views[0].z, e.views[1].z = nil, nil
	if !e.plan.simple {
		y = y[max(0, len(y)-MaxPoints):]
	}
	y, exponent := e.tame(y)
	t := e.lay(y)
	out := e.newPaths(len(t.ends), t.h)
	e.label(dst, t, e.run(e.plan, t, out))
	copy(dst.Mean, out.row(0))
	if len(o.Levels) > 0 {
		e.measure(dst, t, out)
	}
	dst.stretch(exponent)
	return nil
}

// tooLittle is the reason of every fallback: what stops a fit is a lack of points or of variation in them.
const tooLittle = "the series is too short or too regular for the model asked for"

// adopt makes o the options in force.
func (e *Engine) adopt(o *Options) error {
	if e.options.equal(o) && e.plan.forecast != nil {
		return nil
	}
	if err := o.Validate(); err != nil {
		return err
	}
	e.options.copyFrom(o)
	e.plan, _ = lookup(e.models, o.Model)
	return nil
}

// tame returns y as it is, or, when its size would make squares overflow or vanish, times a power of two that
// brings it near 1. The exponent undoes it exactly.
func (e *Engine) tame(y []float64) (tamed []float64, exponent int) {
	size := max(floats.Max(y), -floats.Min(y))
	if size == 0 || size > 1e-60 && size < 1e60 {
		return y, 0
	}
	_, exponent = math.Frexp(size)
	tamed = e.mem.floats(len(y))
	for i, v := range y {
		tamed[i] = math.Ldexp(v, -exponent)
	}
	return tamed, exponent
}

// stretch undoes what tame did. What then lies beyond the largest number becomes the largest number.
func (r *Result) stretch(exponent int) {
	if exponent == 0 {
		return
	}
	stretch(r.Mean, exponent)
	stretch(r.Errors.Data, exponent)
	for i := range r.Lo {
		stretch(r.Lo[i], exponent)
		stretch(r.Hi[i], exponent)
	}
}

func stretch(s []float64, exponent int) {
	for i, v := range s {
		s[i] = clampFinite(math.Ldexp(v, exponent), 0)
	}
}

// lay lays out the origins and finds the seasons of y. Row 0 is the forecast itself. A model that weighs others has
// inner origins next: half a horizon back, and the latest rolling origins. With levels all rolling origins follow.
func (e *Engine) lay(y []float64) *task {
	n, h := len(y), e.options.Horizon
	e.ends = append(e.ends[:0], n)
	e.job = task{y: y, h: h, rolling: 1}
	t := &e.job
	count := 0
	if e.plan.weighs {
		if half := n - (h+1)/2; h > 1 && half >= leastTraining {
			e.ends = append(e.ends, half)
			t.rolling = 2
		}
		count = min(Origins(n, h), innerOrigins(h))
		t.inner = t.rolling - 1 + count
	}
	if len(e.options.Levels) > 0 {
		count = Origins(n, h)
	}
	for k := range count {
		e.ends = append(e.ends, OriginLength(n, h, k))
	}
	t.ends = e.ends
	t.survey(&e.mem)
	if e.plan.seasonal {
		e.seasons = e.findSeasons(e.seasons[:0], y)
		t.seasons = e.seasons
		m := t.season()
		t.swings = m >= longPeriod && m < yearly && swings(y, m)
		t.adjust = t.swings && m > longPeriod || m <= longPeriod && seasonal(e.view(t, t.positive()).z, m)
	}
	return t
}

// run fills out by the model, and where it has no answer by the chain behind it. It returns the model that made the
// forecast itself, row 0.
func (e *Engine) run(m model, t *task, out paths) (used model) {
	m.forecast(e, t, out)
	used = m
	for open := e.open(out); open && m.fallback != ""; open = e.open(out) {
		first := out.missing(0)
		m, _ = lookup(e.models, m.fallback)
		mark := e.mem.mark()
		other := e.newPaths(out.rows(), out.h)
		m.forecast(e, t, other)
		for o := range out.rows() {
			if out.missing(o) {
				copy(out.row(o), other.row(o))
			}
		}
		e.mem.release(mark)
		if first {
			used = m
		}
	}
	return used
}

// open reports whether a row still lacks a forecast.
func (e *Engine) open(out paths) bool {
	for o := range out.rows() {
		if out.missing(o) {
			return true
		}
	}
	return false
}

func (e *Engine) label(dst *Result, t *task, used model) {
	dst.Model = used.Name
	switch {
	case used.logName != "" && t.positive():
		dst.Model = used.logName
	case used.weighs && len(e.members) == 1:
		dst.Model = e.members[0].Name
	}
	if used.Name != e.plan.Name {
		dst.Fallback = tooLittle
	}
	if used.seasonal {
		dst.Seasons = append(dst.Seasons, e.seasons...)
	}
	dst.Members = append(dst.Members, e.members...)
}
