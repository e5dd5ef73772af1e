package forecast

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// Quantiles ascend strictly, those around the median as well, and the ends of an interval are the quantiles on its sides, to the
// last bit.
func TestIntervalsEndAtQuantiles(t *testing.T) {
	t.Parallel()
	growing := make([]float64, 80)
	for i := range growing {
		growing[i] = (20 + 5*math.Sin(float64(i*i))) * math.Exp(float64(i)/30)
	}
	for name, y := range map[string][]float64{"growing": growing, "of both signs": noise(80, 1), "walk": walk(60, 2), "short": walk(7, 3)} {
		o := Options{Model: "auto", Horizon: 4, Levels: []float64{50, 80, 98}, Quantiles: []float64{0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99}}
		var r Result
		if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		want := [][]float64{r.Lo[2], r.Lo[1], r.Lo[0], r.Mean, r.Hi[0], r.Hi[1], r.Hi[2]}
		if diff := cmp.Diff(r.Quantiles, want); diff != "" {
			t.Errorf("%s: got against want:\n%s", name, diff)
		}
		for k := range o.Horizon {
			for i := 1; i < len(r.Quantiles); i++ {
				if before, at := r.Quantiles[i-1][k], r.Quantiles[i][k]; at < before || at == before && at > r.Floor {
					t.Errorf("%s, step %d: quantile %v is %v and that before it %v", name, k+1, o.Quantiles[i], at, before)
				}
			}
		}
	}
}

// Whatever the errors, quantiles ascend with their probability at every step.
func TestQuantilesAscendForAnyErrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, origins := rapid.IntRange(1, 9).Draw(t, "h"), rapid.IntRange(0, 40).Draw(t, "origins")
		value := rapid.OneOf(rapid.Just(0.0), rapid.Just(math.NaN()), rapid.Float64Range(-2, 5), rapid.Float64Range(-1e9, 1e-9))
		errs := &Errors{Origins: origins, Horizon: h, Data: rapid.SliceOfN(value, origins*h, origins*h).Draw(t, "errors")}
		median := rapid.SliceOfN(rapid.Float64Range(-10, 10), h, h).Draw(t, "median")
		at := rapid.SliceOfN(rapid.Float64Range(1e-6, 1-1e-6), 2, 20).Draw(t, "probabilities")
		slices.Sort(at)
		for k := range h {
			before := math.Inf(-1)
			for i, q := range Quantiles(median, errs, at) {
				if !(q[k] >= before) || at[i] < 0.5 && q[k] > median[k] || at[i] > 0.5 && q[k] < median[k] {
					t.Fatalf("step %d: quantile %v is %v, that before it %v, and the median %v", k+1, at[i], q[k], before, median[k])
				}
				before = q[k]
			}
		}
	})
}

// Of forty independent errors that are far more often small and negative than large and positive, the quantiles are further
// above the median than below; of their mirror images, as much further below. Of six, they are symmetric.
func TestQuantilesAreAsymmetricWhereManyErrorsAre(t *testing.T) {
	t.Parallel()
	skewed := noise(40, 7)
	for i, v := range skewed {
		skewed[i] = math.Exp(v) - 1
	}
	mirrored := slices.Clone(skewed)
	for i := range mirrored {
		mirrored[i] *= -1
	}
	at := []float64{0.1, 0.5, 0.9}
	q := Quantiles([]float64{0}, &Errors{Origins: 40, Horizon: 1, Data: skewed}, at)
	if below, above := -q[0][0], q[2][0]; q[1][0] != 0 || above < 1.3*below {
		t.Errorf("80 %% lie between %v and %v around %v", q[0][0], q[2][0], q[1][0])
	}
	m := Quantiles([]float64{0}, &Errors{Origins: 40, Horizon: 1, Data: mirrored}, at)
	if diff := cmp.Diff(m, [][]float64{{-q[2][0]}, {0}, {-q[0][0]}}, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("mirrored, got against want:\n%s", diff)
	}
	few := Quantiles([]float64{0}, &Errors{Origins: 4, Horizon: 1, Data: skewed[:4]}, at)
	if few[0][0] != -few[2][0] || few[0][0] == 0 {
		t.Errorf("of four errors %v, want both ends as far from 0", few)
	}
}

// A value of which the logarithm is a random walk with steps of 0.3 has the quantiles y·exp(±0.3·z·√k), y the last: they are never
// negative, and further from y above than below. In the mean over 60 walks the estimates are within a fifth of that, of errors that are ratios above and logarithms below.
func TestQuantilesOfAGrowingSeriesAreRelative(t *testing.T) {
	t.Parallel()
	const n, h, walks, z = 150, 3, 60, 1.281552 // z: qnorm(0.9)
	var below, above [h]float64
	for seed := range uint64(walks) {
		y, x := make([]float64, n), 0.0
		for i, step := range noise(n, seed) {
			x += 0.3 * step
			y[i] = math.Exp(x)
		}
		var r Result
		if err := New().Forecast(&r, Series{Values: y}, method(t, Options{Model: "naive", Horizon: h, Quantiles: []float64{0.1, 0.9}})); err != nil {
			t.Fatal(err)
		}
		for k := range h {
			below[k] += math.Log(r.Quantiles[0][k]/y[n-1]) / walks
			above[k] += math.Log(r.Quantiles[1][k]/y[n-1]) / walks
		}
	}
	for k := range h {
		want := 0.3 * z * math.Sqrt(float64(k+1))
		if math.Abs(below[k]+want) > 0.2*want || math.Abs(above[k]-want) > 0.2*want {
			t.Errorf("step %d: the logarithm lies between %.3f and %.3f, want ∓%.3f", k+1, below[k], above[k], want)
		}
	}
}

// The ends of an interval are the quantiles on its sides, to the last bit.
func TestQuantilesOfErrorsAreTheEndsOfTheirIntervals(t *testing.T) {
	t.Parallel()
	errs := &Errors{Origins: 6, Horizon: 2, Data: noise(12, 4)}
	mean := []float64{3, -1}
	lo, hi := Intervals(mean, errs, []float64{50, 95})
	q := Quantiles(mean, errs, []float64{0.025, 0.25, 0.5, 0.75, 0.975})
	if diff := cmp.Diff(q, [][]float64{lo[1], lo[0], mean, hi[0], hi[1]}); diff != "" {
		t.Errorf("got against want:\n%s", diff)
	}
}
