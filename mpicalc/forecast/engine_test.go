package forecast_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/mpicalc/forecast"
)

func ExampleEngine_Forecast() {
	line, err := forecast.NewMethod(forecast.Options{Model: "trend", Horizon: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	var answer forecast.Result
	err = forecast.New().Forecast(&answer, forecast.Series{Values: []float64{1, 3, 5, 7}}, line)
	fmt.Println(answer.Model, answer.Mean, err)
	// Output: trend [9 11] <nil>
}

// method makes the method that o asks for.
func method(t testing.TB, o forecast.Options) *forecast.Method {
	t.Helper()
	m, err := forecast.NewMethod(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSimpleModels(t *testing.T) {
	t.Parallel()
	// Expected values are worked out by hand from the formulas of the models.
	cases := []struct {
		name    string
		y       []float64
		options forecast.Options
		used    string
		want    []float64
	}{
		{"naive", []float64{4, 2, 9}, forecast.Options{Model: "naive", Horizon: 2}, "naive", []float64{9, 9}},
		{"season", []float64{4, 2, 9}, forecast.Options{Model: "seasonal-naive", Horizon: 3, Seasons: []int{2}},
			"seasonal-naive", []float64{2, 9, 2}},
		{"no season", []float64{4, 2, 9}, forecast.Options{Model: "seasonal-naive", Horizon: 1, Seasons: []int{1}},
			"naive", []float64{9}},
		{"drift", []float64{1, 0, 5}, forecast.Options{Model: "drift", Horizon: 2}, "drift", []float64{7, 9}},
		{"drift of one point", []float64{5}, forecast.Options{Model: "drift", Horizon: 2}, "naive", []float64{5, 5}},
		{"mean", []float64{1, 0, 5}, forecast.Options{Model: "mean", Horizon: 2}, "mean", []float64{2, 2}},
		// Slope Σ(t-1)(y-ȳ)/2 = (1·3)/2 - (-1)(1)/2... = (y3-y1)/2 = 2, mean 2, so 2 + 2·2 and 2 + 2·3.
		{"trend", []float64{1, 0, 5}, forecast.Options{Model: "trend", Horizon: 2}, "trend", []float64{6, 8}},
		{"trend of one point", []float64{5}, forecast.Options{Model: "trend", Horizon: 1}, "naive", []float64{5}},
		{"trend of a constant", []float64{3, 3, 3}, forecast.Options{Model: "trend", Horizon: 1}, "trend", []float64{3}},
		{"mean near the largest number", []float64{1.5e308, 1.5e308}, forecast.Options{Model: "mean", Horizon: 1},
			"mean", []float64{1.5e308}},
		{"drift beyond the largest number", []float64{-1.5e308, 1.5e308}, forecast.Options{Model: "drift", Horizon: 1},
			"drift", []float64{math.MaxFloat64}},
		{"trend of the smallest numbers", []float64{0, 5e-324, 1e-323}, forecast.Options{Model: "trend", Horizon: 1},
			"trend", []float64{1.5e-323}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got forecast.Result
			if err := forecast.New().Forecast(&got, forecast.Series{Values: c.y}, method(t, c.options)); err != nil {
				t.Fatal(err)
			}
			if got.Model != c.used {
				t.Errorf("used %q, want %q", got.Model, c.used)
			}
			if (got.Fallback != "") != (c.used != c.options.Model) {
				t.Errorf("fallback %q, asked for %q and used %q", got.Fallback, c.options.Model, c.used)
			}
			if diff := cmp.Diff(got.Mean, c.want, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
				t.Errorf("mean, got against want:\n%s", diff)
			}
		})
	}
}

func TestForecastRefusesBadData(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		y    []float64
		want forecast.DataError
	}{
		{"empty", nil, forecast.DataError{Code: forecast.Empty}},
		{"infinite", []float64{1, 2, math.Inf(1)},
			forecast.DataError{Code: forecast.NotFinite, Index: 2, Value: math.Inf(1)}},
		{"not a number", []float64{1, math.NaN(), 2},
			forecast.DataError{Code: forecast.NotFinite, Index: 1, Value: math.NaN()}},
	}
	for _, c := range cases {
		for _, m := range forecast.Models() {
			t.Run(c.name+" "+m.Name, func(t *testing.T) {
				t.Parallel()
				var answer forecast.Result
				err := forecast.New().Forecast(&answer, forecast.Series{Values: c.y}, method(t, forecast.Options{Model: m.Name, Horizon: 1}))
				got, ok := errors.AsType[*forecast.DataError](err)
				if !ok {
					t.Fatalf("error %v, want a DataError", err)
				}
				if diff := cmp.Diff(*got, c.want, cmpopts.EquateNaNs()); diff != "" {
					t.Errorf("got against want:\n%s", diff)
				}
			})
		}
	}
}

func TestOptionsValidateNamesEveryFault(t *testing.T) {
	t.Parallel()
	o := forecast.Options{Model: "", Horizon: 0, Step: -1, Periods: []int{1, 0}, Seasons: []int{0}, Levels: []float64{95, 80, 100}}
	want := map[string]int{"Model": 1, "Horizon": 1, "Step": 1, "Periods": 1, "Seasons": 1, "Levels": 2}
	got := map[string]int{}
	for _, err := range o.Validate().(interface{ Unwrap() []error }).Unwrap() {
		fault, ok := errors.AsType[*forecast.FieldError](err)
		if !ok {
			t.Fatalf("%v is not a FieldError", err)
		}
		got[fault.Field]++
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got against want:\n%s", diff)
	}
}

func TestIntervalsAreQuantilesOfRollingErrors(t *testing.T) {
	t.Parallel()
	// A straight line: every naive forecast misses by exactly k at step k, at every origin.
	y := make([]float64, 40)
	for i := range y {
		y[i] = float64(i)
	}
	var got forecast.Result
	o := forecast.Options{Model: "naive", Horizon: 3, Levels: []float64{50, 80}}
	if err := forecast.New().Forecast(&got, forecast.Series{Values: y}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	// All errors have the size of their step, so that every score is 1. The effective sample size of 25 origins one step
	// apart is nine, which supports quantiles up to nine tenths. No forecast was ever too high, which takes a share of
	// (9-4)/(9+50) from the lower side.
	lo, hi := []float64{39 - 54./59, 39 - 2*54./59, 39 - 3*54./59}, []float64{40, 41, 42}
	want := forecast.Result{Model: "naive", Mean: []float64{39, 39, 39}, Point: forecast.Mean, Skill: 1, Origins: 25,
		Lo: [][]float64{lo, lo}, Hi: [][]float64{hi, hi}}
	opts := cmp.Options{cmpopts.IgnoreFields(forecast.Result{}, "Errors"), cmpopts.EquateEmpty(),
		cmpopts.EquateApprox(1e-12, 0)}
	if diff := cmp.Diff(got, want, opts); diff != "" {
		t.Errorf("got against want:\n%s", diff)
	}
	if got.Errors.Origins != forecast.Origins(40, 3) {
		t.Errorf("%d origins, want %d", got.Errors.Origins, forecast.Origins(40, 3))
	}
}
