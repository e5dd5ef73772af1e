package main

import (
	"math"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// evaluation is one model on all samples. It is a [spmd.Workload].
type evaluation struct {
	model   string
	samples []sample
	levels  []float64
	options map[optionKey]*forecast.Options
	seasons []int
	sum     accuracy
	failed  int
}

// optionKey is what differs between the options of samples.
type optionKey struct {
	freq    series.Freq
	horizon int
}

func newEvaluation(model string, samples []sample, b *backtest) *evaluation {
	return &evaluation{model: model, samples: samples, levels: b.levels, seasons: b.modelSeasons, options: make(map[optionKey]*forecast.Options),
		sum: accuracy{inside: make([]float64, len(b.levels))}}
}

func (ev *evaluation) Len() int { return len(ev.samples) }

func (ev *evaluation) Series(i int) spmd.Series {
	s := &ev.samples[i]
	key := optionKey{s.freq, s.horizon}
	o := ev.options[key]
	if o == nil {
		step, periods := portfolio.Calendar(key.freq)
		o = &forecast.Options{Model: ev.model, Horizon: key.horizon, Step: step, Periods: periods, Seasons: ev.seasons, Levels: ev.levels}
		ev.options[key] = o
	}
	return spmd.Series{Series: forecast.Series{Values: s.train, Skips: s.skips}, Options: o}
}

func (ev *evaluation) Take(i int, r *forecast.Result, err error) error {
	if err != nil {
		ev.failed++
		return nil
	}
	s := &ev.samples[i]
	ev.sum.add(s, r.Mean)
	if len(r.Lo) > 0 { // a series may have no intervals
		ev.sum.bounded += float64(len(s.actual))
	}
	for l := range r.Lo {
		ev.sum.inside[l] += forecast.Coverage(s.actual, s.known(r.Lo[l]), s.known(r.Hi[l])) * float64(len(s.actual))
	}
	return nil
}

// accuracy holds sums of measures over samples.
type accuracy struct {
	samples, scaled float64 // scaled counts the samples whose MASE is defined
	smape, mase     float64
	bounded         float64   // values that have intervals
	inside          []float64 // values inside the interval of each level
}

func (a *accuracy) add(s *sample, mean []float64) {
	mean = s.known(mean)
	a.samples++
	a.smape += forecast.SMAPE(s.actual, mean)
	if scaled := forecast.MAE(s.actual, mean) / s.scale; !math.IsNaN(scaled) {
		a.scaled++
		a.mase += scaled
	}
}

// evaluateNaive2 evaluates the benchmark on all samples.
func evaluateNaive2(samples []sample) *accuracy {
	var a accuracy
	for i := range samples {
		s := &samples[i]
		a.add(s, forecast.Naive2(s.train, s.horizon, s.season))
	}
	return &a
}

// score is one line of the outcome. A measure that is undefined is nil.
type score struct {
	Model    string              `json:"model"`
	Series   int                 `json:"series"`
	SMAPE    *float64            `json:"smape"`
	MASE     *float64            `json:"mase"`
	OWA      *float64            `json:"owa"`
	Coverage map[string]*float64 `json:"coverage,omitzero"`
	Millis   *float64            `json:"ms_per_series"`
	Failed   int                 `json:"failed,omitzero"`
}

// score compares the model with the benchmark. seconds is the time of one core for all samples.
func (ev *evaluation) score(reference *accuracy, seconds float64) score {
	s := ev.sum.score(ev.model, ev.levels)
	s.Failed = ev.failed
	s.OWA = number64(forecast.OWA(ev.sum.smape/ev.sum.samples, ev.sum.mase/ev.sum.scaled,
		reference.smape/reference.samples, reference.mase/reference.scaled))
	s.Millis = number64(1000 * seconds / float64(len(ev.samples)))
	return s
}

// score returns the means over the samples. Its OWA is 1, the benchmark's own.
func (a *accuracy) score(name string, levels []float64) score {
	s := score{
		Model:  name,
		Series: int(a.samples),
		SMAPE:  number64(a.smape / a.samples),
		MASE:   number64(a.mase / a.scaled),
		OWA:    number64(1),
	}
	if a.inside != nil {
		s.Coverage = make(map[string]*float64, len(levels))
		for i, l := range levels {
			s.Coverage[job.Level(l)] = number64(a.inside[i] / a.bounded)
		}
	}
	return s
}

// number64 returns a pointer to v, or nil when v is not finite.
func number64(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
