package forecast

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestPointIsMedianOrMean(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"", Median, Mean} {
		if err := (Options{Model: "naive", Horizon: 1, Point: point}).Validate(); err != nil {
			t.Errorf("%q: %v", point, err)
		}
	}
	var fault *FieldError
	if err := (Options{Model: "naive", Horizon: 1, Point: "mode"}).Validate(); !errors.As(err, &fault) || fault.Field != "Point" {
		t.Errorf("mode: %v", err)
	}
}

// What was asked for is what the answer says that it holds, and the errors are those of that forecast.
func TestPointIsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	y := noise(90, 3)
	positive := make([]float64, len(y))
	for i, v := range y {
		positive[i] = math.Exp(v)
	}
	cases := []struct {
		model string
		y     []float64
		own   string
	}{
		{"mean", y, Mean}, {"naive", positive, Mean}, {"ar", y, Mean}, {"ar", positive, Median}, {"auto", positive, Median},
	}
	for _, c := range cases {
		var chosen Result
		for _, point := range []string{"", Median, Mean} {
			var r Result
			o := Options{Model: c.model, Horizon: 3, Levels: []float64{80}, Point: point}
			if err := New().Forecast(&r, Series{Values: c.y}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			want := point
			if point == "" {
				chosen, want = r, c.own
			}
			if r.Point != want {
				t.Errorf("%s, asked for %q: got the %s, want the %s", c.model, point, r.Point, want)
			}
			for k, v := range r.Errors.Row(0) {
				if got, want := v+r.Mean[k], chosen.Errors.Row(0)[k]+chosen.Mean[k]; math.Abs(got-want) > 1e-9*math.Abs(want) {
					t.Errorf("%s, asked for %q: error of step %d is %v at a forecast of %v", c.model, point, k+1, v, r.Mean[k])
				}
			}
		}
	}
}

// Rounding keeps the values of an interval within it, and quantiles in order.
func TestIntegersStayIntegers(t *testing.T) {
	t.Parallel()
	counts := make([]float64, 60)
	for i := range counts {
		counts[i] = 3 + float64(i*i%7)
	}
	halves := append([]float64{0.5}, counts...)
	o := Options{Model: "auto", Horizon: 4, Levels: []float64{50, 80}, Quantiles: []float64{0.1, 0.4, 0.5, 0.6, 0.9}}
	for name, y := range map[string][]float64{"integers": counts, "a half": halves} {
		var exact, r Result
		if err := New().Forecast(&exact, Series{Values: y}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		o := o
		o.Integers = true
		if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		if name == "a half" {
			if r.Mean[0] != exact.Mean[0] {
				t.Errorf("%s: rounded %v to %v", name, exact.Mean[0], r.Mean[0])
			}
			continue
		}
		for k, m := range r.Mean {
			if m != math.Round(exact.Mean[k]) {
				t.Errorf("step %d: mean %v of %v", k+1, m, exact.Mean[k])
			}
			for i := range r.Lo {
				if lo, hi := r.Lo[i][k], r.Hi[i][k]; lo != math.Floor(exact.Lo[i][k]) || hi != math.Ceil(exact.Hi[i][k]) || lo < r.Floor {
					t.Errorf("step %d: interval [%v, %v] of [%v, %v], floor %v", k+1, lo, hi, exact.Lo[i][k], exact.Hi[i][k], r.Floor)
				}
			}
			for i, q := range r.Quantiles {
				if q[k] != math.Trunc(q[k]) || math.Abs(q[k]-exact.Quantiles[i][k]) >= 1 || i > 0 && q[k] < r.Quantiles[i-1][k] {
					t.Errorf("step %d: quantile %v is %v, before rounding %v", k+1, o.Quantiles[i], q[k], exact.Quantiles[i][k])
				}
			}
		}
	}
}

// A model of counts has both points: beside the medians it gives the means, which are those that it forecasts when asked for means.
func TestMediansOfCountsHaveTheirMeansBeside(t *testing.T) {
	t.Parallel()
	counts := noise(90, 5)
	for i, v := range counts {
		counts[i] = max(0, math.Round(2*v))
	}
	skips := []Skip{{At: 5, Count: 2}, {At: 90, Count: 1}}
	for _, model := range []string{"empirical", "auto"} {
		for _, levels := range [][]float64{nil, {80}} {
			for _, s := range []Series{{Values: counts}, {Values: counts, Skips: skips}} {
				var median, mean Result
				e := New()
				for point, r := range map[string]*Result{Mean: &mean, "": &median} {
					if err := e.Forecast(r, s, method(t, Options{Model: model, Horizon: 9, Seasons: []int{7}, Levels: levels, Point: point})); err != nil {
						t.Fatal(err)
					}
				}
				if median.Point != Median || mean.Point != Mean || len(mean.Average) > 0 {
					t.Fatalf("%s: the %s with means %v, and the %s with %v", model, median.Point, median.Average, mean.Point, mean.Average)
				}
				if diff := cmp.Diff(median.Average, mean.Mean, cmpopts.EquateApprox(0, 1e-9)); diff != "" || cmp.Equal(median.Mean, mean.Mean) {
					t.Errorf("%s, levels %v: the medians are %v, and their means (-beside +forecast)\n%s", model, levels, median.Mean, diff)
				}
			}
		}
	}
}

// A distribution with a share of the forecast moves its means by as much of the distance from its median.
func TestMeansMoveByTheShareOfTheDistribution(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64][]float64{0.4: nil, 0.6: {5.6, 6.3}, 1: {6, 6.5}} {
		p := &problem{lo: []float64{0}, hi: []float64{9}, law: &law{share: share, centre: []float64{1, 2}, mean: []float64{2, 2.5}}}
		r := Result{Point: Median, Mean: []float64{5, 6}}
		r.setAverage(p, units{})
		if diff := cmp.Diff(r.Average, want, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("share %v (-got +want)\n%s", share, diff)
		}
	}
}
