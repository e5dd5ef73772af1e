package forecast

import "slices"

// Method is a model with validated options, ready to be applied to any series. Make one with NewMethod. A Method is
// immutable: any number of engines may use it at the same time.
type Method struct {
	options   Options
	quantiles []float64  // that were asked for: those of the options may be more
	chain     []link     // the model asked for and the ones that take over from it, in order
	closed    formula    // the model asked for, when it has a closed form; else nil
	drawn     *marginals // when paths are to be drawn or bands to be found
}

// link is a model of the chain, with the name of its answer when it was fitted to logarithms.
type link struct {
	entry
	logName string
}

// NewMethod returns the method that o asks for. It keeps copies of o's slices. It returns the error of Options.Validate.
func NewMethod(o Options) (*Method, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o.Periods, o.Seasons = slices.Clone(o.Periods), slices.Clone(o.Seasons)
	o.Levels, o.Quantiles, o.Bands = slices.Clone(o.Levels), slices.Clone(o.Quantiles), slices.Clone(o.Bands)
	m := &Method{options: o, quantiles: o.Quantiles}
	if o.Paths+len(o.Bands) > 0 {
		m.drawn = newMarginals(o.Quantiles, bandProbabilities(o.Bands)...)
		m.options.Quantiles = m.drawn.probabilities
	}
	models := registry()
	for name := o.Model; name != ""; {
		next, _ := lookup(models, name)
		m.chain = append(m.chain, link{next, name + "-log"})
		name = next.fallback
	}
	if first := m.model(); first.can.has(closedForm) {
		m.closed = first.model.(formula)
	}
	return m, nil
}

// model is the model asked for.
func (m *Method) model() *link { return &m.chain[0] }

// forecast forecasts p on the scale that the model works on.
func (l *link) forecast(e *Engine, p *problem) fit {
	return l.model.forecast(e, p, l.can.has(usesLogs) && p.positive())
}

// label names the answer f to p.
func (l *link) label(p *problem, f fit) string {
	switch {
	case l.can.has(usesLogs) && p.positive():
		return l.logName
	case len(f.members) == 1:
		return f.members[0].Name
	}
	return l.Name
}

// point says what the forecast f to p is. A combination of several models of a positive series is mostly one on logarithms.
func (l *link) point(p *problem, f fit) string {
	if f.point != "" {
		return f.point
	}
	if p.positive() && (l.can.has(usesLogs) || len(f.members) > 1) {
		return Median
	}
	return Mean
}
