package nixtla

import (
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

// Form is what the audit of a dataset says of its form that a request of this API made.
const Form = "flat"

// Tables makes the table of the pieces, and after it one for each column that the job knows in advance, as reading a file of them
// would: store keeps each of them before the next one is made. The budget bounds the memory. Call it once.
func (p *Plan) Tables(budget *series.Budget, store func(column string, t *series.Table, a *series.Audit) error) error {
	times := make([][]int64, len(p.request.Series.Sizes))
	for i, n := range p.request.Series.Sizes {
		if err := budget.Hold(8 * int64(n+p.Spec.Horizon)); err != nil {
			return err
		}
		var ok bool
		if times[i], ok = p.axis.times(i, n+p.Spec.Horizon); !ok {
			return problem.Newf(problem.Invalid, "series %d would be forecast beyond the year %d", i+1, lastYear)
		}
	}
	y := p.request.Series.Y
	t, a, err := p.table("y", times, budget, 0, func(c piece, k int) float64 { return y[p.from[c.series]+k] })
	if err != nil {
		return err
	}
	if err := store("", t, a); err != nil {
		return err
	}
	for i := range p.columns {
		x := &p.columns[i]
		t, a, err := p.table(x.name, times, budget, p.Spec.Horizon, func(c piece, k int) float64 { return x.value(p, c.series, k) })
		if err != nil {
			return err
		}
		if err := store(x.name, t, a); err != nil {
			return err
		}
	}
	p.forget()
	return nil
}

// forget lets go of what the answer does not need: while the job is under way, only anomalies need the values.
func (p *Plan) forget() {
	s := &p.request.Series
	s.X, s.XFuture = nil, nil
	if p.op != Anomalies && p.op != OnlineAnomalies {
		s.Y = nil
	}
}

// table makes a table with the known values of each piece, and ahead more of them.
func (p *Plan) table(column string, times [][]int64, budget *series.Budget, ahead int, value func(c piece, k int) float64) (*series.Table, *series.Audit, error) {
	o := series.Options{ID: "unique_id", Time: "ds", Value: column, Freq: series.Freq(p.axis.freq()), Budget: budget}
	if p.axis.kind == series.Step {
		o.TimeFormat = "step"
	}
	b, err := series.NewBuilder(series.Named("unique_id", "ds", column), o)
	if err != nil {
		return nil, nil, err
	}
	b.Kind = p.axis.kind
	if p.axis.zone != "" {
		if err := b.SetZone(p.axis.zone); err != nil {
			return nil, nil, err
		}
	}
	line := int64(0)
	for k, c := range p.pieces {
		first, end := p.first(c), c.end-c.skip+ahead
		if err := b.Grow(end - first); err != nil {
			return nil, nil, err
		}
		asset, reason := b.Asset([]byte(p.name(k)))
		if reason != "" {
			return nil, nil, series.Reject("%s", reason)
		}
		for at := first; at < end; at++ {
			if err := b.Err(); err != nil {
				return nil, nil, err
			}
			line++
			b.Add(line, asset, times[c.series][at], value(c, at))
		}
	}
	t, a, err := b.Table()
	if err != nil {
		return nil, nil, err
	}
	a.Form, a.Column = Form, column
	return t, a, nil
}
