package backtest

import (
	"sort"

	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// Evaluation takes samples through some of the models of a report, series by series, model by model and origin by origin. It
// is a [spmd.Workload].
type Evaluation struct {
	report    *Report
	samples   Samples
	models    []int // numbers in the report
	benchmark bool
	begins    []int // the first sample of each series
	options   map[question]*forecast.Options
}

// question is what differs between the options of samples.
type question struct {
	model   int
	freq    series.Freq
	horizon int
}

// NewEvaluation makes an evaluation of models, by their numbers in the report. One evaluation of the samples must measure the
// benchmark as well.
func NewEvaluation(r *Report, samples Samples, models []int, benchmark bool) *Evaluation {
	ev := &Evaluation{report: r, samples: samples, models: models, benchmark: benchmark, options: make(map[question]*forecast.Options)}
	for i := range samples.Len() {
		if i == 0 || samples.Asset(i) != samples.Asset(i-1) {
			ev.begins = append(ev.begins, i)
		}
	}
	return ev
}

// Len is the number of forecasts.
func (ev *Evaluation) Len() int { return ev.samples.Len() * len(ev.models) }

// place finds what forecast i is of: the number of the model in the report, and the sample; and whether it is the last one of
// its series.
func (ev *Evaluation) place(i int) (model, sample int, last bool) {
	at := sort.Search(len(ev.begins), func(k int) bool { return ev.begins[k]*len(ev.models) > i }) - 1
	begin, end := ev.begins[at], ev.samples.Len()
	if at+1 < len(ev.begins) {
		end = ev.begins[at+1]
	}
	within := i - begin*len(ev.models)
	return ev.models[within/(end-begin)], begin + within%(end-begin), within == (end-begin)*len(ev.models)-1
}

// Series is forecast i.
func (ev *Evaluation) Series(i int) spmd.Series {
	model, sample, _ := ev.place(i)
	s := ev.samples.Question(sample)
	return spmd.Series{Series: forecast.Series{Values: s.Train, Skips: s.Skips, Regressors: s.X}, Options: ev.optionsOf(model, &s), In: s.In}
}

func (ev *Evaluation) optionsOf(model int, s *Sample) *forecast.Options {
	key := question{model, s.Freq, s.Horizon}
	o := ev.options[key]
	if o == nil {
		step, periods := portfolio.Calendar(key.freq)
		o = &forecast.Options{Model: ev.report.config.Models[model], Horizon: key.horizon, Step: step, Periods: periods,
			Seasons: ev.report.config.Seasons, Levels: ev.report.config.Levels, Quantiles: ev.report.config.Quantiles,
			Point: ev.report.config.Point, Integers: ev.report.config.Integers}
		ev.options[key] = o
	}
	return o
}

// Take receives forecast i.
func (ev *Evaluation) Take(i int, f *forecast.Result, err error) error {
	model, number, last := ev.place(i)
	s := ev.samples.Sample(number)
	if ev.benchmark && model == ev.models[0] {
		ev.report.addBenchmark(&s)
	}
	if err := ev.report.add(model, number, &s, f, err); err != nil {
		return err
	}
	if last && len(ev.models) == len(ev.report.config.Models) {
		ev.report.endSeries()
	}
	return nil
}
