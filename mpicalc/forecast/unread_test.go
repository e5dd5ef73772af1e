package forecast_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/mpicalc/forecast"
)

// long is a series of counts with a season of a week and a number of values.
func long(n int) []float64 {
	y := make([]float64, n)
	for t := range y {
		y[t] = math.Round(100 + 20*math.Sin(2*math.Pi*float64(t)/7) + float64(t*t%13))
	}
	return y
}

// answerOf is the answer to a series, and its error.
func answerOf(t *testing.T, s forecast.Series, o forecast.Options) (r forecast.Result, err error) {
	t.Helper()
	m, err := forecast.NewMethod(o)
	if err != nil {
		t.Fatal(err)
	}
	err = forecast.New().Forecast(&r, s, m)
	return r, err
}

// The values that no model looks at may be left out.
func TestWithoutTheUnreadValuesTheAnswerIsTheSame(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"auto", "ar-season", "theta", "empirical", "trend-season"} {
		for _, beyond := range []int{1, 2, 3, 501} {
			o := forecast.Options{Model: model, Horizon: 7, Levels: []float64{80}, Bands: []float64{80}, Periods: []int{7}, Integers: true}
			n := forecast.MaxPoints + beyond
			s := forecast.Series{Values: long(n), Ends: []int{n - 1, n - 40}, Skips: []forecast.Skip{{At: 3, Count: 1}, {At: int32(n - 100), Count: 1}}}
			want, err := answerOf(t, s, o)
			if err != nil {
				t.Fatal(err)
			}
			s.Before = o.Unread(s.Values)
			s.Values = s.Values[s.Before:]
			if s.Before != beyond&^1 {
				t.Errorf("%s: %d of %d values are not looked at, want %d", model, s.Before, n, beyond&^1)
			}
			got, err := answerOf(t, s, o)
			if diff := cmp.Diff(got, want, cmpopts.EquateNaNs()); diff != "" || err != nil {
				t.Errorf("%s, %d values beyond: %v, (-got +want)\n%s", model, beyond, err, diff)
			}
		}
	}
}

// What decides about the answer is no value to leave out.
func TestValuesThatDecideAreNotLeftOut(t *testing.T) {
	t.Parallel()
	const n = forecast.MaxPoints + 100
	fraction, infinite := long(n), long(n)
	fraction[5], infinite[5] = 1.5, math.Inf(1)
	for name, c := range map[string]struct {
		o      forecast.Options
		values []float64
		unread int
	}{
		"a model of all values": {forecast.Options{Model: "drift"}, long(n), 0},
		"a short series":        {forecast.Options{Model: "ar"}, long(forecast.MaxPoints), 0},
		"whole numbers":         {forecast.Options{Model: "ar", Integers: true}, long(n), 100},
		"a fraction":            {forecast.Options{Model: "ar", Integers: true}, fraction, 0},
		"a fraction elsewhere":  {forecast.Options{Model: "ar"}, fraction, 100},
		"not finite":            {forecast.Options{Model: "ar"}, infinite, 0},
	} {
		if got := c.o.Unread(c.values); got != c.unread {
			t.Errorf("%s: %d values are not looked at, want %d", name, got, c.unread)
		}
	}
	bad := long(n)
	bad[n-1] = math.NaN()
	o := forecast.Options{Model: "ar", Horizon: 1}
	before := o.Unread(bad)
	_, err := answerOf(t, forecast.Series{Values: bad[before:], Before: before}, o)
	if fault, ok := errors.AsType[*forecast.DataError](err); !ok || fault.Index != n-1 {
		t.Errorf("got %v, want the place %d of what is not finite", err, n-1)
	}
}
