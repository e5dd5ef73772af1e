package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// demand is a series of n values that are not zero with probability p, and then 1 plus a geometric number of the given mean.
func demand(n int, p, mean float64, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 5))
	y := make([]float64, n)
	for t := range y {
		if rng.Float64() < p {
			y[t] = 1
			for rng.Float64() < mean/(1+mean) {
				y[t]++
			}
		}
	}
	return y
}

// Too short for scores, all kernels have the same weight, and the definition can be summed as it stands.
func TestEmpiricalIsWhatItSays(t *testing.T) {
	t.Parallel()
	y := []float64{0, 3, 0, 0, 1, 0, 4, 0, 2}
	o := Options{Model: "empirical", Horizon: 3, Seasons: []int{3}, Quantiles: []float64{0.3, 0.45, 0.5}}
	var r Result
	if err := New().Forecast(&r, Series{Values: y[:5]}, method(t, o)); err != nil { // 5 values have no origin for 3 steps
		t.Fatal(err)
	}
	y = y[:5]
	n := len(y)
	for k := range o.Horizon {
		var below [5]float64 // P(Y ≤ v)
		for _, kern := range empiricalKernels() {
			var mass [5]float64
			total, zeros, all := 0.0, 0.0, 0.0
			for at, v := range y {
				age := float64(n - 1 - at)
				w := 1.0
				if kern.half > 0 {
					w = math.Exp2(-age / kern.half)
				}
				if (n+k-at)%3 != 0 {
					w *= kern.off
				}
				mass[int(v)] += w
				total += w
				if kern.zeros > 0 {
					w := math.Exp2(-age / kern.zeros)
					all += w
					if v == 0 {
						zeros += w
					}
				}
			}
			for v := range mass {
				mass[v] /= total
			}
			if kern.zeros > 0 {
				for v := 1; v < len(mass); v++ {
					mass[v] *= (1 - zeros/all) / (1 - mass[0])
				}
				mass[0] = zeros / all
			}
			sum := 0.0
			for v := range mass {
				sum += mass[v]
				below[v] += sum / 8
			}
		}
		for i, p := range o.Quantiles {
			want := float64(slices.IndexFunc(below[:], func(f float64) bool { return f >= p }))
			if r.Quantiles[i][k] != want {
				t.Errorf("step %d: quantile %v is %v, want %v of %v", k+1, p, r.Quantiles[i][k], want, below)
			}
		}
	}
}

func TestEmpiricalOfOddSeries(t *testing.T) {
	t.Parallel()
	o := Options{Horizon: 4, Levels: []float64{50, 80, 95}, Quantiles: []float64{0.05, 0.5, 0.95}}
	huge := demand(40, 0.4, 3, 1)
	for i := range huge {
		huge[i] *= 1e300
	}
	single := make([]float64, 40)
	single[30] = 7
	many := make([]float64, 3*maxSupport)
	for i := range many {
		many[i] = float64(i*i%7919) + 0.5
	}
	cases := map[string][]float64{
		"zeros": make([]float64, 40), "one that is not zero": single, "huge counts": huge, "more values than the support": many,
		"negative": signed(50, 2), "two values": {0, 3}, "ends in zeros": append(demand(30, 0.6, 2, 3), make([]float64, 30)...),
	}
	for _, model := range []string{"empirical", "croston-sba", "tsb", "auto"} {
		for name, y := range cases {
			for _, point := range []string{"", Mean} {
				var r Result
				o := o
				o.Model, o.Point = model, point
				if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				for k, m := range r.Mean {
					if slices.Min(y) >= 0 && m < 0 || !finite(m) {
						t.Errorf("%s of %s: %v at step %d", model, name, m, k+1)
					}
					for i := range r.Lo {
						lo, hi := r.Lo[i][k], r.Hi[i][k]
						if !(lo <= hi) || point == "" && (m < lo || m > hi) || i > 0 && (lo > r.Lo[i-1][k] || hi < r.Hi[i-1][k]) {
							t.Errorf("%s of %s: interval %d of step %d is [%v, %v] around %v", model, name, i, k+1, lo, hi, m)
						}
					}
				}
				if name == "zeros" && (r.Mean[0] != 0 || r.Hi[2][0] != 0) {
					t.Errorf("%s of zeros: %v up to %v", model, r.Mean, r.Hi)
				}
			}
		}
	}
}

// Intermittent demand of several kinds: its median has a smaller absolute error than what the other models say, its mean is that
// of the demand, its intervals cover, and all of its answers are values that counts can have.
func TestAutoKnowsCounts(t *testing.T) {
	t.Parallel()
	e := New()
	for _, p := range []float64{0.15, 0.4, 0.9} {
		for _, n := range []int{18, 60} {
			const series, h = 100, 6
			var own, naive, inside, sum float64
			for seed := range uint64(series) {
				y := demand(n+h, p, 3, seed)
				if slices.Max(y[:n]) == 0 {
					continue
				}
				var r, mean Result
				o := Options{Model: "auto", Horizon: h, Step: 30 * day, Periods: []int{12}, Levels: []float64{80}}
				if err := e.Forecast(&r, Series{Values: y[:n]}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				o.Point = Mean
				if err := e.Forecast(&mean, Series{Values: y[:n]}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				if mean.Point != Mean {
					t.Fatalf("asked for means, got the %s", mean.Point)
				}
				inside += Coverage(y[n:], r.Lo[0], r.Hi[0]) / series
				own += MAE(y[n:], r.Mean)
				for k, v := range y[n:] {
					naive += math.Abs(v-p*4) / h
					sum += mean.Mean[k] / (4 * p) / series / h
				}
			}
			name := fmt.Sprintf("%v demand of %d values", p, n)
			if p < 0.5 && own > 0.9*naive {
				t.Errorf("%s: absolute error %v, and of the true mean %v", name, own, naive)
			}
			if inside < 0.77 {
				t.Errorf("%s: %.3f lie within 80 %%", name, inside)
			}
			// A demand has the standard deviation √(28p - 16p²), here of 18 values in 100 series: a twelfth of the mean at most.
			if sum < 0.75 || sum > 1.25 {
				t.Errorf("%s: the means are %.3f of the demand", name, sum)
			}
		}
	}
}

func TestCountsAreNeitherNegativeNorAWalk(t *testing.T) {
	t.Parallel()
	counts := demand(120, 0.4, 3, 1)
	below := slices.Clone(counts)
	below[40] = -1
	walk := walk(120, 3)
	for i := range walk {
		walk[i] = math.Round(10 * walk[i])
	}
	for name, c := range map[string]struct {
		y    []float64
		want bool
	}{"counts": {counts, true}, "one is negative": {below, false}, "a walk in whole numbers": {walk, false}, "a line": {line(120), false}} {
		var r Result
		if err := New().Forecast(&r, Series{Values: c.y}, method(t, Options{Model: "auto", Horizon: 6})); err != nil {
			t.Fatal(err)
		}
		if got := r.Model == "empirical"; got != c.want {
			t.Errorf("%s: forecast by %s, members %v", name, r.Model, r.Members)
		}
	}
}

// Intervals do not change the point forecast of counts.
func TestCountsAreForecastAlikeWithAndWithoutLevels(t *testing.T) {
	t.Parallel()
	for _, p := range []float64{0.2, 0.8, 1} {
		y := demand(150, p, 8, 7)
		var with, without Result
		o := Options{Model: "auto", Horizon: 9, Step: day, Periods: []int{7, 365}}
		if err := New().Forecast(&without, Series{Values: y}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		o.Levels = []float64{80}
		if err := New().Forecast(&with, Series{Values: y, Ends: []int{149, 100, 20}}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(with.Mean, without.Mean); diff != "" {
			t.Errorf("-with levels +without\n%s", diff)
		}
	}
}

// With demand of 2 at every third step, size and interval are 2 and 3 from the start, and α = 0.05 is nearest to their mean of 2/3:
// (1 - 0.05/2)·2/3 = 0.65. After sixty more zeros the least forecast is best, that of α = 0.3, but nothing else has changed. Demand at
// every step has the probability 1.
func TestCrostonAndTSBByHand(t *testing.T) {
	t.Parallel()
	third := make([]float64, 30)
	for i := 2; i < len(third); i += 3 {
		third[i] = 2
	}
	died := append(slices.Clone(third), make([]float64, 60)...)
	cases := []struct {
		model string
		y     []float64
		want  float64
	}{
		{"croston-sba", third, 0.65}, {"croston-sba", died, 0.85 * 2 / 3}, {"tsb", slices.Repeat([]float64{5, 5}, 10), 5},
		{"croston-sba", signed(20, 1), 0}, // the mean instead
	}
	for _, c := range cases {
		var r Result
		if err := New().Forecast(&r, Series{Values: c.y}, method(t, Options{Model: c.model, Horizon: 2})); err != nil {
			t.Fatal(err)
		}
		if c.want == 0 {
			if r.Model != "mean" || r.Fallback == "" {
				t.Errorf("%s of a series of both signs: %s", c.model, r.Model)
			}
		} else if math.Abs(r.Mean[1]-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.model, r.Mean[1], c.want)
		}
	}
	var r Result
	if err := New().Forecast(&r, Series{Values: died}, method(t, Options{Model: "tsb", Horizon: 1})); err != nil {
		t.Fatal(err)
	}
	if r.Mean[0] > 0.1 {
		t.Errorf("tsb expects %v of what has died", r.Mean[0])
	}
}
