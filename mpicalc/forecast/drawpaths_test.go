package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat"
)

// pathSeries are series of different kinds.
func pathSeries() map[string][]float64 {
	r := rand.New(rand.NewPCG(31, 32))
	walk, season, counts := make([]float64, 400), make([]float64, 200), make([]float64, 150)
	walk[0] = 100
	for i := range walk[1:] {
		walk[i+1] = walk[i] * math.Exp(0.01*r.NormFloat64())
	}
	for i := range season {
		season[i] = 10 + 5*math.Sin(float64(i)*math.Pi/6) + r.NormFloat64()
	}
	for i := range counts {
		counts[i] = math.Floor(3 * r.Float64() * r.Float64())
	}
	return map[string][]float64{"walk": walk, "season": season, "counts": counts, "short": {3, 5, 4, 6, 5, 7}}
}

// Of the paths, as many lie below each quantile as it says, up to chance: four standard deviations.
func TestPathsAreDistributedLikeTheForecast(t *testing.T) {
	t.Parallel()
	for name, y := range pathSeries() {
		o := Options{Model: "auto", Horizon: 6, Seasons: []int{12}, Levels: []float64{80}, Quantiles: []float64{0.013, 0.1, 0.25, 0.5, 0.75, 0.9, 0.987}}
		var without, got Result
		if err := New().Forecast(&without, Series{Values: y}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		o.Paths, o.Seed = 4000, 7
		if err := New().Forecast(&got, Series{Values: y}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(got, without, cmpopts.EquateNaNs(), cmpopts.IgnoreFields(Result{}, "Paths")); d != "" {
			t.Errorf("%s: paths change the answer (-with +without):\n%s", name, d)
		}
		if len(got.Paths) != o.Paths*o.Horizon {
			t.Fatalf("%s: %d numbers in the paths", name, len(got.Paths))
		}
		for i, p := range o.Quantiles {
			for k, q := range got.Quantiles[i] {
				below, atMost := 0, 0
				for path := range o.Paths {
					v := got.Paths[path*o.Horizon+k]
					if v < q {
						below++
					}
					if v <= q {
						atMost++
					}
				}
				n := float64(o.Paths)
				if margin := 4 * math.Sqrt(n*p*(1-p)); float64(below) > n*p+margin || float64(atMost) < n*p-margin {
					t.Errorf("%s: %d paths below quantile %v of step %d and %d at most there, of %d", name, below, p, k+1, atMost, o.Paths)
				}
			}
		}
	}
}

// The paths of series that were wrong together are wrong together, and a path goes on as the errors of its origin did.
func TestPathsAreJoint(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(33, 34))
	n := 800
	a, double, alike, other := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n - 1 {
		x := r.NormFloat64()
		a[i+1], double[i+1] = a[i]+x, 2*(a[i]+x)
		alike[i+1], other[i+1] = alike[i]+0.6*x+0.8*r.NormFloat64(), other[i]+r.NormFloat64()
	}
	const h, paths = 4, 5000
	var ends []int
	for end := n - 1; end > n-500; end-- {
		ends = append(ends, end)
	}
	m := method(t, Options{Model: "naive", Horizon: h, Levels: []float64{90}, Paths: paths, Seed: 1})
	draw := func(y []float64) []float64 {
		var got Result
		if err := New().Forecast(&got, Series{Values: y, Ends: []int{}, WalkEnds: ends, WalkStride: 1}, m); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(got.Paths)
	}
	step := func(all []float64, k int) (out []float64) {
		for i := range paths {
			out = append(out, all[i*h+k])
		}
		return out
	}
	own, twice := draw(a), draw(double)
	for i, v := range own {
		if math.Abs(twice[i]-2*v) > 1e-9*(1+math.Abs(v)) {
			t.Fatalf("number %d of the paths is %v, and %v of the series twice as large", i, v, twice[i])
		}
	}
	// Correlations: of the errors 0.6 and 0, and of a walk at steps j and k √(j/k). 500 overlapping origins tell them to about 0.1.
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"of errors that are alike", stat.Correlation(step(own, 0), step(draw(alike), 0), nil), 0.6},
		{"of independent errors", stat.Correlation(step(own, 0), step(draw(other), 0), nil), 0},
		{"of the steps 1 and 4", stat.Correlation(step(own, 0), step(own, 3), nil), 0.5},
		{"of the steps 3 and 4", stat.Correlation(step(own, 2), step(own, 3), nil), math.Sqrt(0.75)},
	} {
		if math.Abs(c.got-c.want) > 0.12 {
			t.Errorf("the correlation %s is %.3f, want about %.3f", c.what, c.got, c.want)
		}
	}
}
