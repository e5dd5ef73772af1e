package report_test

import (
	"math"
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/internal/report"
)

// calibrated is a report on a backtest with risk: 60 origins of one step.
func calibrated() report.Report {
	const n = 60
	r := backtest()
	r.Answer.Time = job.TimeDate
	kupiec, tiny := 0.42, 0.0001
	record := &job.RiskRecord{DS: days(0, n), VaR: map[string][]float64{"95": nil}}
	hits := 0
	for i := range n {
		gain, limit := 40*math.Sin(float64(i)*1.7), 36+float64(i)/20
		record.Base, record.Y = append(record.Base, 5000), append(record.Y, 5000+gain)
		record.VaR["95"] = append(record.VaR["95"], limit)
		if -gain > limit {
			hits++
		}
	}
	interval := func(share float64) job.IntervalScore {
		s := job.IntervalScore{Coverage: share, Score: 0.031, EWMA: share - 0.02, EWMAScore: 0.034}
		for i := range 10 {
			s.Volatility = append(s.Volatility, job.Decile{Values: 6, Inside: 6 - i/4})
		}
		return s
	}
	pit := make([]int, 20)
	for i := range pit {
		pit[i] = 2 + i%3
	}
	step := job.RiskStep{Step: 1, Values: n, PIT: pit, Record: record, Intervals: map[string]job.IntervalScore{"80": interval(0.82), "95": interval(0.93)},
		Bands: map[string]job.BandScore{"90": {Values: 50, Inside: 44}},
		Tails: map[string]job.TailScore{"95": {Hits: hits, Expected: 3, Kupiec: &kupiec, Markov: &tiny}}}
	all := step
	all.Record, all.Values = nil, 4*n
	r.Answer.Backtest = &job.Backtest{Risk: &job.BacktestRisk{Model: "auto", Origins: n, Overall: []job.RiskStep{step}, Assets: []job.RiskStep{all}}}
	return r
}

func TestReportHasTheCalibration(t *testing.T) {
	t.Parallel()
	r := calibrated()
	r.Job.Spec.Bands = []float64{90}
	_, text := written(t, r)
	for _, want := range []string{"60 origins", "bands 90", "3.0 expected. Kupiec: p = 0.420. Christoffersen: independence p &lt; 0.001, both at once not tested.", "decile of volatility", "loss beyond it", "Intervals of the portfolio", "Intervals of all assets together", "Bands of the portfolio", "88 %"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
