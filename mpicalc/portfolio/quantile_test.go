package portfolio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/portfolio"
)

// portfolios are jobs of walks of which A and B end together, C ends two days earlier and NEW has six values.
func portfolios(t *testing.T) (*series.Table, map[string]func(*job.Spec)) {
	t.Helper()
	table := read(t, days(rand.New(rand.NewPCG(11, 12)), map[string][2]int{"A": {150, 0}, "B": {140, 10}, "C": {120, 28}, "NEW": {6, 144}}))
	value := func(holdings map[string]float64) func(*job.Spec) {
		return func(s *job.Spec) {
			s.Combine, s.Holdings, s.Assets = job.Value, holdings, nil
			for name := range holdings {
				s.Assets = append(s.Assets, name)
			}
			slices.Sort(s.Assets)
		}
	}
	return table, map[string]func(*job.Spec){
		"mean":               func(s *job.Spec) { s.Assets = []string{"A", "B"} },
		"an earlier end":     func(s *job.Spec) { s.Assets = []string{"A", "B", "C"} },
		"a short history":    func(s *job.Spec) { s.Assets = []string{"*"} },
		"one":                func(s *job.Spec) { s.Assets = []string{"C"} },
		"return":             func(s *job.Spec) { s.Assets, s.Combine = []string{"A", "B", "C"}, job.Return },
		"value":              value(map[string]float64{"A": 2, "B": 30}),
		"one short":          value(map[string]float64{"C": -2}),
		"short":              value(map[string]float64{"A": 2, "B": -1.5}),
		"a short new one":    value(map[string]float64{"A": 2, "B": 1, "NEW": -3}),
		"only new ones":      value(map[string]float64{"NEW": -3}),
		"a short left alone": value(map[string]float64{"A": 0, "B": -1}),
	}
}

// The quantiles at the ends of an interval are those ends: of each asset, and of the portfolio in every way to combine assets.
func TestQuantilesAreTheEndsOfIntervals(t *testing.T) {
	t.Parallel()
	table, jobs := portfolios(t)
	near := cmpopts.EquateApprox(1e-9, 1e-9)
	for name, change := range jobs {
		answer, err := compute(t, spec(func(s *job.Spec) {
			s.Model, s.Horizon, s.Levels, s.Quantiles = "drift", 3, []float64{95, 50}, []float64{0.975, 0.25, 0.75, 0.025}
			change(s)
		}), table)
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, lo, hi, q map[string][]float64) {
			want := map[string][]float64{"0.025": lo["95"], "0.25": lo["50"], "0.75": hi["50"], "0.975": hi["95"]}
			if diff := cmp.Diff(q, want, near); diff != "" || len(lo["95"]) != 3 {
				t.Errorf("%s, %s (-quantiles +ends)\n%s", name, what, diff)
			}
		}
		for _, a := range answer.Assets {
			check(a.Asset, a.Lo, a.Hi, a.Quantiles)
		}
		check("overall", answer.Overall.Lo, answer.Overall.Hi, answer.Overall.Quantiles)
	}
}

// A quantile is the same whatever else is asked for; so is that of a short position, for which the engine needs the opposite one.
func TestAQuantileDoesNotDependOnTheOthers(t *testing.T) {
	t.Parallel()
	table, jobs := portfolios(t)
	for name, change := range jobs {
		ask := func(levels []float64, quantiles ...float64) job.Answer {
			answer, err := compute(t, spec(func(s *job.Spec) {
				s.Model, s.Horizon, s.Levels, s.Quantiles = "theta", 2, levels, quantiles
				change(s)
			}), table)
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
		all := ask([]float64{80}, 0.05, 0.1, 0.5, 0.6, 0.9, 0.95)
		for _, p := range []float64{0.05, 0.5, 0.6} {
			alone, key := ask([]float64{}, p), job.Quantile(p)
			if len(alone.Overall.Quantiles) != 1 || alone.Overall.Lo != nil {
				t.Errorf("%s: asked for %v, got %v", name, p, alone.Overall.Quantiles)
			}
			near := cmpopts.EquateApprox(1e-9, 0)
			if diff := cmp.Diff(alone.Overall.Quantiles[key], all.Overall.Quantiles[key], near); diff != "" {
				t.Errorf("%s: overall at %v (-alone +with others)\n%s", name, p, diff)
			}
			for i, a := range alone.Assets {
				if diff := cmp.Diff(a.Quantiles, map[string][]float64{key: all.Assets[i].Quantiles[key]}); diff != "" || len(a.Quantiles[key]) != 2 {
					t.Errorf("%s: %s at %v (-alone +with others)\n%s", name, a.Asset, p, diff)
				}
				if skill := all.Assets[i].Skill; (a.Skill == nil) != (skill == nil) || skill != nil && *a.Skill != *skill {
					t.Errorf("%s: the skill of %s is %v without levels, and %v with them", name, a.Asset, a.Skill, skill)
				}
			}
		}
	}
}

func TestQuantilesAscend(t *testing.T) {
	t.Parallel()
	table, jobs := portfolios(t)
	names := make([]string, 0, len(jobs))
	for name := range jobs {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(r *rapid.T) {
		list := rapid.SliceOfNDistinct(rapid.Float64Range(5e-324, 0.9), 1, 90, rapid.ID).Draw(r, "quantiles")
		for i := range 9 { // neighbours
			list = append(list, 0.9+float64(i+1)*0x1p-53)
		}
		name := rapid.SampledFrom(names).Draw(r, "job")
		answer, err := compute(t, spec(func(s *job.Spec) {
			s.Model, s.Quantiles = "naive", list
			jobs[name](s)
		}), table)
		if err != nil {
			r.Fatal(err)
		}
		slices.Sort(list)
		ascend := func(what string, q map[string][]float64) {
			if len(q) != len(list) {
				r.Fatalf("%s of %s: %d quantiles for %d", what, name, len(q), len(list))
			}
			for i, p := range list[1:] {
				for k, v := range q[job.Quantile(p)] {
					if low := q[job.Quantile(list[i])][k]; !(low <= v) {
						r.Errorf("%s of %s: %v at %v, and %v at %v", what, name, low, list[i], v, p)
					}
				}
			}
		}
		for _, a := range answer.Assets {
			ascend(a.Asset, a.Quantiles)
		}
		ascend("overall", answer.Overall.Quantiles)
	})
}

// As many quantiles as a job may ask for, of a short position, of which none is opposite to another.
func TestNinetyNineQuantilesOfAShortPosition(t *testing.T) {
	t.Parallel()
	table, _ := portfolios(t)
	var list []float64
	for i := range 99 {
		list = append(list, float64(i+1)/1000)
	}
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Combine, s.Holdings, s.Quantiles = []string{"A"}, "naive", job.Value, map[string]float64{"A": -1}, list
	}), table)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(answer.Overall.Quantiles); n != 99 || len(answer.Assets[0].Quantiles) != 99 {
		t.Fatalf("got %d quantiles of %d", n, len(answer.Assets[0].Quantiles))
	}
	if top := answer.Overall.Quantiles["0.099"][0]; !(top < answer.Overall.Mean[0]) {
		t.Errorf("the quantile 0.099 of the short position is %v, its mean %v", top, answer.Overall.Mean[0])
	}
}

func TestQuantilesOfWhatHasNone(t *testing.T) {
	t.Parallel()
	answer, err := compute(t, spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Quantiles = []string{"*"}, "naive", []float64{0.1, 0.9}
	}), read(t, "step,A,B\n1,5,7\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range answer.Assets {
		if a.Quantiles != nil || !strings.Contains(a.Note, "one value is not enough") {
			t.Errorf("%s has %v, note %q", a.Asset, a.Quantiles, a.Note)
		}
	}
	if o := answer.Overall; o.Quantiles != nil || !slices.Contains(o.Notes, "there are no quantiles: none of the assets has any") {
		t.Errorf("overall has %v, notes %q", o.Quantiles, o.Notes)
	}
}

// What was never negative has no quantile below zero, and a return none below a total loss.
func TestQuantilesKeepTheFloor(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 9))
	var b strings.Builder
	b.WriteString("step,A,B\n")
	for k := range 80 {
		fmt.Fprintf(&b, "%d,%v,%v\n", k, math.Exp(2*random.NormFloat64()), math.Exp(2*random.NormFloat64()))
	}
	table := read(t, b.String())
	around := read(t, aroundHalf(random))
	for combine, least := range map[job.Combine]float64{job.Mean: 0, job.Return: -1} {
		answer, err := computeOn(t, 2, spec(func(s *job.Spec) {
			s.Model, s.Combine, s.Quantiles, s.Levels = "mean", combine, []float64{1e-6, 0.01, 0.5, 0.99}, []float64{98}
		}), portfolio.Data{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		if q := answer.Overall.Quantiles; q["1e-06"][0] != least || q["0.01"][0] < least || q["0.99"][0] < q["0.5"][0] {
			t.Errorf("%s: the quantiles are %v, the least may be %v", combine, q, least)
		}
	}
	answer, err := compute(t, spec(func(s *job.Spec) { s.Model, s.Quantiles = "mean", []float64{0.01, 0.99} }), around)
	if err != nil {
		t.Fatal(err)
	}
	if q := answer.Overall.Quantiles; answer.Overall.Mean[0] < 0 || q["0.01"][0] >= 0 {
		t.Errorf("the quantiles of values on both sides of zero are %v", q)
	}
}

// aroundHalf is a file of two assets, noise around 0.5.
func aroundHalf(random *rand.Rand) string {
	var b strings.Builder
	b.WriteString("step,A,B\n")
	for k := range 60 {
		fmt.Fprintf(&b, "%d,%v,%v\n", k, 0.5+random.NormFloat64(), 0.5+random.NormFloat64())
	}
	return b.String()
}
