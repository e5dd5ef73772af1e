// Package backtest measures the accuracy of models on values that are known. A [Source] makes samples of the series of a table,
// each a training part and the values after it; an [Evaluation] takes them through the ranks; a [Report] collects the measures, for
// all series and for each kind of series, and compares two of the models.
//
// Benchmark and season are those of the M4 competition, which [forecast.OWA] and [Season] describe. The package does not read
// files and does not know ranks or queues.
package backtest

import (
	"cmp"
	"maps"
	"slices"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// Benchmark is the name of the line of Naive2.
const Benchmark = "(Naive2)"

// Config says what to measure.
type Config struct {
	Models    []string
	Levels    []float64 // of the intervals, ascending
	Quantiles []float64 // probabilities, ascending
	Seasons   []int     // for the models; nil means that each finds its own
	Point     string    // what the models' point forecasts are to be; see [forecast.Options]
	Integers  bool      // whether they and the quantiles are rounded
	// Compare are the numbers of two of the models, or nil.
	Compare []int
	// Row receives what was measured of each forecast, if it is not nil. An error from it ends the evaluation.
	Row func(*Sample, job.Evaluation) error
}

// Report collects the measures of forecasts.
type Report struct {
	config Config
	all    *group
	kinds  map[string]*group
	pairs  *pairs // or nil
}

// group holds the sums over the samples of a kind, or of all.
type group struct {
	models    []accuracy
	benchmark accuracy
	paired    []pair
}

// NewReport makes an empty report.
func NewReport(c Config) *Report {
	r := &Report{config: c, kinds: make(map[string]*group)}
	r.all = r.newGroup()
	if c.Compare != nil {
		r.pairs = &pairs{a: c.Compare[0], b: c.Compare[1], open: make(map[int]*losses)}
	}
	return r
}

func (r *Report) newGroup() *group {
	g := &group{models: make([]accuracy, len(r.config.Models)), benchmark: newAccuracy(0)}
	for i := range g.models {
		g.models[i] = newAccuracy(len(r.config.Levels))
	}
	return g
}

// groups are those that a sample belongs to.
func (r *Report) groups(s *Sample) []*group {
	if s.Kind == "" {
		return []*group{r.all}
	}
	g := r.kinds[s.Kind]
	if g == nil {
		g = r.newGroup()
		r.kinds[s.Kind] = g
	}
	return []*group{r.all, g}
}

// addBenchmark measures Naive2 on a sample.
func (r *Report) addBenchmark(s *Sample) {
	m := r.measure(s, &forecast.Result{Mean: forecast.Naive2(s.Train, s.Horizon, s.Season)})
	for _, g := range r.groups(s) {
		g.benchmark.add(s.Asset, m)
	}
}

// add takes the forecast of a model for a sample, or the error that stands for it.
func (r *Report) add(model, sample int, s *Sample, f *forecast.Result, fault error) error {
	if fault != nil {
		for _, g := range r.groups(s) {
			g.models[model].failed++
		}
		return r.write(s, job.Evaluation{Model: r.config.Models[model], Values: len(s.Actual), Error: fault.Error()})
	}
	m := r.measure(s, f)
	for _, g := range r.groups(s) {
		g.models[model].add(s.Asset, m)
	}
	if r.pairs != nil {
		r.pairs.add(model, sample, s, f.Mean)
	}
	if r.config.Row == nil {
		return nil
	}
	e := job.Evaluation{Model: r.config.Models[model], Used: f.Model, Values: m.values, SMAPE: number(m.smape), MASE: number(m.mase),
		Coverage: r.byLevel(m.coverage), MSIS: r.byLevel(m.score)}
	if len(r.config.Quantiles) > 0 {
		e.WQL = number(m.loss / m.size)
	}
	for _, part := range f.Members {
		e.Members = append(e.Members, job.Member{Name: part.Name, Weight: part.Weight, Skill: number(part.Skill)})
	}
	return r.write(s, e)
}

func (r *Report) write(s *Sample, e job.Evaluation) error {
	if r.config.Row == nil {
		return nil
	}
	e.Origin = s.Origin.String()
	return r.config.Row(s, e)
}

// endSeries compares the models on the series that were collected since: all models have forecast them.
func (r *Report) endSeries() {
	if r.pairs != nil {
		r.pairs.end(r)
	}
}

// End returns what was measured. The report must not be used afterwards.
func (r *Report) End() job.Backtest {
	r.endSeries()
	b := job.Backtest{Scores: r.scores(r.all), Comparison: r.comparison(r.all)}
	for _, kind := range slices.SortedFunc(maps.Keys(r.kinds), cmp.Compare) {
		g := r.kinds[kind]
		b.Kinds = append(b.Kinds, job.KindScores{Kind: kind, Scores: r.scores(g), Comparison: r.comparison(g)})
	}
	return b
}

func (r *Report) scores(g *group) []job.Score {
	var all []job.Score
	for i := range g.models {
		all = append(all, r.scoreOf(r.config.Models[i], &g.models[i], &g.benchmark))
	}
	return append(all, r.scoreOf(Benchmark, &g.benchmark, &g.benchmark))
}
