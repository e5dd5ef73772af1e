package forecast

// Engine is the scratch memory of one goroutine. Make one with New and use it for any number of series and methods: no
// series affects the answer to another, and once the memory is large enough, a forecast allocates nothing. An Engine is not
// safe for concurrent use.
type Engine struct {
	mem   scratch     // lent to the current problem, taken back at the next
	lines lineWeights // values of pure functions, kept because they cost more than a fit
	tails tailRatios
}

// New returns an engine. Its memory grows to fit the largest series that it has seen.
func New() *Engine { return new(Engine) }

// Forecast forecasts the series s by the method m, and writes the answer into dst, whose slices are reused. s is not
// changed. It panics when the skips or the ends of s are not as [Series] wants them.
//
// The error is a *DataError when s is empty or holds a value that is not finite; dst then holds no answer. Any other series
// has an answer: when the model cannot be fitted to a short, constant or rank-deficient series, the next model of its chain
// takes over, and dst.Model and dst.Fallback say so. Every number in the answer is finite, except a Skill that was not
// measured.
func (e *Engine) Forecast(dst *Result, s Series, m *Method) error {
	s.check(m.options.Horizon)
	if len(s.Ends) > maxOrigins && len(s.WalkEnds) > 0 && m.options.wantsErrors() {
		// A walk needs no fit at them.
		once := s
		once.Ends = []int{}
		if err := e.forecast(dst, once, m); err != nil || dst.Errors.Stride > 0 {
			return err
		}
	}
	return e.forecast(dst, s, m)
}

func (e *Engine) forecast(dst *Result, s Series, m *Method) error {
	o := &m.options
	dst.reset(o)
	e.mem.reset()
	// A closed form adds up by package inorder, which reads from any address.
	if m.closed != nil && !o.wantsErrors() && !o.Explain && len(s.Regressors) == 0 && m.closed.closed(e, s.Values, dst) {
		dst.Model = o.Model
		dst.finish(m, s.Values)
		return nil
	}
	y := e.aligned(s.Values)
	if err := check(y, s.Before); err != nil {
		return err
	}
	rest, x := y, (*effects)(nil)
	if len(s.Regressors) > 0 {
		if err := checkRegressors(&s); err != nil {
			return err
		}
		rest, x = e.explain(&s, y, o)
	}
	unread := 0
	if !m.model().can.has(readsAll) {
		unread = max(0, len(rest)-MaxPoints)
	}
	values, units := e.normalise(rest[unread:])
	q := question{values: values, skips: s.Skips, ends: s.Ends, unread: s.Before + unread, offset: units.offset}
	if x == nil { // otherwise errors are also those of the coefficients
		q.walk, q.stride = s.WalkEnds, s.WalkStride
	}
	p := e.newProblem(q, m)
	f, used := e.run(p, m.chain)
	var parts *outline
	if o.Explain {
		parts = e.outline(p, f, used)
	}
	for o := range p.ends {
		raise(f.row(o), p.floor(o))
	}
	f.paths = e.toSteps(p, f.paths)
	p.law = f.law
	dst.describe(p, f, used)
	if used != m.model() {
		dst.Fallback = tooLittle
	}
	if p.wantsErrors() {
		if x != nil {
			e.atOrigins(x, p, f.paths, units)
		}
		e.evaluate(dst, p, f.paths)
		if x != nil {
			dst.Skill = x.skill(p, f.paths, units)
		}
		dst.Floor = floorOf(units.least)
	}
	dst.restore(units)
	if x != nil {
		x.addTo(dst, o)
	}
	dst.setAverage(p, units)
	if m.drawn != nil {
		e.band(dst, m)
		e.draw(dst, m, &s)
		if o.Joint {
			dst.keepMarginals()
		}
		m.drawn.trim(dst)
	}
	dst.finish(m, y)
	if parts != nil {
		dst.parts(parts, units, x)
	}
	return nil
}

// finish rounds the answer where that was asked for.
func (r *Result) finish(m *Method, y []float64) {
	if m.options.Integers {
		r.Round(y, m.quantiles)
	}
}

// tooLittle is the reason of every fallback: what stops a fit is a lack of points or of variation in them.
const tooLittle = "the series is too short or too regular for the model asked for"

// run forecasts p by the first model of the chain, and fills the rows that it leaves missing by the next ones. It returns
// the model that made row 0, the forecast itself.
func (e *Engine) run(p *problem, chain []link) (f fit, used *link) {
	used = &chain[0]
	f = used.forecast(e, p)
	for i := 1; i < len(chain) && f.incomplete(); i++ {
		if f.missing(0) {
			used = &chain[i]
		}
		f.fill(chain[i].forecast(e, p).paths)
	}
	return f, used
}
