package forecasttable

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

func TestTextOfScenariosAndABenchmark(t *testing.T) {
	t.Parallel()
	beta := 0.8125
	change := func(first, last float64) job.Change {
		return job.Change{Mean: []float64{1, 1}, Change: []float64{first, last}, Volatility: []float64{0, 0.0312}}
	}
	got := written(t, job.Answer{
		State: job.Done, Time: job.TimeDate,
		Overall: &job.Forecast{DS: []string{"2024-12-31", "2025-01-01"}, Mean: []float64{1000, 1001},
			Scenarios: []job.Outcome{{Name: "crash", Overall: change(-0.07, -0.0715), Assets: map[string]job.Change{"CAC": change(-0.05, -0.05), "DAX": change(-0.1, -0.1),
				"RATE": {Mean: []float64{1, 2}, Volatility: []float64{3, 4}}}}},
			Relative: &job.Relative{Benchmark: "DAX", Beta: []*float64{&beta, nil}, TrackingError: []float64{0.01, 0.0149}, Underperformance: []float64{0.5, 0.4321},
				VaR: map[string][]float64{"95": {0.0164, 0.02}}, ES: map[string][]float64{"95": {0.02, 0.03}}},
		},
	})
	want := `ASSET    MODEL  SKILL        DATE  MEAN
overall                2024-12-31  1000
                       2025-01-01  1001

SCENARIO  ASSET    2024-12-31       ±  2025-01-01       ±
crash     overall     -7.00 %  0.00 %     -7.15 %  3.12 %
          DAX        -10.00 %  0.00 %    -10.00 %  3.12 %
          CAC         -5.00 %  0.00 %     -5.00 %  3.12 %
          RATE

BENCHMARK        DATE   BETA  TRACKING ERROR  P(LESS)  VAR-95   ES-95
DAX        2024-12-31  0.812          1.00 %    0.500  1.64 %  2.00 %
           2025-01-01                 1.49 %    0.432  2.00 %  3.00 %
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
