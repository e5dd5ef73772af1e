// Package portfolio turns a job and a table of series into work for the ranks, and their results into the job's answer: the
// forecast of each asset at its times, and that of the portfolio at the dates that its assets have in common. It does not read
// files and does not know ranks or queues.
package portfolio

import (
	"errors"
	"fmt"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// Error says why a job cannot be answered at all.
type Error struct {
	// Code is one word: unknown-asset, freq, empty-range, weights, holdings, currency, stale, missing, mixed-frequencies,
	// no-frequency, paths, scenarios, benchmark, too-far, unrelated, no-price, no-rate, no-common-date, x, or the code of the asset that failed it.
	Code   string
	Detail string // one sentence
	Field  string // the field of the job at fault, or empty
}

// Error returns the sentence.
func (e *Error) Error() string { return e.Detail }

// Plan is one job under way. It is a [spmd.Workload]; a job has one Plan for each attempt.
type Plan struct {
	spec       job.Spec
	table      *series.Table // the part that the job is about
	observed   *series.Table // the same part before values were resampled and missing ones replaced
	file       *spmd.File    // where its values lie, or nil
	assets     []asset       // in the job's order
	usable     []int         // the assets without a fault so far
	options    map[question]*forecast.Options
	asked      asked
	times      times
	ends       memo[[]int]           // training lengths at which errors are measured
	walkEnds   memo[[]int]           // likewise, those of forecasts that are as good as naive
	places     memo[[]int32]         // where the errors at ends belong in those of the portfolio
	walkPlaces memo[[]int32]         // likewise, those at walkEnds
	targets    memo[[]int]           // of the paths, see forecast.Series
	skips      memo[[]forecast.Skip] // slots without a value
	astray     memo[string]          // times that are not on the calendar of the job
	columns    []Column
	steps      memo[[]series.Time] // the times of the steps to forecast
	overall    overall
	sink       Sink
	form       spmd.Form
	text       []byte          // of the numbers of the series that is taken
	next       int             // the first asset that the sink has not received
	members    []member        // when scenarios or a benchmark are wanted
	own        forecast.Result // what the sink receives of an asset of which the result has more
	mean       forecast.Result // what is added of an asset that has medians
	sum        sum
	held       *held // the answers to the assets, where bands are over all of them; otherwise nil
}

// question is what differs between the options of a plan's assets.
type question struct {
	freq    series.Freq
	horizon int
	short   bool // it needs opposite quantiles
}

// asset is one asset of the job.
type asset struct {
	name     string
	index    int     // in the table
	from     int     // where its values begin in the whole series, or -1 when they are not part of it
	weight   float64 // in the overall forecast, of the sum 1; or the units that are held; 0 leaves the asset out
	currency string
	coef     float64 // what its forecast is multiplied by, see setCoefficients
	price    float64 // from which its return counts; 0 when the overall forecast is not a return
	lag      int     // steps from its end to the last common date
	measured bool    // its errors are measured together with the others'
	fault    *job.Error
}

// Sink receives the answer for each asset in the job's order: a result, valid until the sink returns, or a fault. An
// error from it ends the plan.
type Sink func(i int, r *forecast.Result, fault *job.Error) error

// Data is what a job is about.
type Data struct {
	Table *series.Table
	File  *spmd.File // where the table's values are stored, or nil
	Rates *Rates     // or nil, for a job that names none
	X     []Column   // those that the job names, in its order
	Form  spmd.Form  // of the text that the ranks make of the numbers of each forecast; 0 for none
}

// New makes the plan of a valid, defaulted job. The error is an *Error when the job does not fit the data, or its on_error is
// fail and an asset has a fault.
func New(spec job.Spec, data Data, sink Sink) (*Plan, error) {
	p := &Plan{spec: spec, file: data.File, sink: sink, form: data.Form, columns: data.X, options: make(map[question]*forecast.Options), asked: newAsked(spec)}
	names := spec.Assets
	if spec.All() {
		names = data.Table.Names()
	}
	for _, step := range []func() error{
		func() error { return p.checkAnswer(names) },
		func() error { return p.find(data.Table, names) },
		func() error { return p.setWeights(names) },
		func() error { return p.setCurrencies(names) },
		func() error { return p.prepare(data.Table) },
		p.findUnusable,
		func() error { return p.planOverall(data.Rates) },
		p.checkX,
		p.checkSize,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	p.sum = newSum(p.spec.Horizon, p.spec.Paths, &p.asked, &p.overall)
	if p.spec.BandsOver == job.BandsOverAssets {
		p.held = p.newHeld()
	}
	return p, nil
}

// find looks up the assets in the table.
func (p *Plan) find(table *series.Table, names []string) error {
	p.assets = make([]asset, len(names))
	if p.spec.All() {
		for i, name := range names {
			p.assets[i] = asset{name: name, index: i}
		}
		return nil
	}
	indices, err := Find(table, names)
	if err != nil {
		return err
	}
	for i, name := range names {
		p.assets[i] = asset{name: name, index: indices[i]}
	}
	return nil
}

// Find returns the numbers of assets in a table. The error is an *Error.
func Find(table *series.Table, names []string) ([]int, error) {
	indices := make([]int, len(names))
	var unknown []string
	for i, name := range names {
		index, ok := table.Index(name)
		if !ok {
			unknown = append(unknown, name)
		}
		indices[i] = index
	}
	if len(unknown) > 0 {
		return nil, &Error{Code: "unknown-asset", Detail: "the dataset has no asset " + quoteSome(unknown), Field: "assets"}
	}
	return indices, nil
}

// quoteSome lists names, at most ten.
func quoteSome(names []string) string {
	shown := names[:min(len(names), 10)]
	text := make([]string, len(shown))
	for i, n := range shown {
		text[i] = fmt.Sprintf("%q", n)
	}
	if more := len(names) - len(shown); more > 0 {
		text = append(text, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(text, ", ")
}

// firstFaults puts the first three faults into one sentence.
func firstFaults(faults []problem.Fault) string {
	var text []string
	for _, f := range faults[:min(len(faults), 3)] {
		text = append(text, strings.TrimPrefix(f.Pointer, "/")+" "+f.Detail)
	}
	if more := len(faults) - len(text); more > 0 {
		text = append(text, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(text, "; ")
}

// indices are the numbers of the assets in the table.
func (p *Plan) indices() []int {
	out := make([]int, len(p.assets))
	for i, a := range p.assets {
		out[i] = a.index
	}
	return out
}

// findUnusable finds the assets that cannot be forecast because they have no value or end long before the others.
func (p *Plan) findUnusable() error {
	old, err := p.table.Stale(p.indices(), p.spec.Stale)
	if fault, ok := errors.AsType[*series.FieldError](err); ok {
		return &Error{Code: "stale", Detail: fault.Reason, Field: fault.Field}
	}
	stale := make(map[int]series.Stale)
	for _, s := range old {
		stale[s.Asset] = s
	}
	empty := "has no value"
	if p.spec.From != "" || p.spec.To != "" || p.spec.AsOf != "" {
		empty = "has no value in the date range"
	}
	for i := range p.assets {
		a := &p.assets[i]
		s, old := stale[a.index]
		switch {
		case len(p.table.Values(a.index)) == 0:
			a.fault = &job.Error{Code: "no-data", Detail: fmt.Sprintf("asset %q %s", a.name, empty)}
		case old:
			a.fault = &job.Error{Code: "stale", Detail: fmt.Sprintf("asset %q %s", a.name, s)}
		case p.spec.Missing == job.MissingFail && p.table.Filled(a.index) > 0:
			a.fault = &job.Error{Code: "missing", Detail: fmt.Sprintf("asset %q: %s", a.name, p.table.MissingText(a.index))}
		default:
			p.usable = append(p.usable, i)
			continue
		}
		if p.spec.OnError == job.Fail {
			return p.failure(a)
		}
	}
	return nil
}

// failure is the error of a job that fails with its first bad asset.
func (p *Plan) failure(a *asset) *Error {
	return &Error{Code: a.fault.Code, Detail: a.fault.Detail + ", and on_error is fail"}
}

// Assets is the number of assets, good and bad.
func (p *Plan) Assets() int { return len(p.assets) }

// Name is the name of asset i.
func (p *Plan) Name(i int) string { return p.assets[i].name }

// Len is the number of series to forecast: the assets without a fault.
func (p *Plan) Len() int { return len(p.usable) }

// Series is series i of these.
func (p *Plan) Series(i int) spmd.Series {
	a := &p.assets[p.usable[i]]
	values := p.table.Values(a.index)
	s := spmd.Series{Series: forecast.Series{Values: values, Skips: p.skips.of(p.spanOf(a), func() []forecast.Skip { return p.skipsOf(a) }),
		Regressors: p.regressorsOf(a)},
		Options: p.optionsOf(a), WantErrors: a.measured || a.weight != 0 && p.overall.others, Text: p.textOf(a)}
	p.layOrigins(&s, a)
	if p.file != nil && a.from >= 0 {
		s.In = spmd.Ref{File: p.file, Asset: a.index, From: a.from, To: a.from + len(values)}
	}
	return s
}

// skipsOf are the slots of an asset's calendar without a value, up to the end of its forecast.
func (p *Plan) skipsOf(a *asset) []forecast.Skip {
	return Skips(p.table.Skips(a.index, p.spec.Horizon+a.lag))
}

// optionsOf returns the options for an asset. Assets of one frequency that end together share them.
func (p *Plan) optionsOf(a *asset) *forecast.Options {
	key := question{p.table.FreqOf(a.index), p.spec.Horizon + a.lag, p.asked.needsOpposite(a)}
	o := p.options[key]
	if o == nil {
		step, periods := Calendar(key.freq)
		o = &forecast.Options{
			Model:     p.spec.Model,
			Horizon:   key.horizon,
			Step:      step,
			Periods:   periods,
			Seasons:   p.spec.Season,
			Levels:    p.levels(),
			Quantiles: p.asked.of(a),
			Bands:     p.asked.bands,
			Joint:     p.held != nil,
			Point:     string(p.spec.Point),
			Explain:   p.spec.Explain,
			Paths:     p.spec.Paths,
			Seed:      uint64(p.spec.Seed),
		}
		p.options[key] = o
	}
	return o
}

// levels are those of the intervals that each asset is asked for. The sizes of errors that are not measured together are in the
// proportions of an interval, so there is one where the job has none.
func (p *Plan) levels() []float64 {
	rest := p.asked.rows()
	if len(p.asked.levels) == 0 && (rest > 0 && p.overall.others || rest == 0 && (p.wantsErrors() || p.wantsMembers())) {
		return []float64{80}
	}
	return p.asked.levels
}
