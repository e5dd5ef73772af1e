package forecast

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestQuantileIsConformal(t *testing.T) {
	t.Parallel()
	scores := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	// Of nine scores, the one at rank 10·p, which is 10·p here; ranks outside 1 to 9 give the first or the last score.
	for p, want := range map[float64]float64{0.05: 1, 0.1: 1, 0.125: 1.25, 0.5: 5, 0.85: 8.5, 0.95: 9} {
		if got := quantile(scores, p); got != want {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
	if got := quantile(nil, 0.8); got != 0 {
		t.Errorf("quantile of nothing is %v, want 0", got)
	}
}

func TestScoreQuantileIsExtrapolatedByStudentsT(t *testing.T) {
	t.Parallel()
	scores := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	// Student's distribution in closed form: |t| has the quantile tan(πp/2) with one degree of freedom, and
	// p·√(2/(1-p²)) with two.
	one := func(p float64) float64 { return math.Tan(math.Pi * p / 2) }
	two := func(p float64) float64 { return p * math.Sqrt(2/(1-p*p)) }
	for name, c := range map[string]struct{ p, nu, want float64 }{
		"within nine":      {0.85, 9, 8.5},
		"one, within":      {0.4, 1, 4},
		"one, beyond":      {0.95, 1, 5 * one(0.95) / one(0.5)},
		"two, beyond":      {0.95, 2, (20. / 3) * two(0.95) / two(2./3)},
		"forty, as scores": {0.95, 40, 9},
	} {
		if diff := cmp.Diff(New().scoreQuantile(scores, c.p, c.nu), c.want, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
			t.Errorf("%s: got against want:\n%s", name, diff)
		}
	}
	// Where half the scores are zero the others still count, and the quantile close to certainty is finite.
	if got := New().scoreQuantile([]float64{0, 0, 0, 0, 0, 1, 1, 1, 2}, 0.8, 1); got != 1 {
		t.Errorf("quantile of scores with many zeros is %v, want 1", got)
	}
	if got := New().scoreQuantile(scores, math.Nextafter(1, 0), 1); !finite(got) || got < 9 {
		t.Errorf("quantile next to one is %v", got)
	}
}

func TestOverlappingOriginsLowerTheEffectiveSampleSize(t *testing.T) {
	t.Parallel()
	// 40 origins of one step are 40 errors. Steps of two from 8 origins on cover 14 steps more than one horizon of 8.
	// One horizon of three random steps: the squared correlations are 1/2, 1/3 and 2/3, and 9/(3+2·3/2) is 3/2.
	for _, c := range []struct {
		origins, horizon int
		want             float64
	}{{40, 1, 40}, {8, 8, 1 + 14./8}, {1, 3, 1.5}, {1, 1, 1}, {0, 1, 1}} {
		if got := effectiveSampleSize(float64(c.origins), c.horizon); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%d origins of %d steps: %v, want %v", c.origins, c.horizon, got, c.want)
		}
	}
}

// TestErrorsOfAutoHaveNotSeenTheirValues changes the last values of a series: what auto would have forecast before them must
// not change, although these values influence the weights of the forecast.
func TestErrorsOfAutoHaveNotSeenTheirValues(t *testing.T) {
	t.Parallel()
	const n, h = 120, 6
	o := Options{Model: "auto", Horizon: h, Seasons: []int{12}, Levels: []float64{80}}
	y := noise(n, 3)
	for i := range y { // of both signs, so that errors are not scaled to the present level
		y[i] = 0.3*y[i] + 5*math.Sin(2*math.Pi*float64(i)/12)
	}
	engine, m := New(), method(t, o)
	var first [][]float64
	for round := range 2 {
		var r Result
		if err := engine.Forecast(&r, Series{Values: y}, m); err != nil {
			t.Fatal(err)
		}
		made := make([]float64, h)
		for k := range made {
			made[k] = y[n-h+k] - r.Errors.Row(0)[k]
		}
		first = append(first, made, []float64{r.Members[0].Weight})
		for k := range h {
			y[n-h+k] += 0.5 * float64(1-2*((k+round)%2))
		}
	}
	if diff := cmp.Diff(first[0], first[2], cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("forecasts before the changed values:\n%s", diff)
	}
	if first[1][0] == first[3][0] {
		t.Error("the weights do not depend on the last values, and the test says nothing")
	}
}

func TestOriginsAreCountedFromTheEnd(t *testing.T) {
	t.Parallel()
	for _, h := range []int{1, 4, 5, 13, 48, 1000} {
		for _, n := range []int{1, 2, 10, 50, 700, 5000} {
			count := Origins(n, h)
			for k := range count {
				length := OriginLength(n, h, k)
				if length < minTraining || length+h > n || n-length != 5000-OriginLength(5000, h, k) {
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
	engine, m := New(), method(t, o)
	for r, y := range map[*Result][]float64{&a: long, &b: short} {
		if err := engine.Forecast(r, Series{Values: y}, m); err != nil {
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

// TestIntervalsCover counts how often the values that follow a random walk, or noise, lie within the intervals. Each
// series adds one independent trial a step; the bounds are three standard errors wide.
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
			if err := engine.Forecast(&r, Series{Values: y[:n]}, method(t, o)); err != nil {
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

func TestShortSeriesGetIntervalsFromInSampleErrorsOfNaive(t *testing.T) {
	t.Parallel()
	// Three points have no room for a rolling origin at horizon 2. From 5 naive misses by 2 at one step and, reaching
	// no further, by 2·√2 at two; from 3 it misses by 2 at one step and by 4 at two.
	var r Result
	m := method(t, Options{Model: "naive", Horizon: 2, Levels: []float64{80}})
	if err := New().Forecast(&r, Series{Values: []float64{-3, -5, -7}}, m); err != nil {
		t.Fatal(err)
	}
	want := Errors{Origins: 2, Horizon: 2, Data: []float64{-2, -2.8284271247461903, -2, -4}}
	if diff := cmp.Diff(r.Errors, want, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("errors, got against want:\n%s", diff)
	}
	if r.Lo[0][0] >= -9 || r.Hi[0][1] <= -3 {
		t.Errorf("intervals [%v, %v] are narrower than the errors they come from", r.Lo[0], r.Hi[0])
	}
}

// Far origins lie at the same place of every season that a horizon is made of, and all of them behind each other.
func TestFarOriginsLieWholeHorizonsBack(t *testing.T) {
	t.Parallel()
	for h := 1; h <= 1000; h++ {
		limit := Origins(math.MaxInt32, h)
		for k := 1; k < limit; k++ {
			at := OriginOffset(h, k)
			if at <= OriginOffset(h, k-1) || k >= limit-farOrigins && at%h != 0 {
				t.Fatalf("h %d: origin %d lies %d before the latest, and that after it %d", h, k, at, OriginOffset(h, k-1))
			}
		}
		if first, last := OriginOffset(h, 1), OriginOffset(h, limit-1); first > max(1, h/4) || last < 32*h {
			t.Errorf("h %d: the origins reach from %d to %d", h, first, last)
		}
	}
}

// On a line, drift misses by nothing and naive by one a step. Eight points have three rolling origins of two steps, which count as
// much as the errors of naive: the intervals of drift are half as wide as those of naive.
func TestFewOriginsWithSmallErrorsMakeIntervalsNarrower(t *testing.T) {
	t.Parallel()
	width := func(model string) float64 {
		var r Result
		if err := New().Forecast(&r, Series{Values: line(8)}, method(t, Options{Model: model, Horizon: 2, Levels: []float64{80}})); err != nil {
			t.Fatal(err)
		}
		if r.Origins != 3 {
			t.Fatalf("%d origins", r.Origins)
		}
		return r.Hi[0][0] - r.Lo[0][0]
	}
	if naive, drift := width("naive"), width("drift"); math.Abs(drift-naive/2) > 1e-9*naive {
		t.Errorf("the interval of drift is %v wide, that of naive %v", drift, naive)
	}
}
