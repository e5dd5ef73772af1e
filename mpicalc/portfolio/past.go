package portfolio

import "foliocast/internal/job"

// Past are the times and values of asset i before its forecast, at most the last n, the oldest first. An asset that has no forecast has
// none.
func (p *Plan) Past(i, n int) (ds []string, y []float64) {
	a := &p.assets[i]
	if a.fault != nil {
		return nil, nil
	}
	values := p.table.Values(a.index)
	from := max(len(values)-n, 0)
	for k := from; k < len(values); k++ {
		ds = append(ds, p.table.At(a.index, k).String())
	}
	return ds, values[from:]
}

// lookedBack is how many times as many values as are wanted PastOverall looks at, where not all assets have one at each time.
const lookedBack = 4

// PastOverall are the times and values of the portfolio before its forecast, combined as this is: at most n, at the last times at which
// all assets that count have a value, the oldest first. It is called after Answer, and empty where there is no overall forecast.
func (p *Plan) PastOverall(n int) (ds []string, y []float64) {
	o := &p.overall
	if o.fault != nil || p.sum.counted == 0 || !o.dated && len(o.counted) > 1 {
		return nil, nil
	}
	end := len(p.table.Values(o.newest.index))
	for k := max(end-lookedBack*n, 0); k < end; k++ {
		if v, all := p.worthAt(k); all {
			ds, y = append(ds, p.table.At(o.newest.index, k).String()), append(y, v)
		}
	}
	from := max(len(y)-n, 0)
	return ds[from:], y[from:]
}

// worthAt is the portfolio at the time of value k of the newest asset; all reports whether every asset that counts has a value then.
func (p *Plan) worthAt(k int) (v float64, all bool) {
	var sum exact
	at := p.table.At(p.overall.newest.index, k)
	for _, a := range p.overall.counted {
		if a.fault != nil {
			continue
		}
		i := p.table.PositionAt(a.index, at)
		if i < 0 || !p.table.At(a.index, i).Equal(at) {
			return 0, false
		}
		sum.add(a.term(p.table.Values(a.index)[i]))
	}
	scale := 1.0
	if p.spec.Combine != job.Value && p.lostWeight() {
		scale = 1 / p.sum.weight.value()
	}
	return sum.value() * scale, true
}
