package portfolio

import (
	"errors"
	"fmt"
	"math"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// sum accumulates the portfolio: Σ wᵢ·meanᵢ and Σ wᵢ·eᵢ over the assets that have a forecast and a weight.
type sum struct {
	forecasts int // assets with a forecast, of any weight
	times     commonTimes
	weight    float64 // Σ wᵢ
	mean      []float64
	measured  float64 // Σ wᵢ of those that have rolling-origin errors
	errors    forecast.Errors
}

func (s *sum) add(w float64, ds []string, r *forecast.Result) {
	s.forecasts++
	if w == 0 {
		return
	}
	s.times.add(ds)
	if s.mean == nil {
		s.mean = make([]float64, len(r.Mean))
	}
	s.weight += w
	for k, v := range r.Mean {
		s.mean[k] += w * v
	}
	if r.Errors.Origins > 0 {
		s.measured += w
		s.errors.AddScaled(w, &r.Errors)
	}
}

// Take is for the leader: it adds the result of series i to the portfolio and passes it on to the sink.
func (p *Plan) Take(i int, r *forecast.Result, err error) error {
	a := &p.assets[p.usable[i]]
	if err := p.flush(p.usable[i]); err != nil {
		return err
	}
	p.next++
	if err == nil {
		p.sum.add(a.weight, p.Times(p.usable[i]), r)
		return p.sink(p.next-1, r, nil)
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
// its assets. The weight of an asset without a forecast is shared among the others in proportion to theirs.
func (p *Plan) Answer(id job.ID, made job.Provenance) (job.Answer, error) {
	if err := p.flush(len(p.assets)); err != nil {
		return job.Answer{}, err
	}
	answer := job.Answer{Job: id, State: job.Done, Time: p.TimeKind(), Overall: p.overall(), Provenance: made}
	switch {
	case p.sum.forecasts == 0:
		answer.State = job.Failed
		answer.Error = &job.Error{Code: "no-forecast", Detail: "no asset could be forecast"}
		if len(p.assets) == 1 {
			answer.Error = p.assets[0].fault
		}
	case p.sum.forecasts < len(p.assets):
		answer.State = job.Partial
		if answer.Overall == nil {
			answer.Error = &job.Error{Code: "no-overall", Detail: "no asset with a weight could be forecast"}
		}
	}
	return answer, nil
}

// Failure is the answer of a job that failed as a whole.
func Failure(id job.ID, err *Error, made job.Provenance) job.Answer {
	return job.Answer{Job: id, State: job.Failed, Error: &job.Error{Code: err.Code, Detail: err.Detail}, Provenance: made}
}

// overall is the forecast of the whole portfolio, or nil when no asset with a weight has a forecast. It adds the assets up
// step by step, and has times only if they share theirs. Its intervals come from its own rolling-origin errors, at the
// origins that all of its assets have. Assets that are too short to measure any error are assumed to have errors like the
// others'; when all are too short, there are no intervals.
func (p *Plan) overall() *job.Forecast {
	s := &p.sum
	if s.weight == 0 {
		return nil
	}
	lost := p.lostWeight()
	if lost {
		scale(s.mean, 1/s.weight)
	}
	if s.measured > 0 && (lost || s.measured < s.weight) {
		scale(s.errors.Data, 1/s.measured)
	}
	finite(s.mean)
	out := &job.Forecast{DS: s.times.common(), Mean: s.mean}
	if s.measured > 0 && s.errors.Origins > 0 {
		finite(s.errors.Data)
		levels := p.Levels()
		lo, hi := forecast.Intervals(s.mean, &s.errors, levels)
		out.Lo, out.Hi = byLevel(levels, lo), byLevel(levels, hi)
	}
	return out
}

// lostWeight reports whether an asset with a weight has no forecast.
func (p *Plan) lostWeight() bool {
	for _, a := range p.assets {
		if a.weight > 0 && a.fault != nil {
			return true
		}
	}
	return false
}

func scale(s []float64, by float64) {
	for i := range s {
		s[i] *= by
	}
}

// finite replaces the infinities that a sum of large finite numbers may give by the largest finite numbers.
func finite(s []float64) {
	for i, v := range s {
		s[i] = min(max(v, -math.MaxFloat64), math.MaxFloat64)
	}
}

// Asset is the answer for asset i as it goes over the wire. It shares no memory with r; DS is that of [Plan.Times].
func (p *Plan) Asset(i int, r *forecast.Result, fault *job.Error) job.Asset {
	a := job.Asset{Asset: p.assets[i].name, Filled: p.table.Filled(p.assets[i].index), Error: fault}
	if fault != nil {
		return a
	}
	levels := p.Levels()
	a.Model, a.Fallback = r.Model, r.Fallback
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
	if len(levels) == 0 {
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
