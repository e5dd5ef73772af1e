package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// explained returns the answer for s with its parts.
func explained(t testing.TB, s Series, o Options) Result {
	t.Helper()
	o.Explain = true
	var r Result
	if err := New().Forecast(&r, s, method(t, o)); err != nil {
		t.Fatal(err)
	}
	return r
}

// series tabulates f for n steps from 1 on.
func series(n int, f func(t float64) float64) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = f(float64(i + 1))
	}
	return y
}

// The parts are those of which the series is made. The first value of a season belongs to step 1 of the series, whose length is a multiple
// of the season.
func TestPartsAreThoseOfTheSeries(t *testing.T) {
	t.Parallel()
	four := []float64{3, -1, -4, 2}
	season := func(t float64) float64 { return four[(int(t)-1)%4] }
	repeat := func(v float64) []float64 { return []float64{v, v, v, v, v} }
	line := func(slope float64) []float64 { return series(5, func(k float64) float64 { return slope * k }) }
	growth := func(k float64) float64 { return 120 * (math.Pow(1.02, k) - 1) }
	for name, c := range map[string]struct {
		y    []float64
		o    Options
		want []Part
	}{
		"naive":    {[]float64{4, 2, 9}, Options{Model: "naive"}, []Part{{"level", repeat(9)}}},
		"mean":     {[]float64{4, 2, 9}, Options{Model: "mean"}, []Part{{"level", repeat(5)}}},
		"drift":    {[]float64{1, 0, 5}, Options{Model: "drift"}, []Part{{"level", repeat(5)}, {"trend", line(2)}}},
		"fallback": {[]float64{5}, Options{Model: "ar"}, []Part{{"level", repeat(5)}}},
		"at a floor": {[]float64{9, 5, 1}, Options{Model: "drift"}, []Part{{"level", repeat(1)}, {"trend", line(-4)},
			{"adjustment", series(5, func(k float64) float64 { return 4*k - 0.8 })}}},
		"season": {series(12, season), Options{Model: "seasonal-naive", Seasons: []int{4}},
			[]Part{{"level", repeat(0)}, {"season 4", []float64{3, -1, -4, 2, 3}}}},
		"line and season": {series(12, func(t float64) float64 { return -20 + 2*t + season(t) }), Options{Model: "trend-season", Seasons: []int{4}},
			[]Part{{"level", repeat(4)}, {"trend", line(2)}, {"season 4", []float64{3, -1, -4, 2, 3}}}},
		"growth and a factor of the season": {series(40, func(t float64) float64 { return 120 * math.Pow(1.02, t-40) * math.Exp(season(t)/10) }),
			Options{Model: "trend-season", Seasons: []int{4}},
			[]Part{{"level", repeat(120)}, {"trend", series(5, growth)},
				{"season 4", series(5, func(k float64) float64 { return (120 + growth(k)) * (math.Exp(season(k)/10) - 1) })}}},
	} {
		c.o.Horizon = 5
		r := explained(t, Series{Values: c.y}, c.o)
		if diff := cmp.Diff(r.Parts, c.want, cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
			t.Errorf("%s: (-got +want)\n%s", name, diff)
		}
	}
}

// Of two seasons and a line, each model that continues them finds each. The seasons are those of the year and of the quarter, of
// which the first has no component with the period of the second.
func TestTwoSeasonsAreToldApart(t *testing.T) {
	t.Parallel()
	short := func(k float64) float64 { return 5 * math.Sin(2*math.Pi*k/4) }
	long := func(k float64) float64 { return 8*math.Cos(2*math.Pi*k/12) + 3*math.Sin(2*math.Pi*k/6) }
	path := func(k float64) float64 { return 7 + 0.3*k + short(k) + long(k) }
	for _, fades := range []bool{true, false} {
		s := split{path: series(14, path), periods: []int{4, 12}, longest: 12, fades: fades}
		s.far = series(s.reach(14), path)
		s.rows = paths{h: 14, data: make([]float64, 5*14)}
		New().split(&s)
		want := [][]float64{series(14, func(float64) float64 { return 7 }), series(14, func(k float64) float64 { return 0.3 * k }),
			series(14, short), series(14, long), make([]float64, 14)}
		for i, part := range want {
			if diff := cmp.Diff(s.rows.row(i), part, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("fades %v, part %d: (-got +want)\n%s", fades, i, diff)
			}
		}
	}
}

// In noise of variance 1, the parts of hours are near those of the day and the week: no error has the size of the noise.
func TestPartsOfHours(t *testing.T) {
	t.Parallel()
	const n = 1400
	rng, weekdays := rand.New(rand.NewPCG(1, 1)), []float64{3, 2, 1, 0, 1, -3, -4}
	truth := map[string]func(k float64) float64{
		"level":      func(float64) float64 { return 100 + 0.01*n },
		"trend":      func(k float64) float64 { return 0.01 * k },
		"season 24":  func(k float64) float64 { return 10*math.Sin(2*math.Pi*(n+k)/24) + 4*math.Cos(4*math.Pi*(n+k)/24) },
		"season 168": func(k float64) float64 { return weekdays[(n+int(k)-1)/24%7] },
		"memory":     func(float64) float64 { return 0 },
	}
	y := series(n, func(t float64) float64 {
		return 0.01*(t-n) + truth["level"](0) + truth["season 24"](t-n) + truth["season 168"](t-n) + rng.NormFloat64()
	})
	for _, model := range []string{"auto", "holt-winters", "harmonic", "ar-season", "level-shape"} {
		r := explained(t, Series{Values: y}, Options{Model: model, Horizon: 48, Step: time.Hour, Periods: []int{24, 168}})
		for _, p := range r.Parts {
			squares := 0.0
			for k, v := range p.Values {
				d := v - truth[p.Name](float64(k+1))
				squares += d * d / 48
			}
			if squares > 0.8 {
				t.Errorf("%s: the variance of the error of %s is %.2f", model, p.Name, squares)
			}
		}
	}
}

// An autoregression of order 1 returns to its mean: y(n+k) = μ + φ^k·(y(n) - μ).
func TestWhatReturnsToTheMeanIsMemory(t *testing.T) {
	t.Parallel()
	rng, u := rand.New(rand.NewPCG(3, 3)), 0.0
	y := series(400, func(float64) float64 {
		u = 0.7*u + rng.NormFloat64()
		return u - 50
	})
	y[len(y)-1] = -44
	r := explained(t, Series{Values: y}, Options{Model: "ar", Horizon: 10, Seasons: []int{}})
	level, memory := r.Parts[0].Values[0], r.Parts[len(r.Parts)-1]
	if math.Abs(level+50) > 1 || memory.Name != PartMemory {
		t.Fatalf("level %v, last part %s, want -50 and memory", level, memory.Name)
	}
	if v := memory.Values; math.Abs(v[0]-0.7*6) > 1.5 || math.Abs(v[9]) > 0.1*v[0] {
		t.Errorf("memory %.2f, want about 4.2 at first and nothing of it at last", v)
	}
}

func TestRegressorsAreParts(t *testing.T) {
	t.Parallel()
	x := [][]float64{series(65, func(t float64) float64 { return float64(int(t*t) % 5) }),
		series(65, func(t float64) float64 { return float64(int(t*t*t) % 7) })}
	y := series(60, func(t float64) float64 { return 30 + 2*x[0][int(t)-1] - x[1][int(t)-1] })
	r := explained(t, Series{Values: y, Regressors: x}, Options{Model: "mean", Horizon: 5, Seasons: []int{}})
	for i, effect := range []float64{2, -1} {
		mean := 0.0
		for _, v := range x[i][:60] {
			mean += v / 60
		}
		want := Part{fmt.Sprintf("x %d", i+1), series(5, func(k float64) float64 { return effect * (x[i][59+int(k)] - mean) })}
		if diff := cmp.Diff(r.Parts[1+i], want, cmpopts.EquateApprox(1e-3, 1e-3)); diff != "" {
			t.Errorf("(-got +want)\n%s", diff)
		}
	}
}

// Whatever the series and the model, the parts add up, and explaining changes nothing.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	var models []string
	for _, m := range registry() {
		models = append(models, m.Name)
	}
	engine := New()
	rapid.Check(t, func(t *rapid.T) {
		n, h := rapid.IntRange(1, 90).Draw(t, "n"), rapid.IntRange(1, 15).Draw(t, "h")
		o := Options{Model: rapid.SampledFrom(models).Draw(t, "model"), Horizon: h,
			Seasons:  rapid.SampledFrom([][]int{nil, {1}, {4}, {7, 28}, {12}, {60}}).Draw(t, "seasons"),
			Point:    rapid.SampledFrom([]string{"", Median, Mean}).Draw(t, "point"),
			Integers: rapid.Bool().Draw(t, "integers"),
			Levels:   rapid.SampledFrom([][]float64{nil, {80}}).Draw(t, "levels")}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		scale := rapid.SampledFrom([]float64{1, 20, 1e-70, 1e80}).Draw(t, "scale")
		offset := rapid.SampledFrom([]float64{0, 5, 1e10}).Draw(t, "offset")
		whole, trend, u := rapid.Bool().Draw(t, "whole"), rapid.Float64Range(-0.5, 0.5).Draw(t, "trend"), 0.0
		s := Series{Values: series(n, func(t float64) float64 {
			u = 0.6*u + rng.NormFloat64()
			v := u + trend*t + 3*math.Sin(2*math.Pi*t/12) + float64(int(t)%7/5)
			if whole {
				v = math.Max(0, math.Floor(v))
			}
			return scale * (v + offset)
		})}
		if n > 2 && rapid.Bool().Draw(t, "skips") {
			for at := 5; at < n+h; at += 5 {
				s.Skips = append(s.Skips, Skip{At: int32(at), Count: 2})
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "regressors") {
			s.Regressors = append(s.Regressors, series(n+h, func(float64) float64 { return rng.NormFloat64() }))
		}
		var plain, r Result
		for _, answer := range []*Result{&plain, &r} {
			m, err := NewMethod(o)
			if err == nil {
				err = engine.Forecast(answer, s, m)
			}
			if err != nil {
				t.Fatal(err)
			}
			o.Explain = true
		}
		checkParts(t, &r)
		r.Parts = nil
		r.Members = slices.DeleteFunc(r.Members, func(m Member) bool { return m.Dropped != "" })
		if diff := cmp.Diff(r, plain, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-explained +plain)\n%s", diff)
		}
	})
}

// checkParts checks what holds for the parts of any answer.
func checkParts(t interface{ Fatalf(string, ...any) }, r *Result) {
	names := map[string]bool{}
	for i, p := range r.Parts {
		if len(p.Values) != len(r.Mean) || names[p.Name] || (p.Name == PartLevel) != (i == 0) {
			t.Fatalf("part %d is %q with %d values", i, p.Name, len(p.Values))
		}
		names[p.Name] = true
	}
	for k, mean := range r.Mean {
		sum, size := 0.0, math.Abs(mean)
		for _, p := range r.Parts {
			sum += p.Values[k]
			size += math.Abs(p.Values[k])
		}
		if len(r.Parts) == 0 || !(math.Abs(sum-mean) <= 1e-11*size) {
			t.Fatalf("step %d is %v, and its parts add up to %v: %v", k+1, mean, sum, r.Parts)
		}
	}
}

// Where nothing limits or corrects the models, there is nothing to adjust, whatever the units, and the level stays as it is.
func TestAdjustmentsAreRare(t *testing.T) {
	t.Parallel()
	y := wave(66)
	at := func(exponent int, offset float64) Series {
		return Series{Values: series(60, func(t float64) float64 { return math.Ldexp(y[int(t)-1]+offset, exponent) })}
	}
	x := series(66, func(t float64) float64 { return 3 * y[int(t*t)%66] })
	on := series(66, func(t float64) float64 { return float64(int(t) % 10 / 9) })
	lifted := series(60, func(t float64) float64 { return 1 + y[int(t*t)%66]/10 + 2*on[int(t)-1] })
	lifted[28] -= 0.9 // without the effect it would be the least value by far
	for name, s := range map[string]Series{
		"plain":      at(0, 0),
		"holidays":   {Values: y[:60], Skips: []Skip{{At: 9, Count: 1}, {At: 30, Count: 1}, {At: 61, Count: 1}}},
		"large":      at(300, 0),
		"small":      at(-300, 0),
		"counter":    at(0, 1<<40),
		"regressors": {Values: series(60, func(t float64) float64 { return y[int(t)-1] + x[int(t)-1] }), Regressors: [][]float64{x}},
		"lifted":     {Values: lifted, Regressors: [][]float64{on}},
	} {
		for _, m := range registry() {
			r := explained(t, s, Options{Model: m.Name, Horizon: 6, Seasons: []int{4}})
			if last := r.Parts[len(r.Parts)-1]; last.Name == PartAdjustment {
				t.Errorf("%s, %s: %v of %v", m.Name, name, last, r.Mean)
			}
			for _, level := range r.Parts[0].Values {
				if first := r.Parts[0].Values[0]; math.Abs(level-first) > 1e-12*math.Abs(first) {
					t.Errorf("%s, %s: the level changes from step to step: %v", m.Name, name, r.Parts[0].Values)
					break
				}
			}
		}
	}
}

// Between counts and numbers, the parts of empirical and of the pool are weighed.
func TestPartsOfHalfCounts(t *testing.T) {
	t.Parallel()
	rng, u := rand.New(rand.NewPCG(2, 9)), 0.0
	y := series(80, func(float64) float64 {
		u = 0.6*u + rng.NormFloat64()
		return math.Floor(16 + 2*u)
	})
	o := Options{Model: "auto", Horizon: 3, Seasons: []int{}, Levels: []float64{80}}
	r := explained(t, Series{Values: y}, o)
	if m := r.Members[0]; m.Name != "empirical" || m.Weight == 1 {
		t.Fatalf("the first member is %+v, want a part of empirical", m)
	}
	if last := r.Parts[len(r.Parts)-1]; last.Name == PartAdjustment {
		t.Errorf("%v of %v", last, r.Mean)
	}
	var plain Result
	if err := New().Forecast(&plain, Series{Values: y}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Lo, plain.Lo); diff != "" {
		t.Errorf("lower ends (-explained +plain)\n%s", diff)
	}
}

// What empirical says of the phases of a week is a season. How far its path is continued does not change it.
func TestMediansOfCountsAreLevelAndSeason(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 9))
	for range 20 {
		y := series(150, func(t float64) float64 { return float64(rng.IntN(5+int(t)%7) * rng.IntN(2) * (1 + int(t/75))) })
		r := explained(t, Series{Values: y}, Options{Model: "empirical", Horizon: 3, Seasons: []int{7}})
		for _, p := range r.Parts {
			if p.Name != PartLevel && p.Name != "season 7" {
				t.Errorf("%s %v of %v", p.Name, p.Values, r.Mean)
			}
		}
	}
}

func TestEveryMemberIsAccountedFor(t *testing.T) {
	t.Parallel()
	var want []string
	for _, m := range members() {
		want = append(want, m.name)
	}
	want = append(want, "empirical")
	slices.Sort(want)
	rng := rand.New(rand.NewPCG(5, 5))
	sizes := series(60, func(float64) float64 { return 100 * math.Exp(rng.NormFloat64()/10) })
	for name, c := range map[string]struct {
		y       []float64
		seasons []int
		reasons map[string]string
	}{
		"no season": {sizes, []int{1}, map[string]string{"seasonal-naive": noSeason, "empirical": notCounts}},
		"short":     {sizes[:6], []int{4}, map[string]string{"ar-recent-log": noForecast}},
		"season": {series(60, func(t float64) float64 { return 100 + 50*math.Sin(math.Pi*t/2) + rng.NormFloat64() }), []int{4},
			map[string]string{"ar-diff-long-log": noForecast, "mean": "its error at 3 origins is …"}},
		"counts": {series(100, func(t float64) float64 { return float64(rng.IntN(10) / 8) }), []int{7}, map[string]string{"mean": onlyCounts}},
	} {
		r := explained(t, Series{Values: c.y}, Options{Model: "auto", Horizon: 4, Seasons: c.seasons})
		var got []string
		total := 0.0
		for _, m := range r.Members {
			got = append(got, m.Name)
			total += m.Weight
			if (m.Weight == 0) != (m.Dropped != "") {
				t.Errorf("%s: %+v", name, m)
			}
			if reason, ok := c.reasons[m.Name]; ok && !strings.HasPrefix(m.Dropped, strings.TrimSuffix(reason, "…")) {
				t.Errorf("%s: %s is dropped since %q, want %q", name, m.Name, m.Dropped, reason)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(got, want); name != "counts" && diff != "" {
			t.Errorf("%s: members (-got +want)\n%s", name, diff)
		}
		if math.Abs(total-1) > 1e-9 {
			t.Errorf("%s: the weights add up to %v", name, total)
		}
	}
}
