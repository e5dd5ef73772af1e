package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// recursions returns the mean absolute errors of models on series y(t) = φ·y(t-1) + noise, relative to naive. The errors are
// those over many futures of each series, so that few series tell models apart.
func recursions(t *testing.T, phi float64, n, h, series int, o Options, models ...string) []float64 {
	const futures = 30
	var methods []*Method
	for _, name := range models {
		o.Model, o.Horizon = name, h
		methods = append(methods, method(t, o))
	}
	errs := make([]float64, len(models))
	naive := 0.0
	e := New()
	for seed := range uint64(series) {
		r := rand.New(rand.NewPCG(seed, 17))
		next := func(last float64) float64 { return phi*last + r.NormFloat64() }
		last := 0.0
		for range 50 {
			last = next(last)
		}
		offset := 0.0
		if seed%2 == 0 {
			offset = 20 * math.Sqrt(float64(n)) // positive, so that logarithms can be taken
		}
		y := make([]float64, n)
		for i := range y {
			last = next(last)
			y[i] = last + offset
		}
		answers := make([]Result, len(models))
		for i, m := range methods {
			if err := e.Forecast(&answers[i], Series{Values: y}, m); err != nil {
				t.Fatal(err)
			}
		}
		for range futures {
			x := last
			for k := range h {
				x = next(x)
				for i := range answers {
					errs[i] += math.Abs(x + offset - answers[i].Mean[k])
				}
				naive += math.Abs(x - last)
			}
		}
	}
	for i := range errs {
		errs[i] /= naive
	}
	return errs
}

var calendars = []struct {
	name string
	o    Options
	h    int
}{
	{"monthly", Options{Step: 30 * day, Periods: []int{12}}, 12},
	{"quarterly", Options{Step: 91 * day, Periods: []int{4}}, 6},
	{"daily", Options{Step: day, Periods: []int{7, 365}}, 7},
	{"weekly", Options{Step: 7 * day, Periods: []int{52}}, 8},
}

// No model beats naive on a random walk, and a season that the calendar supposes must not cost anything.
func TestAutoIsNearlyNaiveOnWalks(t *testing.T) {
	t.Parallel()
	for _, c := range calendars {
		sum, count := 0.0, 0.0
		for _, n := range []int{24, 36, 55, 120, 300} {
			got := recursions(t, 1, n, c.h, 60, c.o, "auto")[0]
			sum += got
			count++
			if got > 1.012 {
				t.Errorf("%s walks of %d values: error %.4f of that of naive", c.name, n, got)
			}
		}
		if sum/count > 1.0055 {
			t.Errorf("%s walks: error %.4f of that of naive, want about 1.005", c.name, sum/count)
		}
	}
}

// Series that revert to a mean are forecast about as well as by the autoregression that they follow.
func TestAutoFollowsMeanReversion(t *testing.T) {
	t.Parallel()
	for _, c := range calendars {
		for _, phi := range []float64{0.5, 0.7, 0.85} {
			for _, n := range []int{60, 100, 300} {
				for _, h := range []int{1, 5} {
					got := recursions(t, phi, n, h, 60, c.o, "auto", "ar")
					if ratio := got[0] / got[1]; ratio > 1.055 {
						t.Errorf("%s, φ = %v, %d values, %d steps: error %.3f of that of ar", c.name, phi, n, h, ratio)
					}
				}
			}
		}
	}
}

// The steps are all of size 1, so that the volatility is that of every day.
func TestErrorsOfNaiveAtManyOrigins(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	y := make([]float64, 200)
	for i := range y[1:] {
		y[i+1] = y[i] + float64(2*r.IntN(2)-1)
	}
	s := Series{Values: y, Ends: []int{150}, WalkEnds: []int{199, 120, 40}, WalkStride: 3}
	var got Result
	if err := New().Forecast(&got, s, method(t, Options{Model: "naive", Horizon: 2, Levels: []float64{80}})); err != nil {
		t.Fatal(err)
	}
	want := Errors{Origins: 3, Horizon: 2, Stride: 3, Data: []float64{y[199] - y[198], math.NaN(), y[120] - y[119], y[121] - y[119], y[40] - y[39], y[41] - y[39]}}
	if d := cmp.Diff(got.Errors, want, cmpopts.EquateNaNs()); d != "" {
		t.Errorf("-got +want\n%s", d)
	}
	// A line is no walk: its errors are those at Ends.
	for i := range y {
		y[i] = float64(i) + y[i]/100
	}
	if err := New().Forecast(&got, s, method(t, Options{Model: "drift", Horizon: 2, Levels: []float64{80}})); err != nil {
		t.Fatal(err)
	}
	if got.Errors.Stride != 0 || got.Errors.Origins != 1 {
		t.Errorf("got errors at %d origins with the stride %d, want one of the drift", got.Errors.Origins, got.Errors.Stride)
	}
}
