package forecast_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"foliocast/mpicalc/forecast"
)

// seasonalSeries is a positive series with a trend, a season of m steps and noise, the same at each call.
func seasonalSeries(n, m int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	y := make([]float64, n)
	for t := range y {
		season := math.Sin(2 * math.Pi * float64(t) / float64(m))
		y[t] = (100 + float64(t)/4) * math.Exp(0.2*season+0.05*rng.NormFloat64())
	}
	return y
}

// Not parallel: AllocsPerRun counts what other goroutines allocate, too.
func TestForecastAllocatesNothingInTheSteadyState(t *testing.T) {
	series := [][]float64{seasonalSeries(60, 12, 1), seasonalSeries(200, 12, 2), seasonalSeries(14, 2, 3),
		{0, 0, 2, 0, 1, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 1, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0}}
	x, other := make([][][]float64, len(series)), seasonalSeries(300, 5, 4)
	for i, y := range series {
		x[i] = [][]float64{other[:len(y)+6], other[1 : len(y)+7]}
	}
	year := seasonalSeries(800, 365, 4)
	for _, info := range forecast.Models() {
		for _, levels := range [][]float64{nil, {80, 95}} {
			engine, answer := forecast.New(), forecast.Result{}
			m := method(t, forecast.Options{Model: info.Name, Horizon: 6, Seasons: []int{12}, Levels: levels, Bands: levels, Joint: len(levels) > 0, Paths: len(levels)})
			skips, ends := []forecast.Skip{{At: 9, Count: 1}}, []int{10, 9}
			o := forecast.Options{Model: info.Name, Horizon: 60, Step: 24 * time.Hour, Seasons: []int{7, 365}, Levels: levels}
			days := method(t, o)
			forecastAll := func() {
				if err := engine.Forecast(&answer, forecast.Series{Values: year}, days); err != nil {
					t.Fatal(err)
				}
				for i, y := range series {
					for _, s := range []forecast.Series{{Values: y}, {Values: y, Skips: skips, Ends: ends, WalkEnds: ends, WalkStride: 1},
						{Values: y, Skips: skips, Regressors: x[i]}} {
						if err := engine.Forecast(&answer, s, m); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			forecastAll()
			forecastAll() // the second round finds the block enlarged once
			if got := testing.AllocsPerRun(5, forecastAll); got != 0 {
				t.Errorf("%s with levels %v: %v allocations a round, want 0", info.Name, levels, got)
			}
		}
	}
}
