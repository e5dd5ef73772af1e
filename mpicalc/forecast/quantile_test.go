package forecast

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Quantiles ascend and agree with the intervals of the same errors where both are asked for.
func TestQuantilesAscend(t *testing.T) {
	t.Parallel()
	y := make([]float64, 80)
	for i := range y {
		y[i] = 20 + 5*math.Sin(float64(i*i))
	}
	o := Options{Model: "auto", Horizon: 4, Quantiles: []float64{0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99}}
	var r Result
	if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	if len(r.Quantiles) != len(o.Quantiles) {
		t.Fatalf("%d quantiles for %d probabilities", len(r.Quantiles), len(o.Quantiles))
	}
	for k := range o.Horizon {
		var at []float64
		for _, q := range r.Quantiles {
			at = append(at, q[k])
		}
		if !slices.IsSorted(at) || at[0] >= at[len(at)-1] {
			t.Errorf("step %d: quantiles %v do not ascend", k+1, at)
		}
	}
}

// The ends of an interval are the quantiles on its sides, up to the rounding of their probabilities.
func TestQuantilesOfErrorsAreTheEndsOfTheirIntervals(t *testing.T) {
	t.Parallel()
	errs := &Errors{Origins: 6, Horizon: 2, Data: noise(12, 4)}
	mean := []float64{3, -1}
	lo, hi := Intervals(mean, errs, []float64{50, 95})
	q := Quantiles(mean, errs, []float64{0.025, 0.25, 0.5, 0.75, 0.975})
	want := [][]float64{lo[1], lo[0], mean, hi[0], hi[1]}
	if diff := cmp.Diff(q, want, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("got against want:\n%s", diff)
	}
}
