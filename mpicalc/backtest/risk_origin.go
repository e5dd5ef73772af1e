package backtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
)

// dated is the job as it would have been answered from one origin.
type dated struct {
	plan  *portfolio.Plan
	place int // of the origin, in the times
}

// mostUnder is how many plans are kept. One that was not kept is made again: until its first answer it holds nothing that another would not.
const mostUnder = 64

// dated returns the plan of an origin that is under way, or makes it.
func (p *RiskPlan) dated(origin int) (*dated, error) {
	if d := p.under[origin]; d != nil {
		return d, nil
	}
	if len(p.under) == mostUnder {
		delete(p.under, slices.Max(slices.Collect(maps.Keys(p.under)))) // answers come from the lowest on
	}
	d := &dated{place: p.origins[origin]}
	at := p.data.Table.Time(p.times[d.place])
	spec := p.spec
	spec.To = at.String()
	plan, err := portfolio.New(spec, p.data, func(i int, r *forecast.Result, fault *job.Error) error {
		if fault == nil {
			p.compareAsset(d, i, r)
		}
		return nil
	})
	if fault, ok := errors.AsType[*portfolio.Error](err); ok {
		return nil, &portfolio.Error{Code: fault.Code, Field: fault.Field, Detail: fmt.Sprintf("from the origin %s: %s", at, fault.Detail)}
	}
	if err != nil {
		return nil, err
	}
	if plan.Len() != len(p.used) {
		return nil, fmt.Errorf("from the origin %s only %d of %d assets can be forecast", at, plan.Len(), len(p.used))
	}
	d.plan = plan
	p.under[origin] = d
	return d, nil
}

// compareAsset compares the forecast of a used asset with what came.
func (p *RiskPlan) compareAsset(d *dated, i int, r *forecast.Result) {
	if len(r.Quantiles) == 0 {
		return
	}
	t, index := p.data.Table, p.assets[p.used[i]].index
	values, filled := t.Values(index), t.FilledAt(index)
	n := t.PositionAt(index, t.Time(p.times[d.place])) + 1
	from := p.states[i].after(values, n)
	last := p.times[d.place+p.spec.Horizon]
	var after path
	for k := range min(p.spec.Horizon, len(values)-n) {
		at := t.At(index, n+k)
		if _, missing := slices.BinarySearch(filled, int32(n+k)); missing || at.N > last {
			after.broken = true
			continue
		}
		f := rows{lo: column(r.Lo, k), hi: column(r.Hi, k), quantiles: column(r.Quantiles, k), bandLo: column(r.BandLo, k), bandHi: column(r.BandHi, k)}
		o := p.grid.outcome(from, f, came{at, values[n+k]})
		o.held = after.add(f, o.y)
		p.own[i][k] = append(p.own[i][k], o)
	}
}

// column is step k of several rows.
func column(rows [][]float64, k int) []float64 {
	out := make([]float64, len(rows))
	for i, row := range rows {
		out[i] = row[k]
	}
	return out
}

// after is what is known after the first n values. n does not fall from call to call.
func (s *state) after(values []float64, n int) known {
	for s.read = max(s.read, 1, n-ewmaSteps); s.read < n; s.read++ {
		s.ewma.add(step(values[s.read-1], values[s.read], s.positive))
	}
	from := known{base: values[n-1], unit: 1, volatility: s.ewma.deviation()}
	if s.positive {
		from.unit = from.base
	}
	return from
}

// compare compares the forecast of the portfolio with what came.
func (p *RiskPlan) compare(d *dated) error {
	answer, err := d.plan.Answer("", job.Provenance{})
	if err != nil {
		return err
	}
	f := answer.Overall
	switch {
	case f == nil && answer.Error != nil:
		p.remark = "There is no risk of the portfolio: " + answer.Error.Detail + "."
		return nil
	case f == nil || f.Risk == nil || len(f.Quantiles) == 0:
		if p.remark = "There is no risk of the portfolio."; f != nil && len(f.Notes) > 0 {
			p.remark += " " + strings.Join(f.Notes, ". ") + "."
		}
		return nil
	}
	from := p.portfolioAt(d)
	var after path
	for k := range p.spec.Horizon {
		q := d.place + 1 + k
		if !p.all[q] {
			after.broken = true
			continue
		}
		y, of := d.plan.Worth(func(i int) float64 { return p.valueAt(i, q) }), p.overallRows(f, k)
		o := p.grid.outcome(from, of, came{p.data.Table.Time(p.times[q]), y})
		o.held = after.add(of, y)
		p.overall[k] = append(p.overall[k], o)
	}
	return nil
}

// valueAt is the value of a used asset at a time that all assets have.
func (p *RiskPlan) valueAt(i, q int) float64 {
	t, index := p.data.Table, p.assets[p.used[i]].index
	return t.Values(index)[t.PositionAt(index, t.Time(p.times[q]))]
}

// overallRows are the forecast of the portfolio at step k.
func (p *RiskPlan) overallRows(f *job.Forecast, k int) rows {
	var out rows
	for _, level := range p.judge.levels {
		name := job.Level(level)
		out.lo, out.hi = append(out.lo, f.Lo[name][k]), append(out.hi, f.Hi[name][k])
	}
	for _, level := range p.judge.bands {
		if f.Band != nil {
			name := job.Level(level)
			out.bandLo, out.bandHi = append(out.bandLo, f.Band.Lo[name][k]), append(out.bandHi, f.Band.Hi[name][k])
		}
	}
	for _, q := range p.grid.probabilities {
		out.quantiles = append(out.quantiles, f.Quantiles[job.Quantile(q)][k])
	}
	for _, level := range p.judge.risks {
		name := job.Level(level)
		out.vars, out.es = append(out.vars, f.Risk.VaR[name][k]), append(out.es, f.Risk.ES[name][k])
	}
	return out
}

// portfolioAt is what is known of the portfolio at an origin. Its steps in the past are those that it would have made with what it holds now, so
// that their exponentially weighted variance is w'Σw with the weights of now and Σ that of the assets (J.P. Morgan 1996).
func (p *RiskPlan) portfolioAt(d *dated) known {
	now := make([]float64, len(p.used))
	positive := p.spec.Combine != job.Return
	for i := range now {
		now[i] = p.valueAt(i, d.place)
	}
	worth := func(i int, change float64) float64 {
		return d.plan.Worth(func(k int) float64 {
			if k == i {
				return now[k] + change
			}
			return now[k]
		})
	}
	base := worth(-1, 0)
	exposures := make([]float64, len(p.used)) // to a step of 1
	for i := range now {
		unit := 1.0
		if p.states[i].positive {
			unit = now[i]
		}
		exposures[i] = worth(i, unit) - base
		positive = positive && p.states[i].positive && exposures[i] >= 0
	}
	var e ewma
	last := -1
	for q := max(0, d.place-ewmaSteps); q <= d.place; q++ {
		if !p.all[q] {
			continue
		}
		if last >= 0 {
			sum := 0.0
			for i := range now {
				sum += exposures[i] * step(p.valueAt(i, last), p.valueAt(i, q), p.states[i].positive)
			}
			e.add(sum)
		}
		last = q
	}
	from := known{base: base, unit: 1, volatility: e.deviation()}
	if positive && base > 0 {
		from.unit = base
		from.volatility /= base
	}
	return from
}

// series measures each step of a series. It is nil where a step has no forecast.
func (j *judge) series(h history) []job.RiskStep {
	var all []job.RiskStep
	for k, outcomes := range h {
		if len(outcomes) == 0 {
			return nil
		}
		all = append(all, j.step(k, outcomes))
	}
	return all
}
