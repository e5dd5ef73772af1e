package main

import (
	"math"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// trial is one model on all cases. It is a [spmd.Workload].
type trial struct {
	model   string
	cases   []trialCase
	levels  []float64
	options map[optionKey]*forecast.Options
	seasons []int
	sum     measures
	failed  int
}

// optionKey is what options differ in between cases.
type optionKey struct {
	freq    forecast.Freq
	horizon int
}

func newTrial(model string, cases []trialCase, b *backtest) *trial {
	return &trial{model: model, cases: cases, levels: b.levels, seasons: b.modelSeasons, options: make(map[optionKey]*forecast.Options),
		sum: measures{inside: make([]float64, len(b.levels))}}
}

func (t *trial) Len() int { return len(t.cases) }

func (t *trial) Series(i int) spmd.Series {
	c := &t.cases[i]
	key := optionKey{forecast.Freq(c.freq), len(c.actual)}
	o := t.options[key]
	if o == nil {
		o = &forecast.Options{Model: t.model, Horizon: key.horizon, Freq: key.freq, Seasons: t.seasons, Levels: t.levels}
		t.options[key] = o
	}
	return spmd.Series{Values: c.train, Options: o}
}

func (t *trial) Take(i int, r *forecast.Result, err error) error {
	if err != nil {
		t.failed++
		return nil
	}
	c := &t.cases[i]
	t.sum.add(c, r.Mean)
	for l := range t.levels {
		t.sum.inside[l] += forecast.Coverage(c.actual, r.Lo[l], r.Hi[l]) * float64(len(c.actual))
	}
	return nil
}

// measures are sums over cases.
type measures struct {
	cases, scaled, points float64
	smape, mase           float64
	inside                []float64 // values inside each level's interval
}

func (m *measures) add(c *trialCase, mean []float64) {
	m.cases++
	m.points += float64(len(c.actual))
	m.smape += forecast.SMAPE(c.actual, mean)
	if scaled := forecast.MASE(c.train, c.actual, mean, c.season); !math.IsNaN(scaled) {
		m.scaled++
		m.mase += scaled
	}
}

// judgeNaive2 is the benchmark on all cases.
func judgeNaive2(cases []trialCase) *measures {
	var m measures
	for i := range cases {
		c := &cases[i]
		m.add(c, forecast.Naive2(c.train, len(c.actual), c.season))
	}
	return &m
}

// score is one line of the outcome. What could not be measured is nil.
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

// score compares a trial, for which one core would have taken so many seconds, with the benchmark.
func (t *trial) score(reference *measures, seconds float64) score {
	s := t.sum.score(t.levels)
	s.Model, s.Failed = t.model, t.failed
	s.OWA = number64(forecast.OWA(t.sum.smape/t.sum.cases, t.sum.mase/t.sum.scaled,
		reference.smape/reference.cases, reference.mase/reference.scaled))
	s.Millis = number64(1000 * seconds / float64(len(t.cases)))
	return s
}

// score is that of the benchmark itself.
func (m *measures) score(levels []float64) score {
	s := score{
		Model:  "(Naive2)",
		Series: int(m.cases),
		SMAPE:  number64(m.smape / m.cases),
		MASE:   number64(m.mase / m.scaled),
		OWA:    number64(1),
	}
	if m.inside != nil {
		s.Coverage = make(map[string]*float64, len(levels))
		for i, l := range levels {
			s.Coverage[job.Level(l)] = number64(m.inside[i] / m.points)
		}
	}
	return s
}

// number64 is nil for what is no number.
func number64(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
