package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// process makes the values that follow a state, one after the other.
type process struct {
	model string
	next  func(r *rand.Rand, s *state) float64
}

// state is the last value of a process, its last innovation and the variance of that.
type state struct{ value, shock, variance float64 }

func processes() map[string]process {
	t5 := func(r *rand.Rand) float64 { // with the variance 1
		return distuv.StudentsT{Sigma: math.Sqrt(3. / 5), Nu: 5, Src: r}.Rand()
	}
	return map[string]process{
		"random walk": {"naive", func(r *rand.Rand, s *state) float64 { return s.value + r.NormFloat64() }},
		"AR(1)":       {"ar", func(r *rand.Rand, s *state) float64 { return 0.8*s.value + r.NormFloat64() }},
		"GARCH-t": {"naive", func(r *rand.Rand, s *state) float64 {
			s.variance = 0.03 + 0.09*s.shock*s.shock + 0.88*s.variance
			s.shock = math.Sqrt(s.variance) * t5(r)
			return s.value + s.shock
		}},
	}
}

// simulate returns n values of a process, and where it then is.
func (p process) simulate(r *rand.Rand, n int) ([]float64, state) {
	s := state{variance: 1}
	y := make([]float64, n)
	for i := range 200 + n {
		if s.value = p.next(r, &s); i >= 200 {
			y[i-200] = s.value
		}
	}
	return y, s
}

// Whole paths lie inside the band as often as it says: random walks, mean reversion, and volatility that clusters with heavy tails. Each
// series has many futures, so that few series suffice. Intervals of the same level contain far fewer paths. Bands of short series are
// wide rather than narrow.
func TestBandsContainWholePaths(t *testing.T) {
	t.Parallel()
	const h, futures, level = 10, 50, 90
	for name, p := range processes() {
		for _, c := range []struct {
			n, series int
			lo, hi    float64
		}{{1000, 150, 0.87, 0.93}, {300, 150, 0.87, 0.93}, {40, 150, 0.87, 1}} {
			t.Run(fmt.Sprintf("%s of %d values", name, c.n), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(uint64(c.n), 99))
				m := method(t, Options{Model: p.model, Horizon: h, Levels: []float64{level}, Bands: []float64{level}})
				e, got, inside, pointwise := New(), Result{}, 0.0, 0.0
				for range c.series {
					y, end := p.simulate(r, c.n)
					if err := e.Forecast(&got, Series{Values: y}, m); err != nil {
						t.Fatal(err)
					}
					for range futures {
						s, in, each := end, 1.0, 1.0
						for k := range h {
							s.value = p.next(r, &s)
							if s.value < got.BandLo[0][k] || s.value > got.BandHi[0][k] {
								in = 0
							}
							if s.value < got.Lo[0][k] || s.value > got.Hi[0][k] {
								each = 0
							}
						}
						inside += in / futures / float64(c.series)
						pointwise += each / futures / float64(c.series)
					}
				}
				t.Logf("%.3f of the paths inside the band, %.3f inside the intervals", inside, pointwise)
				if inside < c.lo || inside > c.hi || pointwise > inside-0.05 {
					t.Errorf("the band contains %.3f of the paths, want %.2f to %.2f; the intervals contain %.3f", inside, c.lo, c.hi, pointwise)
				}
			})
		}
	}
}

// Of any series and model, a band contains the interval of its level and the band of a lower one, and stays at or above 0 where the
// series does. Asking for bands changes nothing else.
func TestBandsAreNested(t *testing.T) {
	t.Parallel()
	series := pathSeries()
	series["constant"], series["mostly zero"] = slices.Repeat([]float64{4}, 50), append(slices.Repeat([]float64{0}, 59), 3)
	series["one"], series["large"] = []float64{7}, nil
	for _, v := range series["walk"] {
		series["large"] = append(series["large"], 1e200*v)
	}
	for name, y := range series {
		for _, model := range []string{"auto", "naive", "ar", "empirical", "trend"} {
			for _, integers := range []bool{false, true} {
				o := Options{Model: model, Horizon: 5, Seasons: []int{12}, Levels: []float64{50, 90, 99}, Quantiles: []float64{0.1, 0.9}, Integers: integers}
				var without, got Result
				if err := New().Forecast(&without, Series{Values: y}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				o.Bands = []float64{50, 80, 90}
				if err := New().Forecast(&got, Series{Values: y}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				checkNested(t, name+" by "+model, o, &got, slices.Min(y) >= 0)
				if d := cmp.Diff(got, without, cmpopts.EquateNaNs(), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Result{}, "BandLo", "BandHi")); d != "" {
					t.Errorf("%s by %s: bands change the answer (-with +without):\n%s", name, model, d)
				}
			}
		}
	}
}

// The errors that a portfolio rests on do not depend on bands, either.
func TestBandsLeaveTheErrorsOfWalksAlone(t *testing.T) {
	t.Parallel()
	s := Series{Values: pathSeries()["walk"], Ends: []int{390, 380}, WalkEnds: []int{390, 370, 100, 60}, WalkStride: 1}
	o := Options{Model: "naive", Horizon: 5, Levels: []float64{80}}
	var without, got Result
	if err := New().Forecast(&without, s, method(t, o)); err != nil {
		t.Fatal(err)
	}
	o.Bands = []float64{90}
	if err := New().Forecast(&got, s, method(t, o)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got.Errors, without.Errors, cmpopts.EquateNaNs()); d != "" || got.Errors.Stride == 0 {
		t.Errorf("(-with bands +without)\n%s", d)
	}
}

func checkNested(t *testing.T, name string, o Options, r *Result, positive bool) {
	t.Helper()
	if len(r.BandLo) != len(o.Bands) && len(r.Lo) > 0 || len(r.Lo) == 0 && len(r.BandLo) > 0 {
		t.Fatalf("%s: %d bands and %d intervals", name, len(r.BandLo), len(r.Lo))
	}
	contains := func(lo, hi, innerLo, innerHi []float64, what string) {
		for k := range lo {
			if !(lo[k] <= innerLo[k] && innerHi[k] <= hi[k]) {
				t.Errorf("%s, step %d: [%v, %v] does not contain %s, [%v, %v]", name, k+1, lo[k], hi[k], what, innerLo[k], innerHi[k])
			}
		}
	}
	for i, lo := range r.BandLo {
		if positive && slices.Min(lo) < 0 {
			t.Errorf("%s: the band falls to %v", name, slices.Min(lo))
		}
		if i > 0 {
			contains(lo, r.BandHi[i], r.BandLo[i-1], r.BandHi[i-1], "the band before")
		}
		for j, level := range o.Levels {
			if level <= o.Bands[i] {
				contains(lo, r.BandHi[i], r.Lo[j], r.Hi[j], "the interval")
			}
		}
	}
}

// The score of a value is the least t whose interval contains it, also where quantiles are equal.
func TestScoreIsTheLeastInterval(t *testing.T) {
	t.Parallel()
	g := newMarginals(nil, 0.05, 0.95)
	rapid.Check(t, func(t *rapid.T) {
		rows := make([][]float64, len(g.probabilities))
		last := rapid.Float64Range(-10, 10).Draw(t, "first")
		for i := range rows {
			last += rapid.SampledFrom([]float64{0, 0, 1e-3, 0.1, 1}).Draw(t, "step")
			rows[i] = []float64{last}
		}
		v := rapid.Float64Range(rows[0][0]-2, last+2).Draw(t, "value")
		if rapid.Bool().Draw(t, "at a quantile") {
			v = rows[rapid.IntRange(0, len(rows)-1).Draw(t, "which")][0]
		}
		s := g.score(rows, 0, v)
		inside := func(t float64) bool { return g.value(rows, 0, -t) <= v && v <= g.value(rows, 0, t) }
		switch near := 1e-9 * (1 + s); {
		case math.IsInf(s, 1):
			if inside(50) {
				t.Errorf("%v has no score, and lies inside", v)
			}
		case !inside(s+near) || s > near && inside(s-near):
			t.Errorf("the score of %v is %v: inside there %v, before it %v", v, s, inside(s+near), inside(s-near))
		}
	})
}

func TestCriticalValues(t *testing.T) {
	t.Parallel()
	scores := []float64{2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4}
	// Šidák's level for m steps: each lies inside ±t with the probability L^(1/m), by the distribution function.
	sidak := func(level float64, steps int) float64 {
		lo, hi := 0.0, 10.0
		for range 60 {
			if mid := (lo + hi) / 2; math.Pow(math.Erf(mid/math.Sqrt2), float64(steps)) < level {
				lo = mid
			} else {
				hi = mid
			}
		}
		return hi
	}
	for name, c := range map[string]struct {
		scores    []float64
		level, nu float64
		steps     int
		want      float64
	}{
		"nine of nine":                {scores, 70, 9, 10, 3.5},                // rank 0.7·9·10/9 = 7
		"between two":                 {scores, 75, 9, 10, 3.625},              // 7.5
		"worth four":                  {scores, 72, 4, 10, 3.775},              // 0.72·9·5/4 = 8.1
		"too few":                     {scores, 90.1, 9, 10, sidak(0.901, 10)}, // above 9/10
		"none":                        {nil, 90, 1, 10, sidak(0.9, 10)},
		"never below an interval":     {scores, 98, 1000, 1, sidak(0.98, 1)},
		"least that of the interval":  {[]float64{0, 0, 0, 0}, 50, 4, 2, sidak(0.5, 1)},
		"beyond all quantiles":        {[]float64{1, math.Inf(1), math.Inf(1)}, 60, 3, 2, sidak(0.6, 2)},
		"beyond them, but not needed": {[]float64{1, 2, math.Inf(1)}, 50, 3, 2, 2},
	} {
		if name == "never below an interval" {
			c.scores, c.want = slices.Repeat([]float64{1}, 1000), sidak(0.98, 1)
		}
		if got := critical(c.scores, c.level, c.nu, c.steps); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The bands of several series that hold together are those of the worst of them at each origin.
func TestBandsOfSeveralSeries(t *testing.T) {
	t.Parallel()
	const origins = 9
	nan := math.NaN()
	j := NewJointBands(origins)
	j.Add([]float64{1, 2, 3, 4, 1, 1, 1, 1, nan}, 3)
	j.Add([]float64{1, 1, 1, 1, 5, 6, 7, 8, nan}, 3)
	j.Add(nil, 3)
	// The worst are 1 to 8: of eight, worth eight, the level 66⅔ has the rank ⅔·9 = 6.
	if got := j.Critical([]float64{200. / 3, 90}, 1, 1); math.Abs(got[0]-6) > 1e-9 || got[1] < got[0] {
		t.Errorf("the t are %v, want 6 first", got)
	}
	y := pathSeries()["walk"]
	o := Options{Model: "naive", Horizon: 3, Quantiles: []float64{0.3}, Bands: []float64{80, 90}, Joint: true}
	var r Result
	ends := []int{300, 200, 100}
	if err := New().Forecast(&r, Series{Values: y, Ends: ends, WalkEnds: ends, WalkStride: 100}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	if len(r.Scores) != len(ends) || len(r.Marginals) < Marginals {
		t.Fatalf("%d scores, %d marginals", len(r.Scores), len(r.Marginals))
	}
	lo, hi := slices.Clone(r.BandLo[1]), slices.Clone(r.BandHi[1])
	r.Widen(&o, []float64{0, 3})
	for k := range lo {
		if !(r.BandLo[1][k] < lo[k] && r.BandHi[1][k] > hi[k]) {
			t.Errorf("step %d: the band [%v, %v] became [%v, %v]", k+1, lo[k], hi[k], r.BandLo[1][k], r.BandHi[1][k])
		}
	}
}
