package backtest

import (
	"math"
	"slices"

	"foliocast/internal/job"
)

// pairs collects the scaled errors of the two models that are compared, until both have forecast a series.
type pairs struct {
	a, b  int // numbers of the models
	open  map[int]*losses
	order []int // the assets in open
}

// losses are the scaled absolute errors on the samples of one series.
type losses struct {
	kind string
	a, b []loss
}

// loss are the errors of one sample.
type loss struct {
	sample int
	steps  []float64
}

// pair is a series that both models have forecast.
type pair struct {
	a, b float64 // MASE, a mean over the origins
	dm   float64 // p-value of the Diebold-Mariano test; NaN with one origin
}

func (p *pairs) add(model, sample int, s *Sample, mean []float64) {
	if model != p.a && model != p.b || math.IsNaN(s.Scale) {
		return
	}
	l := p.open[s.Asset]
	if l == nil {
		l = &losses{kind: s.Kind}
		p.open[s.Asset] = l
		p.order = append(p.order, s.Asset)
	}
	mean = s.known(mean)
	one := loss{sample, make([]float64, len(mean))}
	for k, y := range s.Actual {
		one.steps[k] = math.Abs(y-mean[k]) / s.Scale
	}
	if model == p.a {
		l.a = append(l.a, one)
	} else {
		l.b = append(l.b, one)
	}
}

// end pairs the series that were collected.
func (p *pairs) end(r *Report) {
	for _, asset := range p.order {
		l := p.open[asset]
		one, ok := l.pair()
		if !ok {
			continue
		}
		r.all.paired = append(r.all.paired, one)
		if g := r.kinds[l.kind]; g != nil {
			g.paired = append(g.paired, one)
		}
	}
	p.open, p.order = make(map[int]*losses), p.order[:0]
}

// rounding is the relative difference up to which two errors are the same: a combination of one model makes the forecasts of
// that model, but for rounding.
const rounding = 1e-12

// pair compares the models on the samples that both have forecast.
func (l *losses) pair() (pair, bool) {
	var both int
	var one pair
	var d []float64 // in order of time
	steps := 0
	for _, a := range slices.Backward(l.a) { // the newest origin comes first
		i := slices.IndexFunc(l.b, func(b loss) bool { return b.sample == a.sample })
		if i < 0 {
			continue
		}
		both++
		b := l.b[i]
		for k := range a.steps {
			if math.Abs(a.steps[k]-b.steps[k]) <= rounding*(a.steps[k]+b.steps[k]) {
				b.steps[k] = a.steps[k]
			}
			one.a += a.steps[k] / float64(len(a.steps))
			one.b += b.steps[k] / float64(len(a.steps))
			d = append(d, a.steps[k]-b.steps[k])
		}
		steps = max(steps, len(a.steps))
	}
	if both == 0 {
		return one, false
	}
	one.a, one.b, one.dm = one.a/float64(both), one.b/float64(both), math.NaN()
	if both > 1 {
		_, one.dm = DieboldMariano(d, steps)
	}
	return one, true
}

// comparison sums the series of a group up. It is nil when no models are compared.
func (r *Report) comparison(g *group) *job.Comparison {
	if r.pairs == nil {
		return nil
	}
	c := &job.Comparison{A: r.config.Models[r.pairs.a], B: r.config.Models[r.pairs.b], Series: len(g.paired)}
	var d, ratios []float64
	var dm job.DM
	for _, p := range g.paired {
		d, ratios = append(d, p.a-p.b), append(ratios, p.a/p.b)
		switch {
		case p.a < p.b:
			c.Better++
		case p.a > p.b:
			c.Worse++
		}
		if math.IsNaN(p.dm) {
			continue
		}
		dm.Series++
		switch {
		case p.dm >= 0.05:
		case p.a < p.b:
			dm.Better++
		default:
			dm.Worse++
		}
		dm.P = number(p.dm)
	}
	t := PairedT(d)
	c.Difference, c.Lo, c.Hi, c.P = number(t.Mean), number(t.Lo), number(t.Hi), number(t.P)
	c.PSignedRank = number(SignedRank(d))
	c.MedianRatio = number(median(ratios))
	if dm.Series > 0 {
		if dm.Series > 1 {
			dm.P = nil
		}
		c.DM = &dm
	}
	return c
}

// median is the median of the numbers among x; a ratio of two zeros is not a number, and is left out.
func median(x []float64) float64 {
	x = slices.DeleteFunc(slices.Clone(x), math.IsNaN)
	if len(x) == 0 {
		return math.NaN()
	}
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}
