package portfolio

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/risk"
)

// contribution is what one asset adds to the portfolio at the last step: of its forecast, and of its errors at each origin.
type contribution struct {
	name        string
	gain        float64   // what is forecast, less what the asset is worth at the origin
	fits, walks []float64 // at the origins of the measure; walks only of a forecast that is as good as naive
}

// maxContributions is how many assets have components of risk at most: each keeps hundreds of errors.
const maxContributions = 10_000

// wantsRisk reports whether the risk of the portfolio is wanted.
func (p *Plan) wantsRisk() bool { return len(p.spec.Risk) > 0 }

// wantsErrors reports whether the errors of the whole portfolio are wanted, though there may be no intervals.
func (p *Plan) wantsErrors() bool { return p.wantsRisk() || p.wantsCovariance() }

// wantsCovariance reports whether the covariance of the assets' errors is wanted.
func (p *Plan) wantsCovariance() bool { return p.spec.Covariance != "" }

// wantsPaths reports whether errors are wanted at hundreds of origins.
func (p *Plan) wantsPaths() bool { return len(p.asked.bands) > 0 || p.wantsCovariance() }

// base is what the portfolio is worth at the origin, by the last values of its assets, and 0 for a return.
func (p *Plan) base() float64 {
	var base exact
	for _, a := range p.overall.counted {
		if a.fault == nil {
			base.add(p.worth(a))
		}
	}
	return base.value()
}

// worth is what an asset adds to the portfolio by its last value.
func (p *Plan) worth(a *asset) float64 {
	values := p.table.Values(a.index)
	return a.term(values[len(values)-1])
}

// contribute keeps what an asset adds to the risk of the portfolio. Its errors were measured at the given origins and lie at places.
func (p *Plan) contribute(a *asset, at *origins, places []int32, r *forecast.Result) {
	if !p.wantsRisk() || len(p.overall.counted) > maxContributions {
		return
	}
	m, h := p.overall.measure, p.spec.Horizon
	c := contribution{name: a.name, gain: a.term(r.Mean[len(r.Mean)-1]) - p.worth(a), fits: make([]float64, len(m.fits.places))}
	if r.Errors.Stride != 0 {
		c.walks = make([]float64, len(m.walks.places))
	}
	for o := range at.places {
		e := math.NaN()
		if place := places[o*h+h-1]; place >= 0 {
			e = r.Errors.Data[place] * a.coef
		}
		if c.walks != nil {
			c.walks[o] = e
		}
		if f := at.fit[o]; f >= 0 {
			c.fits[f] = e
		}
	}
	p.sum.contributions = append(p.sum.contributions, c)
}

// contributeRows is contribute for assets that share no dates.
func (p *Plan) contributeRows(a *asset, r *forecast.Result) {
	if !p.wantsRisk() || len(p.overall.counted) > maxContributions {
		return
	}
	c := contribution{name: a.name, gain: a.term(r.Mean[len(r.Mean)-1]) - p.worth(a)}
	for o := range p.overall.steps {
		c.fits = append(c.fits, r.Errors.Row(o)[p.spec.Horizon-1]*a.coef)
	}
	p.sum.contributions = append(p.sum.contributions, c)
}

// risk is what the portfolio may lose: mean is its forecast, and joint are its errors. It is nil, with a note, where its errors are not
// measured.
func (p *Plan) risk(mean []float64, joint *forecast.Errors, scale float64) (*job.Risk, string) {
	o := &p.overall
	switch {
	case !p.wantsRisk():
		return nil, ""
	case joint.Origins == 0:
		return nil, "there is no risk: the errors of the portfolio cannot be measured on dates that its assets have in common"
	case o.others:
		return nil, "there is no risk: not all assets can be measured together"
	}
	d := &distribution{mean: mean, errors: joint, of: forecast.NewDistribution(mean, joint), least: math.Inf(-1)}
	if p.sum.positive {
		d.least = p.leastValue()
	}
	if p.spec.Combine != job.Return {
		d.base = p.base() * scale
	}
	r := &job.Risk{Base: d.base, Origins: joint.Origins, VaR: map[string][]float64{}, ES: map[string][]float64{}, Drawdown: map[string]float64{}}
	r.Volatility, r.LossProbability = d.whole()
	falls := risk.NewSample(risk.Drawdowns(d.paths(), d.base, risk.AbsoluteDrawdown))
	for _, level := range p.spec.Risk {
		name := job.Level(level)
		r.VaR[name], r.ES[name] = d.tail(level / 100)
		r.Drawdown[name] = falls.Quantile(level / 100)
	}
	if len(o.counted) > maxContributions {
		return r, fmt.Sprintf("the risk has no components: there are more than %d assets", maxContributions)
	}
	if err := p.allocate(r, d, scale); err != nil {
		return r, "the risk has no components: " + err.Error()
	}
	return r, ""
}

// allocate divides the risk at the last step among the assets. What is forecast to change belongs to each asset. The errors are those of
// the origins, in proportion so that they add up to the risk of the distribution.
func (p *Plan) allocate(r *job.Risk, d *distribution, scale float64) error {
	all := p.sum.contributions
	slices.SortFunc(all, func(a, b contribution) int { return cmp.Compare(a.name, b.name) }) // whatever the order in the job
	errors := func(c *contribution) []float64 { return c.fits }
	if d.errors.Stride > 0 {
		errors = func(c *contribution) []float64 { return c.walks }
	}
	last := len(d.mean) - 1
	losses := make([]float64, 0, d.errors.Origins)
	for o := range d.errors.Origins {
		losses = append(losses, -d.errors.Row(o)[last])
	}
	var ratios []float64
	if d.errors.Stride > 0 {
		ratios = p.sum.ratios(p.overall.measure)
	}
	own := make([][]float64, len(all)) // the losses of each asset at the same origins
	for i := range all {
		for o, e := range errors(&all[i]) {
			if !math.IsNaN(e) && len(own[i]) < len(losses) {
				own[i] = append(own[i], -e*scale*ratioAt(ratios, o))
			}
		}
	}
	whole, sorted := d.base-d.mean[last], risk.NewWhole(losses)
	divide := func(w risk.Weights, total float64) ([]float64, error) {
		out := make([]float64, len(all))
		sample := w.Component(losses)
		for i := range all {
			out[i] = -all[i].gain * scale
			if sample != 0 {
				out[i] += w.Component(own[i]) * ((total - whole) / sample)
			}
		}
		return out, risk.Settle(out, total)
	}
	components := make([]job.Component, len(all))
	for i := range components {
		components[i] = job.Component{VaR: map[string]float64{}, ES: map[string]float64{}}
	}
	for _, level := range p.spec.Risk {
		name := job.Level(level)
		ofVaR, err := divide(sorted.VaR(level/100), r.VaR[name][last])
		if err != nil {
			return err
		}
		ofES, err := divide(sorted.ES(level/100), r.ES[name][last])
		if err != nil {
			return err
		}
		for i := range all {
			components[i].VaR[name], components[i].ES[name] = ofVaR[i], ofES[i]
		}
	}
	r.Components = make(map[string]job.Component, len(all))
	var alone []float64
	for i, c := range all {
		r.Components[c.name] = components[i]
		alone = append(alone, stat.StdDev(own[i], nil))
	}
	if ratio := risk.DiversificationRatio(alone, stat.StdDev(losses, nil)); !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
		r.Diversification = &ratio
	}
	return nil
}
