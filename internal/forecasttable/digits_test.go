package forecasttable

import (
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/job"
)

func TestNotation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mean   []float64
		lo, hi []float64
		want   []string // the means, then lo, then hi
	}{
		"no interval":              {mean: []float64{5473.965, 99.5}, want: []string{"5473.97", "99.50"}},
		"whole numbers":            {mean: []float64{100, 7}, want: []string{"100", "7"}},
		"zeros at the end":         {mean: []float64{1.25, 1.5}, want: []string{"1.25", "1.50"}},
		"a power of ten":           {mean: []float64{1000, 0.123456}, want: []string{"1000.00", "0.12"}},
		"nothing":                  {mean: []float64{0, 0}, want: []string{"0", "0"}},
		"large":                    {mean: []float64{1234567.89}, want: []string{"1234568"}},
		"very large":               {mean: []float64{1.5e15, 2e14}, want: []string{"1.5e+15", "2.0e+14"}},
		"small":                    {mean: []float64{0.000123456789}, want: []string{"0.000123457"}},
		"very small":               {mean: []float64{-5e-05, 1.25e-7}, want: []string{"-5.00e-05", "1.25e-07"}},
		"no width":                 {[]float64{150, 151.5}, []float64{150, 151.5}, []float64{150, 151.5}, []string{"150.0", "151.5", "150.0", "151.5", "150.0", "151.5"}},
		"a half width of 50":       {[]float64{5473.965}, []float64{5424.04}, []float64{5524}, []string{"5474.0", "5424.0", "5524.0"}},
		"a half width of 0.0065":   {[]float64{1.0832149}, []float64{1.0767}, []float64{1.0897}, []string{"1.08321", "1.07670", "1.08970"}},
		"the narrowest counts":     {[]float64{10.123456, 10.123456}, []float64{10, 0}, []float64{10.5, 20}, []string{"10.123", "10.123", "10.000", "0.000", "10.500", "20.000"}},
		"whole, by its width":      {[]float64{123456.7}, []float64{120000}, []float64{130000}, []string{"123457", "120000", "130000"}},
		"a width of rounding only": {[]float64{150, 149}, []float64{150, 149 - 3e-14}, []float64{150 + 3e-14, 149}, []string{"150", "149", "150", "149", "150", "149"}},
		"zero has no sign":         {[]float64{-0.0001}, []float64{-10}, []float64{10.26}, []string{"0.0", "-10.0", "10.3"}},
	} {
		lo, hi := map[string][]float64{}, map[string][]float64{}
		if c.lo != nil {
			lo["80"], hi["80"] = c.lo, c.hi
		}
		n := notationOf(job.Forecast{Mean: c.mean, Lo: lo, Hi: hi})
		var got []string
		for _, values := range [][]float64{c.mean, c.lo, c.hi} {
			for _, v := range values {
				got = append(got, n.text(v))
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Without intervals, half the distance of the outermost quantiles counts, of which the mean is one.
func TestNotationOfQuantiles(t *testing.T) {
	t.Parallel()
	mean := []float64{10.123456, 20}
	for name, c := range map[string]struct {
		f    job.Forecast
		want string
	}{
		"three":             {job.Forecast{Quantiles: map[string][]float64{"0.1": {9, 18}, "0.5": {10, 20}, "0.9": {12, 25}}}, "10.12"},
		"one":               {job.Forecast{Quantiles: map[string][]float64{"0.9": {10.2, 25}}}, "10.1235"},
		"the intervals":     {job.Forecast{Quantiles: map[string][]float64{"0.9": {10.2, 25}}, Lo: map[string][]float64{"80": {-60, -60}}, Hi: map[string][]float64{"80": {60, 60}}}, "10.1"},
		"the larger digits": {job.Forecast{Quantiles: map[string][]float64{"0.9": {1e18, 1e18}}}, "1.012e+01"},
	} {
		c.f.Mean = mean
		if got := notationOf(c.f).text(mean[0]); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// Rounding moves no value by more than a two-hundredth of the half width or,
// where no interval counts, by more than half a unit of the sixth digit.
func TestRoundingIsSmall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mean := rapid.Float64Range(-1e20, 1e20).Draw(t, "mean")
		half := math.Pow(10, rapid.Float64Range(-25, 21).Draw(t, "log of the half width"))
		lo, hi := mean-half, mean+half
		n := notationOf(job.Forecast{Mean: []float64{mean}, Lo: map[string][]float64{"80": {lo}}, Hi: map[string][]float64{"80": {hi}}})
		largest := max(math.Abs(lo), math.Abs(hi))
		limit := largest * 5e-6
		if half = hi/2 - lo/2; half > 1e-9*largest {
			limit = half / 200
		}
		for _, v := range []float64{lo, mean, hi} {
			got, err := strconv.ParseFloat(n.text(v), 64)
			if err != nil {
				t.Fatal(err)
			}
			if off := math.Abs(got - v); off > limit*(1+1e-9) {
				t.Errorf("%v ± %v is written %s, which is off by %v", v, half, n.text(v), off)
			}
		}
	})
}
