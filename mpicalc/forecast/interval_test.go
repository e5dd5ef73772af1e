package forecast

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestQuantileIsConformal(t *testing.T) {
	t.Parallel()
	scores := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	// Of nine scores the one at rank 10·p, which is 10·p here; below the first and beyond the ninth there is no other.
	for p, want := range map[float64]float64{0.05: 1, 0.1: 1, 0.125: 1.25, 0.5: 5, 0.85: 8.5, 0.95: 9} {
		if got := quantile(scores, p); got != want {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
	if got := quantile(nil, 0.8); got != 0 {
		t.Errorf("quantile of nothing is %v, want 0", got)
	}
}

func TestOriginsAreCountedFromTheEnd(t *testing.T) {
	t.Parallel()
	for _, h := range []int{1, 4, 5, 13, 48, 1000} {
		for _, n := range []int{1, 2, 10, 50, 700, 5000} {
			count := Origins(n, h)
			for k := range count {
				length := OriginLength(n, h, k)
				if length < leastTraining || length+h > n || n-length != 5000-OriginLength(5000, h, k) {
					t.Errorf("n %d, h %d: origin %d trains on %d points", n, h, k, length)
				}
			}
			if count > Origins(n+1, h) {
				t.Errorf("n %d, h %d: a longer series has fewer origins", n, h)
			}
		}
	}
}

func TestAddScaledKeepsTheOriginsOfBoth(t *testing.T) {
	t.Parallel()
	var sum Errors
	sum.AddScaled(2, &Errors{Origins: 2, Horizon: 2, Data: []float64{1, 2, 3, 4}})
	sum.AddScaled(-1, &Errors{Origins: 1, Horizon: 2, Data: []float64{5, 6}})
	want := Errors{Origins: 1, Horizon: 2, Data: []float64{2*1 - 5, 2*2 - 6}}
	if diff := cmp.Diff(sum, want); diff != "" {
		t.Errorf("got against want:\n%s", diff)
	}
}

// TestPortfolioIntervalsKnowCorrelation adds two assets that hedge each other: their errors cancel, and the
// portfolio's interval must be far narrower than the sum of theirs.
func TestPortfolioIntervalsKnowCorrelation(t *testing.T) {
	t.Parallel()
	long := walk(200, 1)
	short := make([]float64, len(long))
	for i, v := range long {
		short[i] = 200 - v + noise(1, uint64(i))[0]/100
	}
	o := Options{Model: "naive", Horizon: 3, Levels: []float64{80}}
	var a, b Result
	engine := New()
	for r, y := range map[*Result][]float64{&a: long, &b: short} {
		if err := engine.Forecast(r, y, &o); err != nil {
			t.Fatal(err)
		}
	}
	var errs Errors
	errs.AddScaled(0.5, &a.Errors)
	errs.AddScaled(0.5, &b.Errors)
	mean := []float64{100, 100, 100}
	lo, hi := Intervals(mean, &errs, o.Levels)
	for k := range mean {
		if width, alone := hi[0][k]-lo[0][k], a.Hi[0][k]-a.Lo[0][k]; width > alone/5 {
			t.Errorf("step %d: the portfolio's interval is %v wide, one asset's %v", k+1, width, alone)
		}
	}
}

// TestIntervalsCover counts how often what follows a random walk, or a short series with a season, lies within the
// intervals. Each series adds one independent trial a step; the bounds are three standard errors wide.
func TestIntervalsCover(t *testing.T) {
	t.Parallel()
	const series, n, h = 600, 120, 4
	engine := New()
	for name, make := range map[string]func(int, uint64) []float64{"noise": noise, "walk": walk} {
		inside, points := [2]float64{}, 0.0
		for seed := range uint64(series) {
			y := make(n+h, seed)
			var r Result
			o := Options{Model: map[string]string{"noise": "mean", "walk": "naive"}[name], Horizon: h,
				Levels: []float64{80, 95}}
			if err := engine.Forecast(&r, y[:n], &o); err != nil {
				t.Fatal(err)
			}
			for i := range inside {
				inside[i] += h * Coverage(y[n:], r.Lo[i], r.Hi[i])
			}
			points += h
		}
		for i, want := range []float64{0.80, 0.95} {
			if diff := cmp.Diff(inside[i]/points, want, cmpopts.EquateApprox(0, []float64{0.04, 0.025}[i])); diff != "" {
				t.Errorf("%s: share within, got against want:\n%s", name, diff)
			}
		}
	}
}

func TestShortSeriesGetIntervalsFromTheNaiveErrorsInside(t *testing.T) {
	t.Parallel()
	// Three points have no room for a rolling origin at horizon 2. From 5 naive misses by 2 at one step and, reaching
	// no further, by 2·√2 at two; from 3 it misses by 2 at one step and by 4 at two.
	var r Result
	o := Options{Model: "naive", Horizon: 2, Levels: []float64{80}}
	if err := New().Forecast(&r, []float64{-3, -5, -7}, &o); err != nil {
		t.Fatal(err)
	}
	want := Errors{Origins: 2, Horizon: 2, Data: []float64{-2, -2.8284271247461903, -2, -4}}
	if diff := cmp.Diff(r.Errors, want, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("errors, got against want:\n%s", diff)
	}
	if r.Lo[0][0] >= -9 || r.Hi[0][1] <= -3 {
		t.Errorf("intervals [%v, %v] are narrower than the errors they come from", r.Lo[0], r.Hi[0])
	}
	// One point says nothing about errors, and the interval is the point.
	if err := New().Forecast(&r, []float64{5}, &o); err != nil {
		t.Fatal(err)
	}
	if r.Errors.Origins != 0 || r.Lo[0][0] != 5 || r.Hi[0][1] != 5 {
		t.Errorf("one point: %d origins, [%v, %v]", r.Errors.Origins, r.Lo[0], r.Hi[0])
	}
}
