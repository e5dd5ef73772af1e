package portfolio

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// Take is for the leader: it adds the result of series i to the portfolio and passes it on to the sink.
func (p *Plan) Take(i int, r *forecast.Result, err error) error {
	a := &p.assets[p.usable[i]]
	if p.held != nil && err == nil {
		p.add(a, r)
		p.held.keep(p, i, a, r)
		return nil
	}
	if p.held == nil {
		if err := p.flush(p.usable[i]); err != nil {
			return err
		}
		p.next++
	}
	if err == nil {
		p.add(a, r)
		return p.sink(p.next-1, p.ownPart(a, r), nil)
	}
	a.fault = &job.Error{Code: "invalid", Detail: fmt.Sprintf("asset %q: %v", a.name, err)}
	if fault, ok := errors.AsType[*spmd.SeriesError](err); ok {
		a.fault.Code = fault.Code
	}
	if p.spec.OnError == job.Fail {
		return p.failure(a)
	}
	if p.held != nil { // until the others are known
		return nil
	}
	return p.sink(p.next-1, nil, a.fault)
}

// add adds the forecast of an asset to that of the portfolio.
func (p *Plan) add(a *asset, r *forecast.Result) {
	p.sum.forecasts++
	if p.overall.fault != nil {
		return
	}
	if len(p.overall.counted) > 1 {
		r = p.averaged(r)
	}
	if p.keepMember(a, r); a.weight == 0 {
		return
	}
	p.sum.add(a, r)
	switch {
	case !a.measured:
	case p.overall.dated:
		at := p.originsOf(r)
		places := p.placesAt(a, at)
		p.sum.addErrors(a, at, places, &r.Errors)
		p.contribute(a, at, places, r)
		p.keepPaths(a, at, places, r)
	default:
		p.sum.addRows(a, &r.Errors, p.overall.steps)
		p.contributeRows(a, r)
	}
}

// averaged is a result with means in place of medians where it has both, and with the errors of these: only means add up.
func (p *Plan) averaged(r *forecast.Result) *forecast.Result {
	if len(r.Average) == 0 {
		return r
	}
	p.mean = *r
	p.mean.Mean, p.mean.Point = r.Average, forecast.Mean
	for o := range r.Errors.Origins {
		for k, e := range r.Errors.Row(o) {
			r.Errors.Row(o)[k] = e - (r.Average[k] - r.Mean[k])
		}
	}
	return &p.mean
}

// ownPart is the part of a result that an asset's answer has: the steps after its own end, and the quantiles that the job asks
// for, in integers where it asks for them. The rest is for the overall forecast, and added to it by now: of many small counts,
// the rounded forecasts would all be 0, and so would be their sum.
func (p *Plan) ownPart(a *asset, r *forecast.Result) *forecast.Result {
	if a.lag == 0 && !p.asked.needsOpposite(a) && !p.spec.Integers {
		return r
	}
	lo, hi, quantiles, parts := p.own.Lo[:0], p.own.Hi[:0], p.own.Quantiles[:0], p.own.Parts[:0]
	bandLo, bandHi := p.own.BandLo[:0], p.own.BandHi[:0]
	p.own = *r
	for _, part := range r.Parts {
		parts = append(parts, forecast.Part{Name: part.Name, Values: part.Values[:p.spec.Horizon]})
	}
	p.own.Parts = parts
	p.own.Mean = r.Mean[:p.spec.Horizon]
	p.own.Paths = cutPaths(r.Paths, len(r.Mean), p.spec.Horizon)
	p.own.Lo, p.own.Hi = append(lo, r.Lo...), append(hi, r.Hi...)
	p.own.Quantiles = p.asked.ownQuantiles(quantiles, a, r)
	p.own.BandLo, p.own.BandHi = append(bandLo, r.BandLo...), append(bandHi, r.BandHi...)
	for _, rows := range [][][]float64{p.own.Lo, p.own.Hi, p.own.Quantiles, p.own.BandLo, p.own.BandHi} {
		for i := range rows {
			rows[i] = rows[i][:p.spec.Horizon]
		}
	}
	if p.spec.Integers {
		p.own.Round(p.table.Values(a.index), p.asked.quantiles)
	}
	return &p.own
}

// flush passes on the faults of the assets before number end that were never forecast.
func (p *Plan) flush(end int) error {
	for ; p.next < end; p.next++ {
		if err := p.sink(p.next, nil, p.assets[p.next].fault); err != nil {
			return err
		}
	}
	return nil
}

// Answer ends the plan after Take has had every series: it passes the last faults on and returns the answer without
// its assets. The weight of an asset without a forecast is shared among the others in proportion to theirs, but nothing stands
// in for a holding: a value that lacks one is left out.
func (p *Plan) Answer(id job.ID, made job.Provenance) (job.Answer, error) {
	if err := p.release(); err != nil {
		return job.Answer{}, err
	}
	if err := p.flush(len(p.assets)); err != nil {
		return job.Answer{}, err
	}
	answer := job.Answer{Job: id, State: job.Done, Time: p.TimeKind(), Provenance: made}
	switch {
	case p.sum.forecasts == 0:
		answer.State = job.Failed
		answer.Error = &job.Error{Code: "no-forecast", Detail: "no asset could be forecast"}
		if len(p.assets) == 1 {
			answer.Error = p.assets[0].fault
		}
		return answer, nil
	case p.sum.forecasts < len(p.assets):
		answer.State = job.Partial
	}
	answer.Overall, answer.Error = p.total()
	return answer, nil
}

// Failure is the answer of a job that failed as a whole.
func Failure(id job.ID, err *Error, made job.Provenance) job.Answer {
	return job.Answer{Job: id, State: job.Failed, Error: &job.Error{Code: err.Code, Detail: err.Detail}, Provenance: made}
}

// Asset is the answer for asset i as it goes over the wire. It shares no memory with r; DS is that of [Plan.Times].
func (p *Plan) Asset(i int, r *forecast.Result, fault *job.Error) job.Asset {
	a := p.asset(i, r, fault)
	if fault == nil {
		p.setValues(&a, r)
	}
	return a
}

// setValues sets the values of a forecast.
func (p *Plan) setValues(a *job.Asset, r *forecast.Result) {
	a.Mean = append(a.Mean, r.Mean...)
	a.Lo, a.Hi = named(p.asked.levels, r.Lo, job.Level), named(p.asked.levels, r.Hi, job.Level)
	a.Quantiles = named(p.asked.quantiles, r.Quantiles, job.Quantile)
	a.Band = bandOf(named(p.asked.bands, r.BandLo, job.Level), named(p.asked.bands, r.BandHi, job.Level))
	a.Paths = pathRows(slices.Clone(r.Paths), p.spec.Horizon, p.spec.Horizon)
}

// asset is Asset without the values.
func (p *Plan) asset(i int, r *forecast.Result, fault *job.Error) job.Asset {
	a := job.Asset{Asset: p.assets[i].name, Filled: p.table.Filled(p.assets[i].index), Error: fault}
	if fault != nil {
		return a
	}
	effects, unknown := p.effects(r)
	a.X = effects
	a.Model, a.Fallback, a.Note = r.Model, r.Fallback, joined(joined(joined(r.Note, unknown), p.dataNote(i)), p.splitNote(i))
	a.Seasons = append(a.Seasons, r.Seasons...)
	a.DS = p.Times(i)
	a.Point = job.Point(r.Point)
	a.Skill = measured(r.Skill)
	a.Members = members(r)
	a.Parts = p.parts(r)
	return a
}

func members(r *forecast.Result) (all []job.Member) {
	for _, m := range r.Members {
		all = append(all, job.Member{Name: m.Name, Weight: m.Weight, Skill: measured(m.Skill), Dropped: m.Dropped})
	}
	return all
}

// parts are the parts of a forecast by their names, in which those of columns stand in place of numbers.
func (p *Plan) parts(r *forecast.Result) map[string][]float64 {
	if len(r.Parts) == 0 {
		return nil
	}
	all := make(map[string][]float64, len(r.Parts))
	for _, part := range r.Parts {
		name := part.Name
		if number, ok := strings.CutPrefix(name, "x "); ok {
			i, _ := strconv.Atoi(number)
			name = "x " + p.columns[i-1].Name
		}
		all[name] = slices.Clone(part.Values)
	}
	return all
}

func measured(skill float64) *float64 {
	if math.IsNaN(skill) || math.IsInf(skill, 0) {
		return nil
	}
	return &skill
}
