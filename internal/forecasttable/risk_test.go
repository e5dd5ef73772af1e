package forecasttable

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

func TestTextOfRisk(t *testing.T) {
	t.Parallel()
	got := written(t, job.Answer{
		State: job.Done, Time: job.TimeDate,
		Overall: &job.Forecast{DS: []string{"2024-12-31", "2025-01-01"}, Mean: []float64{1000, 1001}, Risk: &job.Risk{
			Base: 1000, Origins: 500, Volatility: []float64{10.04, 14.1}, LossProbability: []float64{0.5, 0.47123},
			VaR:        map[string][]float64{"95": {16.4, 22.5}, "99": {23.3, 32}},
			ES:         map[string][]float64{"95": {20.6, 28.4}, "99": {26.7, 37}},
			Drawdown:   map[string]float64{"95": 25, "99": 34},
			Components: map[string]job.Component{"CAC": {VaR: map[string]float64{"95": -2.5, "99": 2}, ES: map[string]float64{"95": -1.6, "99": -3}}, "DAX": {VaR: map[string]float64{"95": 25, "99": 30}, ES: map[string]float64{"95": 30, "99": 40}}},
		}},
	})
	// The value at risk is about 17: three digits of that are 17.0.
	want := `ASSET    MODEL  SKILL        DATE  MEAN
overall                2024-12-31  1000
                       2025-01-01  1001

RISK           DATE  VOLATILITY  P(LOSS)  VAR-95  ES-95  VAR-99  ES-99
overall  2024-12-31        10.0    0.500    16.4   20.6    23.3   26.7
         2025-01-01        14.1    0.471    22.5   28.4    32.0   37.0

COMPONENT  VAR-95  ES-95  VAR-99  ES-99
DAX          25.0   30.0    30.0   40.0
CAC          -2.5   -1.6     2.0   -3.0
Drawdown within the horizon: at most 25.0 with a probability of 95 %, 34.0 of 99 %
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
