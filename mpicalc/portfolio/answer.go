package portfolio

import (
	"errors"
	"fmt"
	"math"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// Take is for the leader: it adds the result of series i to the portfolio and passes it on to the sink.
func (p *Plan) Take(i int, r *forecast.Result, err error) error {
	a := &p.assets[p.usable[i]]
	if err := p.flush(p.usable[i]); err != nil {
		return err
	}
	p.next++
	if err == nil {
		p.add(a, r)
		return p.sink(p.next-1, p.ownSteps(a, r), nil)
	}
	a.fault = &job.Error{Code: "invalid", Detail: fmt.Sprintf("asset %q: %v", a.name, err)}
	if fault, ok := errors.AsType[*spmd.SeriesError](err); ok {
		a.fault.Code = fault.Code
	}
	if p.spec.OnError == job.Fail {
		return p.failure(a)
	}
	return p.sink(p.next-1, nil, a.fault)
}

// add adds the forecast of an asset to that of the portfolio.
func (p *Plan) add(a *asset, r *forecast.Result) {
	p.sum.forecasts++
	if a.weight == 0 || p.overall.fault != nil {
		return
	}
	p.sum.add(a, r)
	switch {
	case !a.measured:
	case p.overall.dated:
		p.sum.addErrors(a, p.overall.measure, &r.Errors)
	default:
		p.sum.addRows(a, &r.Errors, p.overall.steps)
	}
}

// ownSteps is the part of a result that an asset's answer has: the steps after its own end. What follows is for the overall
// forecast.
func (p *Plan) ownSteps(a *asset, r *forecast.Result) *forecast.Result {
	if a.lag == 0 {
		return r
	}
	lo, hi := p.own.Lo[:0], p.own.Hi[:0]
	p.own = *r
	p.own.Mean = r.Mean[:p.spec.Horizon]
	for l := range r.Lo {
		lo, hi = append(lo, r.Lo[l][:p.spec.Horizon]), append(hi, r.Hi[l][:p.spec.Horizon])
	}
	p.own.Lo, p.own.Hi = lo, hi
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
	a := job.Asset{Asset: p.assets[i].name, Filled: p.table.Filled(p.assets[i].index), Error: fault}
	if fault != nil {
		return a
	}
	levels := p.Levels()
	a.Model, a.Fallback, a.Note = r.Model, r.Fallback, joined(joined(r.Note, p.dataNote(i)), p.splitNote(i))
	a.Seasons = append(a.Seasons, r.Seasons...)
	a.DS = p.Times(i)
	a.Mean = append(a.Mean, r.Mean...)
	a.Lo, a.Hi = byLevel(levels, r.Lo), byLevel(levels, r.Hi)
	a.Skill = measured(r.Skill)
	for _, m := range r.Members {
		a.Members = append(a.Members, job.Member{Name: m.Name, Weight: m.Weight, Skill: measured(m.Skill)})
	}
	return a
}

// byLevel copies the rows, one a level, into a map by the text of the level.
func byLevel(levels []float64, rows [][]float64) map[string][]float64 {
	if len(levels) == 0 || len(rows) == 0 {
		return nil
	}
	named := make(map[string][]float64, len(levels))
	for i, level := range levels {
		named[job.Level(level)] = append([]float64(nil), rows[i]...)
	}
	return named
}

func measured(skill float64) *float64 {
	if math.IsNaN(skill) || math.IsInf(skill, 0) {
		return nil
	}
	return &skill
}
