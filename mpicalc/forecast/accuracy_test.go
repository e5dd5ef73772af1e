package forecast_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/mpicalc/forecast"
)

func ExampleSMAPE() {
	// (200·10/210 + 200·0/200) / 2
	fmt.Printf("%.4f\n", forecast.SMAPE([]float64{100, 100}, []float64{110, 100}))
	// Output: 4.7619
}

func TestAccuracyByHand(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	cases := []struct {
		name      string
		got, want float64
	}{
		{"smape of zeros", forecast.SMAPE([]float64{0, 0}, []float64{0, 0}), 0},
		{"smape of opposite signs is 200", forecast.SMAPE([]float64{-3}, []float64{3}), 200},
		{"mae", forecast.MAE([]float64{1, 5}, []float64{2, 2}), 2},
		// Scale: |3-1|, |2-3|, |6-2| = 2, 1, 4, mean 7/3; error 7.
		{"mase without season", forecast.MASE([]float64{1, 3, 2, 6}, []float64{13}, []float64{6}, 1), 3},
		// Scale over a season of 2: |2-1|, |6-3| = 1, 3, mean 2; error 7.
		{"mase with season", forecast.MASE([]float64{1, 3, 2, 6}, []float64{13}, []float64{6}, 2), 3.5},
		{"mase of a constant", forecast.MASE([]float64{1, 1}, []float64{1}, []float64{2}, 1), nan},
		{"mase of too short a training part", forecast.MASE([]float64{1}, []float64{1}, []float64{2}, 1), nan},
		{"owa", forecast.OWA(5, 1, 10, 4), 0.375},
		{"coverage counts the ends", forecast.Coverage([]float64{1, 2, 3, 4}, []float64{1, 0, 0, 5},
			[]float64{2, 2, 2, 6}), 0.5},
		// p = .1: 5 is .1·2·(5-3) below, 1 is .9·2·(2-1) above; p = .5: the distances 1 and 2; the mean of .4, 1.8, 1 and 2.
		{"quantile loss", forecast.QuantileLoss([]float64{5, 1}, []float64{.1, .5}, [][]float64{{3, 2}, {4, 3}}), 1.3},
		{"quantile loss of the value itself", forecast.QuantileLoss([]float64{5}, []float64{.9}, [][]float64{{5}}), 0},
		{"quantile loss without quantiles", forecast.QuantileLoss([]float64{5}, nil, nil), nan},
		// Widths 2, 2 and 3; at 80 %, 2/α is 10: 3 lies 1 above, 0 lies .5 below; (2+10 + 2 + 3+5)/3.
		{"interval score", forecast.IntervalScore([]float64{3, 1, 0}, []float64{0, 0, .5}, []float64{2, 2, 3.5}, 80), 22.0 / 3},
		{"interval score counts no distance at the ends", forecast.IntervalScore([]float64{0, 2}, []float64{0, 0}, []float64{2, 2}, 95), 2},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.got, c.want, cmpopts.EquateApprox(1e-12, 0), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s, got against want:\n%s", c.name, diff)
		}
	}
}

func TestNaive2(t *testing.T) {
	t.Parallel()
	// Indices 1.5 and 0.5 on the level 10, twelve times: the moving average is 10 everywhere, so the ratios are the
	// indices, and the adjusted last value is 10. At lag 2 the autocorrelation is 10/12 by definition, at lag 1 it is
	// -11/12·…; the limit 1.645·√((1+2·(11/12)²)/12) = 0.777 is below 10/12 = 0.833.
	season := make([]float64, 12)
	for i := range season {
		season[i] = []float64{15, 5}[i%2]
	}
	if diff := cmp.Diff(forecast.Naive2(season, 3, 2), []float64{15, 5, 15}, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("seasonal, got against want:\n%s", diff)
	}
	// The same with indices 2 and 0: the last value cannot be divided by 0, and is repeated.
	for i := range season {
		season[i] = []float64{20, 0}[i%2]
	}
	if diff := cmp.Diff(forecast.Naive2(season, 3, 2), []float64{0, 0, 0}); diff != "" {
		t.Errorf("an index of zero, got against want:\n%s", diff)
	}
	// Fewer than three periods are never called seasonal.
	if diff := cmp.Diff(forecast.Naive2(season[:5], 2, 2), []float64{20, 20}); diff != "" {
		t.Errorf("short, got against want:\n%s", diff)
	}
}

func TestSeasonalScaleOfASeriesWithHoles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		x     []float64
		slots []int64
		m     int
		want  float64
	}{
		"no holes":         {[]float64{1, 3, 7}, nil, 1, 3},
		"a hole":           {[]float64{1, 3, 7, 8}, []int64{0, 1, 5, 6}, 1, 1.5}, // |3-1| and |8-7|
		"a season":         {[]float64{1, 9, 2, 5, 4}, []int64{0, 1, 5, 6, 10}, 5, (1.0 + 4 + 2) / 3},
		"negative slots":   {[]float64{1, 2, 4}, []int64{-2, -1, 1}, 2, 2},
		"no pair":          {[]float64{1, 2, 4}, []int64{0, 2, 4}, 1, math.NaN()},
		"never a change":   {[]float64{2, 2, 2}, nil, 1, math.NaN()},
		"shorter than m":   {[]float64{1, 2}, nil, 2, math.NaN()},
		"no season at all": {[]float64{1, 2}, nil, 0, math.NaN()},
	} {
		got := forecast.SeasonalScale(c.x, c.slots, c.m)
		if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
