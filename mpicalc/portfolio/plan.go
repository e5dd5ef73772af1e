// Package portfolio turns a job and a table of series into work for the ranks, and their results into the job's answer:
// the forecast of each asset at its times, and the weighted average of all. It does not read files and does not know
// ranks or queues.
package portfolio

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// Error says why a job cannot be answered at all.
type Error struct {
	Code   string // one word: unknown-asset, freq, empty-range, weights, or the code of the asset that failed it
	Detail string // one sentence
	Field  string // the field of the job at fault, or empty
}

// Error returns the sentence.
func (e *Error) Error() string { return e.Detail }

// Plan is one job under way. It is a [spmd.Workload]; a job has one Plan for each attempt.
type Plan struct {
	spec    job.Spec
	table   *series.Table // the part that the job is about
	file    *spmd.File    // where its values lie, or nil
	assets  []asset       // in the job's order
	usable  []int         // the assets without a fault so far
	options map[series.Freq]*forecast.Options
	times   times
	sink    Sink
	next    int // the first asset that the sink has not received
	sum     sum
}

// asset is one asset of the job.
type asset struct {
	name   string
	index  int // in the table
	from   int // where the part begins in the whole series
	weight float64
	fault  *job.Error
}

// Sink receives the answer for each asset in the job's order: a result, valid until the sink returns, or a fault. An
// error from it ends the plan.
type Sink func(i int, r *forecast.Result, fault *job.Error) error

// New makes the plan of a valid, defaulted job on a table. file says where the table's values are stored, or is nil.
// The error is an *Error when the job does not fit the table, or its on_error is fail and an asset has a fault.
func New(spec job.Spec, table *series.Table, file *spmd.File, sink Sink) (*Plan, error) {
	if err := unsupported(spec); err != nil {
		return nil, err
	}
	p := &Plan{spec: spec, file: file, sink: sink, options: make(map[series.Freq]*forecast.Options)}
	names := spec.Assets
	if spec.All() {
		names = table.Names()
	}
	if err := p.find(table, names); err != nil {
		return nil, err
	}
	weights, faults := job.NormalisedWeights(spec.Weights, names)
	if faults != nil {
		return nil, &Error{Code: "weights", Detail: "the weights do not fit the assets: " + firstFaults(faults), Field: "weights"}
	}
	for i, w := range weights {
		p.assets[i].weight = w
	}
	if err := p.cut(table); err != nil {
		return nil, err
	}
	if err := p.prepareTimes(); err != nil {
		return nil, err
	}
	if err := p.findUnusable(); err != nil {
		return nil, err
	}
	return p, nil
}

// unsupported refuses what a job may ask for and no plan can do yet.
func unsupported(spec job.Spec) error {
	for _, c := range []struct {
		field string
		asked bool
	}{
		{"combine", spec.Combine != "" && spec.Combine != job.Mean}, {"currency", spec.Currency != nil}, {"stale", spec.Stale != ""},
		{"missing", spec.Missing != ""}, {"resample", spec.Resample != ""}, {"as_of", spec.AsOf != ""},
	} {
		if c.asked {
			return &Error{Code: "unsupported", Detail: fmt.Sprintf("%s is not supported yet", c.field), Field: c.field}
		}
	}
	return nil
}

// find looks up the assets in the table.
func (p *Plan) find(table *series.Table, names []string) error {
	p.assets = make([]asset, len(names))
	var unknown []string
	for i, name := range names {
		index, ok := table.Index(name)
		if !ok {
			unknown = append(unknown, name)
		}
		p.assets[i] = asset{name: name, index: index}
	}
	if len(unknown) > 0 {
		return &Error{Code: "unknown-asset", Detail: "the dataset has no asset " + quoteSome(unknown), Field: "assets"}
	}
	return nil
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

// cut takes the part of the table between the job's times.
func (p *Plan) cut(table *series.Table) error {
	window, err := table.Window(p.spec.From, p.spec.To)
	if err != nil {
		fault := &Error{Code: "empty-range", Detail: err.Error()}
		if field, ok := errors.AsType[*series.FieldError](err); ok {
			fault.Field, fault.Detail = field.Field, field.Reason
		}
		return fault
	}
	p.table = window
	if window == table {
		return nil
	}
	for i := range p.assets {
		a := &p.assets[i]
		if len(window.Values(a.index)) > 0 {
			a.from = sort.Search(len(table.Values(a.index)), func(k int) bool {
				return table.At(a.index, k).Compare(window.Start(a.index)) >= 0
			})
		}
	}
	return nil
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
	if p.spec.From != "" || p.spec.To != "" {
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

// Levels are the levels of the intervals, ascending.
func (p *Plan) Levels() []float64 { return slices.Sorted(slices.Values(p.spec.Levels)) }

// Len is the number of series to forecast: the assets without a fault.
func (p *Plan) Len() int { return len(p.usable) }

// Series is series i of these.
func (p *Plan) Series(i int) spmd.Series {
	a := &p.assets[p.usable[i]]
	values := p.table.Values(a.index)
	s := spmd.Series{Series: forecast.Series{Values: values}, Options: p.optionsOf(a), WantErrors: len(p.spec.Levels) > 0 && a.weight > 0}
	if p.file != nil {
		s.In = spmd.Ref{File: p.file, Asset: a.index, From: a.from, To: a.from + len(values)}
	}
	return s
}

// optionsOf returns the options for an asset. Assets of one frequency share them.
func (p *Plan) optionsOf(a *asset) *forecast.Options {
	freq := series.Freq(p.spec.Freq)
	if freq == "" {
		freq = p.table.FreqOf(a.index)
	}
	o := p.options[freq]
	if o == nil {
		step, periods := Calendar(freq)
		o = &forecast.Options{
			Model:   p.spec.Model,
			Horizon: p.spec.Horizon,
			Step:    step,
			Periods: periods,
			Seasons: p.spec.Season,
			Levels:  p.Levels(),
		}
		p.options[freq] = o
	}
	return o
}
