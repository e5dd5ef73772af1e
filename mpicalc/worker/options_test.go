package worker_test

import (
	"slices"
	"testing"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
)

// A job names its models in a tag, so that the data service knows them without
// the calculation.
func TestModelsOfAJobAreThoseOfTheRegistry(t *testing.T) {
	t.Parallel()
	var want []string
	for _, m := range forecast.Models() {
		want = append(want, m.Name)
	}
	if got := job.Models(); !slices.Equal(got, want) {
		t.Errorf("a job may name the models\n%v, want those of the registry in its order\n%v", got, want)
	}
}

// A job that Validate allows must not fail for its options when its turn comes.
func TestAValidJobHasValidOptions(t *testing.T) {
	t.Parallel()
	for _, model := range job.Models() {
		for _, freq := range append(job.Freqs(), "") {
			var quantiles []float64
			for i := range 99 {
				quantiles = append(quantiles, float64(i+1)/100)
			}
			spec := job.Spec{Dataset: "d", Assets: []string{"A"}, Model: model, Freq: freq, Horizon: 1000,
				Season: []int{2, 3, 9_999, 10_000}, Levels: []float64{1.001, 2, 3, 4, 5, 6, 7, 80, 95, 99.999}, Quantiles: quantiles, Point: job.PointMedian, OnError: job.Skip, Combine: job.Mean}
			if faults := spec.Validate(); faults != nil {
				t.Fatalf("%s %s: %v", model, freq, faults)
			}
			step, periods := portfolio.Calendar(series.Freq(freq))
			o := forecast.Options{Model: spec.Model, Horizon: spec.Horizon, Step: step, Periods: periods, Seasons: spec.Season, Levels: spec.Levels, Quantiles: spec.Quantiles, Point: string(spec.Point)}
			if err := o.Validate(); err != nil {
				t.Errorf("%s %s: %v", model, freq, err)
			}
		}
	}
}
