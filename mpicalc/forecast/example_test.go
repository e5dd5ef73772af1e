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
	// auto
}

// Two assets that move against each other: the errors of an equal mixture of both cancel, and so does its interval.
func ExampleIntervals() {
	engine := forecast.New()
	options := forecast.Options{Model: "naive", Horizon: 1, Levels: []float64{80}}
	var portfolio forecast.Errors
	mean := []float64{0}
	for _, y := range [][]float64{{-1, 1, -2, 2, -3, 3, -4, 4}, {1, -1, 2, -2, 3, -3, 4, -4}} {
		var asset forecast.Result
		if err := engine.Forecast(&asset, y, &options); err != nil {
			fmt.Println(err)
			return
		}
		portfolio.AddScaled(0.5, &asset.Errors)
		mean[0] += 0.5 * asset.Mean[0]
		fmt.Println("asset", asset.Mean[0], asset.Lo[0][0] < asset.Hi[0][0])
	}
	lo, hi := forecast.Intervals(mean, &portfolio, options.Levels)
	fmt.Println("portfolio", mean[0], lo[0][0], hi[0][0])
	// Output:
	// asset 4 true
	// asset -4 true
	// portfolio 0 0 0
}

func ExampleSummarize() {
	train, actual := []float64{1, 2, 3, 4}, []float64{5, 6}
	var answer forecast.Result
	options := forecast.Options{Model: "trend", Horizon: 2, Levels: []float64{80}}
	if err := forecast.New().Forecast(&answer, train, &options); err != nil {
		fmt.Println(err)
		return
	}
	a := forecast.Summarize([]forecast.Score{forecast.NewScore(train, actual, &answer, 1)})
	fmt.Printf("%d series, sMAPE %.1f, MASE %.1f, coverage %.1f\n", a.Series, a.SMAPE, a.MASE, a.Coverage[0])
	// Output: 1 series, sMAPE 0.0, MASE 0.0, coverage 1.0
}
