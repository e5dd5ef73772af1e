package portfolio

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// setBenchmark sets what the portfolio does relative to the benchmark. Both are returns from the origin: of the portfolio, whose forecast
// is out.Mean, from what it is worth by the last values, and of the benchmark from its last value. scale is as for joint.
func (p *Plan) setBenchmark(out *job.Forecast, scale float64) {
	if p.spec.Benchmark == "" {
		return
	}
	why := p.whyNoMembers()
	b, base := p.memberOf(p.spec.Benchmark), p.base()*scale
	switch {
	case why != "":
	case b == nil:
		why = "the errors of the benchmark are not measured with those of the others"
	case !(b.last > 0):
		why = "the benchmark has no positive value to count returns from"
	case p.spec.Combine == job.Return:
		base = 1
	case !(base > 0):
		why = "the portfolio has no positive value to count returns from"
	}
	if why != "" {
		out.Notes = append(out.Notes, "there is no comparison with the benchmark: "+why)
		return
	}
	h := p.spec.Horizon
	r := &job.Relative{Benchmark: b.name}
	mean, rows := make([]float64, h), make([][]float64, h)
	for k := range h {
		whole := p.together(k, scale/base)
		var own, other []float64
		for o, e := range b.errors[k] {
			if d := whole[o] - e/b.last; !math.IsNaN(d) {
				own, other, rows[k] = append(own, whole[o]), append(other, e/b.last), append(rows[k], d)
			}
		}
		mean[k] = out.Mean[k] / base
		if p.spec.Combine != job.Return {
			mean[k]--
		}
		mean[k] -= b.mean[k]/b.last - 1
		r.Beta = append(r.Beta, measured(stat.Covariance(own, other, nil)/stat.Variance(other, nil)))
		r.Correlation = append(r.Correlation, measured(stat.Correlation(own, other, nil)))
	}
	errs := p.asErrors(rows)
	d := &distribution{mean: mean, errors: errs, of: forecast.NewDistribution(mean, errs), least: math.Inf(-1)}
	r.Origins, r.Mean = errs.Origins, mean
	r.TrackingError, r.Underperformance = d.whole()
	r.VaR, r.ES = map[string][]float64{}, map[string][]float64{}
	levels := p.spec.Risk
	if len(levels) == 0 {
		levels = []float64{95}
	}
	for _, level := range levels {
		r.VaR[job.Level(level)], r.ES[job.Level(level)] = d.tail(level / 100)
	}
	out.Relative = r
}

// asErrors are the errors of each step, the latest first, as many of each step as all have.
func (p *Plan) asErrors(rows [][]float64) *forecast.Errors {
	out := &forecast.Errors{Horizon: len(rows), Origins: len(rows[0])}
	if m := p.overall.measure; m != nil {
		out.Stride = m.stride
	}
	for _, row := range rows {
		out.Origins = min(out.Origins, len(row))
	}
	out.Data = make([]float64, out.Origins*out.Horizon)
	for k, row := range rows {
		for o, e := range row[:out.Origins] {
			out.Row(o)[k] = e
		}
	}
	return out
}
