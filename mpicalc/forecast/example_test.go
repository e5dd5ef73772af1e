package forecast_test

import (
	"fmt"

	"foliocast/mpicalc/forecast"
)

func ExampleModels() {
	for _, m := range forecast.Models() {
		fmt.Println(m.Name)
	}
	// Output:
	// naive
	// seasonal-naive
	// drift
	// mean
	// trend
	// trend-season
	// ar
	// ar-season
	// ar-diff
	// harmonic
	// theta
	// theta-dynamic
	// damped
	// holt-winters
	// level-shape
	// empirical
	// croston-sba
	// tsb
	// auto
}

// Two assets that move against each other: the errors of an equal mixture of both cancel, and so does its interval.
func ExampleIntervals() {
	engine := forecast.New()
	levels := []float64{80}
	method, err := forecast.NewMethod(forecast.Options{Model: "naive", Horizon: 1, Levels: levels})
	if err != nil {
		fmt.Println(err)
		return
	}
	var portfolio forecast.Errors
	mean := []float64{0}
	for _, y := range [][]float64{{-1, 1, -2, 2, -3, 3, -4, 4}, {1, -1, 2, -2, 3, -3, 4, -4}} {
		var asset forecast.Result
		if err := engine.Forecast(&asset, forecast.Series{Values: y}, method); err != nil {
			fmt.Println(err)
			return
		}
		portfolio.AddScaled(0.5, &asset.Errors)
		mean[0] += 0.5 * asset.Mean[0]
		fmt.Println("asset", asset.Mean[0], asset.Lo[0][0] < asset.Hi[0][0])
	}
	lo, hi := forecast.Intervals(mean, &portfolio, levels)
	fmt.Println("portfolio", mean[0], lo[0][0], hi[0][0])
	// Output:
	// asset 4 true
	// asset -4 true
	// portfolio 0 0 0
}
