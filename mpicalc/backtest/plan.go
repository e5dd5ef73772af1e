package backtest

import (
	"errors"
	"fmt"
	"slices"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// Plan is one job of the kind backtest under way. It is a [spmd.Workload]; a job has one Plan for each attempt.
type Plan struct {
	*Evaluation
	spec   job.Spec
	held   *HeldOut
	table  *series.Table
	assets []asset
	sink   Sink
	next   int // the first asset that the sink has not received
	rows   []job.Evaluation
	kind   string // of the series of rows
	faults int
	took   int // forecasts
}

// asset is one asset of the job.
type asset struct {
	name  string
	index int // in the table
	fault *job.Error
}

// Sink receives, in the job's order, the assets that the answer lists: those without a sample, with the reason, and, for a job
// that reports each forecast, all others too. An error from it ends the plan.
type Sink func(job.Asset) error

// NewPlan makes the plan of a valid, defaulted job. The error is a *portfolio.Error when the job does not fit the data, or its
// on_error is fail and an asset has no sample.
func NewPlan(spec job.Spec, data portfolio.Data, sink Sink) (*Plan, error) {
	p := &Plan{spec: spec, sink: sink}
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
	if p.table, _, err = portfolio.Prepare(spec, data.Table, indices); err != nil {
		return nil, err
	}
	p.assets = make([]asset, len(names))
	for i, name := range names {
		p.assets[i] = asset{name: name, index: indices[i]}
	}
	if err := p.holdOut(data); err != nil {
		return nil, err
	}
	report, all := p.report()
	p.Evaluation = NewEvaluation(report, p.held, all, true)
	return p, nil
}

// holdOut makes the samples of the assets that have any, and the faults of the others.
func (p *Plan) holdOut(data portfolio.Data) error {
	classes, unknown := ParseClasses(p.spec.By)
	if unknown != "" {
		return &portfolio.Error{Code: "invalid", Detail: fmt.Sprintf("there is no class %q", unknown), Field: "by"}
	}
	var usable []int
	for i := range p.assets {
		a := &p.assets[i]
		if a.fault = unusable(p.table, &p.spec, a); a.fault == nil {
			usable = append(usable, a.index)
		}
	}
	noSteps := func(int) []series.Time { return nil }
	if err := portfolio.CheckColumns(p.table, usable, noSteps, data.X); err != nil {
		return err
	}
	source := &Source{Table: p.table, By: classes, File: data.File, Stored: data.Table, X: data.X}
	var err error
	p.held, err = HoldOut(source, usable, p.spec.Origins, p.spec.Horizon)
	if err != nil {
		return &portfolio.Error{Code: "too-short", Detail: "origins: " + err.Error(), Field: "origins"}
	}
	for i := range p.assets {
		a := &p.assets[i]
		if a.fault == nil && p.held.newest[a.index] == 0 {
			a.fault = &job.Error{Code: "too-short", Detail: fmt.Sprintf("asset %q has %d values, too few to hold out %d after the first %d",
				a.name, len(p.table.Values(a.index)), p.spec.Horizon, job.MinTrain)}
		}
		if a.fault == nil {
			continue
		}
		p.faults++
		if p.spec.OnError == job.Fail {
			return &portfolio.Error{Code: a.fault.Code, Detail: a.fault.Detail + ", and on_error is fail"}
		}
	}
	return nil
}

// unusable is why an asset cannot be measured whatever its length, or nil.
func unusable(t *series.Table, spec *job.Spec, a *asset) *job.Error {
	switch {
	case len(t.Values(a.index)) == 0:
		return &job.Error{Code: "no-data", Detail: fmt.Sprintf("asset %q has no value", a.name)}
	case spec.Missing == job.MissingFail && t.Filled(a.index) > 0:
		return &job.Error{Code: "missing", Detail: fmt.Sprintf("asset %q: %s", a.name, t.MissingText(a.index))}
	}
	return nil
}

// report makes the report that the job asks for, and lists its models.
func (p *Plan) report() (*Report, []int) {
	config := Config{Models: p.spec.Models, Levels: slices.Sorted(slices.Values(p.spec.Levels)),
		Quantiles: slices.Sorted(slices.Values(p.spec.Quantiles)), Seasons: p.spec.Season,
		Point: string(p.spec.Point), Integers: p.spec.Integers}
	for _, name := range p.spec.Compare {
		config.Compare = append(config.Compare, slices.Index(p.spec.Models, name))
	}
	if p.spec.BySeries {
		config.Row = func(s *Sample, e job.Evaluation) error {
			p.rows, p.kind = append(p.rows, e), s.Kind
			return nil
		}
	}
	all := make([]int, len(p.spec.Models))
	for i := range all {
		all[i] = i
	}
	return NewReport(config), all
}

// Assets is the number of assets, good and bad.
func (p *Plan) Assets() int { return len(p.assets) }

// Progress is the share of the forecasts that were taken.
func (p *Plan) Progress() float64 { return float64(p.took) / float64(max(p.Len(), 1)) }

// Take is for the leader: it adds forecast i to the report, and passes a series that ends with it on to the sink.
func (p *Plan) Take(i int, f *forecast.Result, err error) error {
	_, sample, last := p.place(i)
	if fault, ok := errors.AsType[*spmd.SeriesError](err); ok && p.spec.OnError == job.Fail {
		return &portfolio.Error{Code: fault.Code, Detail: fmt.Sprintf("asset %q: %s, and on_error is fail", p.table.Names()[p.held.Asset(sample)], fault.Detail)}
	}
	if err := p.Evaluation.Take(i, f, err); err != nil {
		return err
	}
	p.took++
	if !last {
		return nil
	}
	return p.flush(p.held.Asset(sample))
}

// flush passes on the assets up to the given one of the table, which has been measured; -1 means all.
func (p *Plan) flush(index int) error {
	for p.next < len(p.assets) {
		a := &p.assets[p.next]
		p.next++
		listed := job.Asset{Asset: a.name, Filled: p.table.Filled(a.index), Error: a.fault}
		if a.fault == nil {
			listed.Kind, listed.Measured = p.kind, p.rows
			p.rows = nil
		}
		if a.fault != nil || p.spec.BySeries {
			if err := p.sink(listed); err != nil {
				return err
			}
		}
		if a.index == index {
			return nil
		}
	}
	return nil
}

// Answer ends the plan after Take has had every forecast: it passes the last faults on and returns the answer without
// its assets.
func (p *Plan) Answer(id job.ID, made job.Provenance) (job.Answer, error) {
	if err := p.flush(-1); err != nil {
		return job.Answer{}, err
	}
	answer := job.Answer{Job: id, State: job.Done, Time: portfolio.TimeKind(p.table), Provenance: made}
	measured := p.Evaluation.report.End()
	measured.Omitted, measured.Short = p.faults, p.held.Short
	answer.Backtest = &measured
	if p.faults > 0 {
		answer.State = job.Partial
	}
	if !slices.ContainsFunc(measured.Scores[:len(p.spec.Models)], func(s job.Score) bool { return s.Forecasts > 0 }) {
		answer.State, answer.Backtest = job.Failed, nil
		answer.Error = &job.Error{Code: "no-forecast", Detail: "no model could forecast any series"}
	}
	return answer, nil
}
