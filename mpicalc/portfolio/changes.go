package portfolio

import (
	"math"

	"foliocast/internal/series"
)

// Changes from one common date to the next tell how assets move together when their errors cannot be measured together. Fewer
// than minChanges tell nothing.
const (
	minChanges = 4
	maxChanges = 60
)

// correlationOfChanges is the correlation of the assets that count among each other, each pair alike, by their changes from
// one common date to the next. It is 0 when there are too few common dates.
func (p *Plan) correlationOfChanges() float64 {
	o := &p.overall
	if !o.dated {
		return 0
	}
	m := measure{table: p.table}
	m.findTimes(o.counted, 4*maxChanges)
	var dates []int // places of the last common dates, ascending
	for q, all := range m.all {
		if all {
			dates = append(dates, q)
		}
	}
	dates = dates[max(0, len(dates)-maxChanges-1):]
	n := len(dates) - 1
	if n < minChanges {
		return 0
	}
	together := make(exactRow, n)
	var own spread
	for _, a := range o.counted {
		values, square := p.table.Values(a.index), 0.0
		for k := range n {
			change := a.coef/o.unit*values[m.position(a, dates[k+1])] - a.coef/o.unit*values[m.position(a, dates[k])]
			together[k].add(change)
			square += change * change
		}
		own.add(a.coef, math.Sqrt(square/float64(n)))
	}
	square := 0.0
	for _, v := range together.values() {
		square += v * v
	}
	rho, _ := own.correlation(square / float64(n))
	return rho
}

// unitOf is a power of 2 of the size of the largest values of assets, multiplied by their coefficients, or 1 when all are 0.
// Numbers that are divided by it have squares that neither overflow nor vanish together.
func (p *Plan) unitOf(assets []*asset) float64 {
	largest := 0.0
	for _, a := range assets {
		for _, v := range p.table.Values(a.index) {
			largest = max(largest, math.Abs(a.coef*v))
		}
	}
	if largest == 0 {
		return 1
	}
	_, exponent := math.Frexp(min(largest, math.MaxFloat64))
	return math.Ldexp(1, min(exponent, 1000))
}

// lastCommonDate is the last date on which all assets that count have an observed value.
func (p *Plan) lastCommonDate() (series.Time, bool) {
	m := measure{table: p.table}
	m.findTimes(p.overall.counted, 1<<20)
	for q := len(m.times) - 1; q >= 0; q-- {
		if m.all[q] {
			return p.table.Time(m.times[q]), true
		}
	}
	return series.Time{}, false
}
