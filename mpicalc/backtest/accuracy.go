package backtest

import (
	"math"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// measures are the accuracy of one forecast. A measure that is undefined is NaN.
type measures struct {
	values      int
	smape, mase float64
	bounded     bool      // there are intervals
	coverage    []float64 // of each level
	score       []float64 // interval score, scaled as MASE is
	loss        float64   // the quantile loss, a sum over the values; NaN without quantiles
	size        float64   // the sum of the absolute values
}

// measure compares a forecast with the actual values.
func (r *Report) measure(s *Sample, f *forecast.Result) measures {
	mean := s.known(f.Mean)
	m := measures{values: len(s.Actual), smape: forecast.SMAPE(s.Actual, mean), mase: forecast.MAE(s.Actual, mean) / s.Scale,
		bounded: len(f.Lo) > 0, loss: math.NaN()}
	for l := range f.Lo {
		lo, hi := s.known(f.Lo[l]), s.known(f.Hi[l])
		m.coverage = append(m.coverage, forecast.Coverage(s.Actual, lo, hi))
		m.score = append(m.score, forecast.IntervalScore(s.Actual, lo, hi, r.config.Levels[l])/s.Scale)
	}
	if len(f.Quantiles) > 0 {
		rows := make([][]float64, len(f.Quantiles))
		for q := range rows {
			rows[q] = s.known(f.Quantiles[q])
		}
		m.loss = forecast.QuantileLoss(s.Actual, r.config.Quantiles, rows) * float64(m.values)
	}
	for _, y := range s.Actual {
		m.size += math.Abs(y)
	}
	return m
}

// accuracy holds sums of measures over the forecasts of a model. Its samples come asset by asset.
type accuracy struct {
	series, asset int // the assets so far, and the last of them
	forecasts     int
	failed        int
	scaled        float64 // forecasts whose MASE is defined
	smape, mase   float64
	bounded       float64   // values that have intervals
	inside        []float64 // values inside the interval of each level
	scored        float64   // forecasts whose interval score is defined
	score         []float64
	loss, size    float64 // of the forecasts with quantiles
}

func newAccuracy(levels int) accuracy {
	return accuracy{asset: -1, inside: make([]float64, levels), score: make([]float64, levels)}
}

func (a *accuracy) add(asset int, m measures) {
	if asset != a.asset {
		a.series, a.asset = a.series+1, asset
	}
	a.forecasts++
	a.smape += m.smape
	scaled := !math.IsNaN(m.mase)
	if scaled {
		a.scaled++
		a.mase += m.mase
	}
	if m.bounded {
		a.bounded += float64(m.values)
		if scaled {
			a.scored++
		}
	}
	for l := range m.coverage {
		a.inside[l] += m.coverage[l] * float64(m.values)
		if scaled {
			a.score[l] += m.score[l]
		}
	}
	if !math.IsNaN(m.loss) {
		a.loss += m.loss
		a.size += m.size
	}
}

// scoreOf is the line of a model, compared with the benchmark.
func (r *Report) scoreOf(name string, a, benchmark *accuracy) job.Score {
	s := job.Score{Model: name, Series: a.series, Forecasts: a.forecasts, Failed: a.failed,
		SMAPE: number(a.smape / float64(a.forecasts)), MASE: number(a.mase / a.scaled),
		OWA: number(forecast.OWA(a.smape/float64(a.forecasts), a.mase/a.scaled, benchmark.smape/float64(benchmark.forecasts), benchmark.mase/benchmark.scaled)),
	}
	if a == benchmark {
		s.OWA = number(1) // by definition
		return s
	}
	if len(r.config.Quantiles) > 0 {
		s.WQL = number(a.loss / a.size)
	}
	coverage, score := make([]float64, len(r.config.Levels)), make([]float64, len(r.config.Levels))
	for l := range r.config.Levels {
		coverage[l], score[l] = a.inside[l]/a.bounded, a.score[l]/a.scored
	}
	s.Coverage, s.MSIS = r.byLevel(coverage), r.byLevel(score)
	return s
}

// byLevel names values by the levels of the intervals.
func (r *Report) byLevel(values []float64) map[string]*float64 {
	if len(values) == 0 {
		return nil
	}
	named := make(map[string]*float64, len(values))
	for l, v := range values {
		named[job.Level(r.config.Levels[l])] = number(v)
	}
	return named
}

// number returns a pointer to v, or nil when v is not finite.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
