package report_test

import (
	"math"
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/internal/report"
)

// joint is a report with paths, scenarios and a benchmark.
func joint() report.Report {
	r := forecast()
	f := r.Answer.Overall
	h := len(f.Mean)
	f.Origins = 245
	for i := range 40 {
		f.Paths = append(f.Paths, wave(h, 5000, 20*math.Sin(float64(i))))
	}
	change := func(v float64) job.Change {
		return job.Change{Mean: wave(h, 5000, 100*v), Change: wave(h, 0, v), Volatility: wave(h, 0, 0.01)}
	}
	f.Scenarios = []job.Outcome{{Name: "a crash " + hostile, Shocks: map[string]float64{"DAX": -0.1}, Origins: 245, Overall: change(-0.02),
		Assets: map[string]job.Change{"DAX": change(-0.03), hostile: change(0.01), "unknown": {Mean: wave(h, 0, 1), Volatility: wave(h, 0, 1)}}}}
	beta := 0.87
	betas := make([]*float64, h)
	for k := 1; k < h; k++ { // the first is not known
		betas[k] = &beta
	}
	f.Relative = &job.Relative{Benchmark: "DAX", Origins: 245, Mean: wave(h, 0, 0.001), Beta: betas, Correlation: betas, TrackingError: wave(h, 0, 0.01),
		VaR: map[string][]float64{"95": wave(h, 0, 0.02)}, ES: map[string][]float64{"95": wave(h, 0, 0.03)}, Underperformance: wave(h, 0.49, 0)}
	return r
}

func TestReportHasPathsAndScenarios(t *testing.T) {
	t.Parallel()
	_, text := written(t, joint())
	for _, want := range []string{"40 paths that the portfolio may take", "245 origins", "Given at the first step: DAX −10.0 %", "The portfolio compared with DAX", "0.87"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "<script") {
		t.Error("the name of a scenario is markup")
	}
}
