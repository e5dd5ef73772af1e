package backtest

import (
	"fmt"
	"math"
	"slices"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// RiskPlan is a backtest of intervals and risk under way. It is a [spmd.Workload]: from each origin, the oldest first, it forecasts the assets
// and their portfolio as the job would have done on that date, by a [portfolio.Plan] of its own, and compares what came.
//
// Origins are dates on which all assets have a value, a horizon apart. Step k of an asset is its k-th value after the origin, and that of the
// portfolio the k-th date after it; a date on which an asset has no value of its own counts, and is left out.
type RiskPlan struct {
	spec    job.Spec // of the forecast from one origin, but for its end
	judge   judge
	grid    *grid
	data    portfolio.Data // of which the table is the prepared one
	assets  []asset
	used    []int // those without a fault
	times   []int64
	all     []bool // whether all assets have a value at a time
	origins []int  // places in times, ascending
	under   map[int]*dated
	states  []state // of the used assets
	own     []history
	overall history
	remark  string // why there is no portfolio
	took    int
	sink    Sink
}

// state is what is known of an asset up to an origin.
type state struct {
	positive bool
	ewma     ewma
	read     int // values that ewma has seen
}

// NewRiskPlan makes the plan of a valid, defaulted job. The error is a *portfolio.Error when the job does not fit the data, or its
// on_error is fail and an asset has no value.
func NewRiskPlan(spec job.Spec, data portfolio.Data, sink Sink) (*RiskPlan, error) {
	p := &RiskPlan{data: data, sink: sink, under: make(map[int]*dated)}
	p.judge = judge{levels: slices.Sorted(slices.Values(spec.Levels)), bands: slices.Sorted(slices.Values(spec.Bands)), risks: slices.Sorted(slices.Values(spec.Risk))}
	alphas := make([]float64, len(spec.Risk))
	for r, level := range p.judge.risks {
		alphas[r] = level / 100
	}
	p.grid = newGrid(alphas)
	names := spec.Assets
	if spec.All() {
		names = data.Table.Names()
	}
	if faults := spec.BacktestFaults(len(names)); faults != nil {
		return nil, &portfolio.Error{Code: "too-large", Detail: faults[0].Detail, Field: "origins"}
	}
	indices, err := portfolio.Find(data.Table, names)
	if err != nil {
		return nil, err
	}
	if p.data.Table, _, err = portfolio.Prepare(spec, data.Table, indices); err != nil {
		return nil, err
	}
	if p.data.Table != data.Table {
		p.data.File = nil // its values have other places
	}
	for i, name := range names {
		p.assets = append(p.assets, asset{name: name, index: indices[i]})
	}
	if err := p.find(&spec); err != nil {
		return nil, err
	}
	if err := p.setOrigins(spec); err != nil {
		return nil, err
	}
	p.setSpec(spec)
	if _, err := p.dated(0); err != nil { // a fault of the portfolio is one of every origin, as a rule
		return nil, err
	}
	return p, nil
}

// find finds the assets that can be measured.
func (p *RiskPlan) find(spec *job.Spec) error {
	for i := range p.assets {
		a := &p.assets[i]
		a.fault = unusable(p.data.Table, spec, a)
		switch {
		case a.fault == nil:
			p.used = append(p.used, i)
			p.states = append(p.states, state{positive: isPositive(p.data.Table.Values(a.index))})
		case spec.OnError == job.Fail:
			return &portfolio.Error{Code: a.fault.Code, Detail: a.fault.Detail + ", and on_error is fail"}
		}
	}
	if len(p.used) == 0 {
		return &portfolio.Error{Code: "no-data", Detail: "no asset has values to be measured"}
	}
	if !p.data.Table.Shared() {
		return &portfolio.Error{Code: "no-common-date", Field: "risk",
			Detail: "each asset counts its own steps, and risk is measured on dates that the assets have in common"}
	}
	p.own, p.overall = make([]history, len(p.used)), make(history, spec.Horizon)
	for k := range p.own {
		p.own[k] = make(history, spec.Horizon)
	}
	return nil
}

// setOrigins lays the origins, a horizon apart from the end of the common dates.
func (p *RiskPlan) setOrigins(spec job.Spec) error {
	t := p.data.Table
	indices := make([]int, len(p.used))
	earliest := int64(math.MinInt64)
	for k, i := range p.used {
		indices[k] = p.assets[i].index
		earliest = max(earliest, t.At(indices[k], min(job.MinTrain, len(t.Values(indices[k])))-1).N)
	}
	p.times, p.all = portfolio.Dates(t, indices, math.MaxInt32)
	var found []int
	for q := len(p.times) - 1 - spec.Horizon; q >= 0 && p.times[q] >= earliest; {
		if !p.all[q] {
			q--
			continue
		}
		found = append(found, q)
		q -= spec.Horizon
	}
	if len(found) < spec.Origins {
		common := 0
		for _, all := range p.all {
			if all {
				common++
			}
		}
		return &portfolio.Error{Code: "too-short", Field: "origins", Detail: fmt.Sprintf(
			"must be at most %d, is %d: the assets have %d dates in common, and each origin needs %d more after the first %d; leave out assets that begin late or end early",
			len(found), spec.Origins, common, spec.Horizon, job.MinTrain)}
	}
	p.origins = found[:spec.Origins]
	slices.Reverse(p.origins)
	return nil
}

// setSpec makes the job that is asked from each origin.
func (p *RiskPlan) setSpec(spec job.Spec) {
	names := make([]string, len(p.used))
	for k, i := range p.used {
		names[k] = p.assets[i].name
	}
	p.spec = job.Spec{Assets: names, Weights: spec.Weights, Combine: spec.Combine, Holdings: spec.Holdings, Model: spec.Models[0], Horizon: spec.Horizon,
		Season: spec.Season, Levels: spec.Levels, Bands: spec.Bands, Quantiles: p.grid.probabilities, Risk: spec.Risk, Point: spec.Point, OnError: spec.OnError}
}

// Len is the number of forecasts.
func (p *RiskPlan) Len() int { return len(p.origins) * len(p.used) }

// Assets is the number of assets, good and bad.
func (p *RiskPlan) Assets() int { return len(p.assets) }

// Progress is the share of the forecasts that were taken.
func (p *RiskPlan) Progress() float64 { return float64(p.took) / float64(max(p.Len(), 1)) }

// Series is forecast i. Where its origin has none, it is a single value; Take then tells the error.
func (p *RiskPlan) Series(i int) spmd.Series {
	d, err := p.dated(i / len(p.used))
	if err != nil {
		return spmd.Series{Series: forecast.Series{Values: []float64{0}}, Options: &forecast.Options{Model: "naive", Horizon: 1}}
	}
	return d.plan.Series(i % len(p.used))
}

// Take is for the leader: it passes forecast i to the plan of its origin, and compares the portfolio after the last asset.
func (p *RiskPlan) Take(i int, r *forecast.Result, fault error) error {
	d, err := p.dated(i / len(p.used))
	if err != nil {
		return err
	}
	if err := d.plan.Take(i%len(p.used), r, fault); err != nil {
		return err
	}
	p.took++
	if (i+1)%len(p.used) > 0 {
		return nil
	}
	delete(p.under, i/len(p.used))
	return p.compare(d)
}

// Answer ends the plan after Take has had every forecast: it passes the assets on and returns the answer without them.
func (p *RiskPlan) Answer(id job.ID, made job.Provenance) (job.Answer, error) {
	answer := job.Answer{Job: id, State: job.Done, Time: portfolio.TimeKind(p.data.Table), Provenance: made}
	b := &job.Backtest{Scores: []job.Score{}, Risk: &job.BacktestRisk{Model: p.spec.Model, Origins: len(p.origins)}}
	steps := make([][]job.RiskStep, p.spec.Horizon) // of the assets with forecasts
	next := 0
	for i := range p.assets {
		a := job.Asset{Asset: p.assets[i].name, Filled: p.data.Table.Filled(p.assets[i].index), Error: p.assets[i].fault}
		if a.Error == nil {
			a.Risk = p.judge.series(p.own[next])
			if next++; a.Risk == nil {
				a.Error = &job.Error{Code: "no-interval", Detail: fmt.Sprintf("asset %q has no predictive distribution at any origin", a.Asset)}
			}
			for k, s := range a.Risk {
				steps[k] = append(steps[k], s)
			}
		}
		if a.Error != nil {
			b.Omitted++
			answer.State = job.Partial
		}
		if err := p.sink(a); err != nil {
			return job.Answer{}, err
		}
	}
	for _, all := range steps {
		if len(all) == 0 {
			continue
		}
		b.Risk.Assets = append(b.Risk.Assets, together(all))
		for _, level := range p.judge.risks {
			b.Risk.Passed = append(b.Risk.Passed, passed(all, job.Level(level)))
		}
	}
	if b.Risk.Overall = p.judge.series(p.overall); b.Risk.Overall == nil && p.remark != "" {
		b.Remarks = append(b.Remarks, p.remark)
	}
	if b.Risk.Assets == nil {
		answer.State, answer.Error = job.Failed, &job.Error{Code: "no-forecast", Detail: "no asset has a predictive distribution"}
		return answer, nil
	}
	answer.Backtest = b
	return answer, nil
}
