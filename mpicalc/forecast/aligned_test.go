package forecast_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/mpicalc/forecast"
)

// The same numbers give the same bits at any address in memory and whatever the engine saw before.
func TestTheAddressOfASeriesChangesNothing(t *testing.T) {
	t.Parallel()
	for _, info := range forecast.Models() {
		used := forecast.New()
		m := method(t, forecast.Options{Model: info.Name, Horizon: 5, Levels: []float64{80}, Seasons: []int{4}})
		for n := range 40 {
			memory := make([]float64, n+3)
			series := func(shift int) []float64 {
				for k := range n + 2 {
					memory[shift+k] = 10 + math.Sin(float64(k*k)) + float64(k%4)/3
				}
				return memory[shift : shift+n+2]
			}
			var want, got forecast.Result
			if err := forecast.New().Forecast(&want, forecast.Series{Values: series(0)}, m); err != nil {
				t.Fatal(err)
			}
			if err := used.Forecast(&got, forecast.Series{Values: series(1)}, m); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, want, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s of %d values (-odd address, used engine +even address, new engine)\n%s", info.Name, n+2, diff)
			}
		}
	}
}
