package forecast

import (
	"math"
	"testing"
)

func TestCombineCutsOffWhatLiesAtTheEnds(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		name               string
		weights, forecasts []float64
		want               float64
		shares             []float64
	}{
		{"one", []float64{1}, []float64{7}, 7, []float64{1}},
		{"two alike", []float64{0.5, 0.5}, []float64{4, 8}, 6, []float64{0.5, 0.5}},
		// Of three thirds, 0.2 is cut off at each end: 2/15, 5/15 and 2/15 are left of 9/15.
		{"three alike", []float64{1. / 3, 1. / 3, 1. / 3}, []float64{2, 1, 10}, (2*1 + 5*2 + 2*10) / 9., []float64{5. / 9, 2. / 9, 2. / 9}},
		{"outliers", []float64{0.19, 0.52, 0.1, 0.19}, []float64{1e9, 3, 5, -1e9}, (0.51*3 + 0.09*5) / 0.6, []float64{0, 0.85, 0.15, 0}},
		{"most agree", []float64{0.86, 0.14}, []float64{3, 100}, 3, []float64{1, 0}},
		{"one is missing", []float64{0.52, 0.4, 0.08}, []float64{4, nan, 8}, 4, []float64{1, 0, 0}},
		{"all are missing", []float64{1}, []float64{nan}, nan, []float64{0}},
	} {
		var pool pool
		for i, w := range c.weights {
			pool.all = append(pool.all, candidate{Member: Member{Weight: w}, paths: paths{1, []float64{c.forecasts[i]}}, shares: make([]float64, 1)})
		}
		out := paths{1, make([]float64, 1)}
		pool.combine(out, 0)
		pool.settle()
		if got := out.data[0]; !(math.Abs(got-c.want) <= 1e-12*math.Abs(c.want) || math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for i := range pool.all {
			if got := pool.all[i].Weight; math.Abs(got-c.shares[i]) > 1e-12 {
				t.Errorf("%s: share %d is %v, want %v", c.name, i, got, c.shares[i])
			}
		}
	}
}
