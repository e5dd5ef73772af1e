package portfolio

import (
	"math"

	"foliocast/internal/job"
	"foliocast/internal/series"
)

// Worth is what the portfolio is worth, in the terms of the overall forecast, when each asset has the value that value returns for its number
// in the job. It is NaN when one of those that count has none, NaN, or when there is no overall forecast. It must be called after Answer.
func (p *Plan) Worth(value func(i int) float64) float64 {
	if p.overall.fault != nil || p.sum.counted == 0 {
		return math.NaN()
	}
	var sum exact
	for i := range p.assets {
		a := &p.assets[i]
		if a.weight == 0 || a.fault != nil {
			continue
		}
		sum.add(a.term(value(i)))
	}
	return sum.value() * p.scale()
}

// scale is what everything is multiplied by because assets are lost: the weights of the others then sum to 1 again.
func (p *Plan) scale() float64 {
	if p.spec.Combine != job.Value && p.lostWeight() {
		return 1 / p.sum.weight.value()
	}
	return 1
}

// Dates are the last dates, at most limit of them, on which any of the given assets of a table has a value, ascending, and whether all of
// them have one that was observed.
func Dates(table *series.Table, assets []int, limit int) (times []int64, all []bool) {
	members := make([]*asset, len(assets))
	for k, i := range assets {
		members[k] = &asset{index: i}
	}
	m := &measure{table: table}
	m.findTimes(members, limit)
	return m.times, m.all
}
