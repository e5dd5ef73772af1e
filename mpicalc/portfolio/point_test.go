package portfolio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/mpicalc/portfolio"
)

// sales are counts of 30 items, each sold on about one day of six, and a price that is no integer.
func sales(t *testing.T) *series.Table {
	t.Helper()
	random := rand.New(rand.NewPCG(8, 8))
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for i := range 30 {
		for k := range 60 {
			n := 0
			if random.IntN(6) == 0 {
				n = 1 + random.IntN(2)
			}
			fmt.Fprintf(&b, "I%02d,%d,%d\n", i, k, n)
		}
	}
	for k := range 60 {
		fmt.Fprintf(&b, "PRICE,%d,%v\n", k, 3+math.Exp(random.NormFloat64()))
	}
	return read(t, b.String())
}

// Of 30 items each rounded forecast is 0, but not the sum of what is rounded.
func TestIntegersAreRoundedAfterTheSum(t *testing.T) {
	t.Parallel()
	table := sales(t)
	ask := func(integers bool) job.Answer {
		answer, err := computeOn(t, 2, spec(func(s *job.Spec) {
			s.Assets, s.Model, s.Integers = []string{"*"}, "mean", integers
			s.Levels, s.Quantiles = []float64{80}, []float64{0.2, 0.5, 0.7}
		}), portfolio.Data{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	exact, rounded := ask(false), ask(true)
	if diff := cmp.Diff(rounded.Overall, exact.Overall); diff != "" || exact.Overall.Mean[0] < 0.2 {
		t.Errorf("overall (-with integers +without)\n%s", diff)
	}
	each := func(values []float64, round func(float64) float64) (out []float64) {
		for _, v := range values {
			out = append(out, round(v)+0) // -0 is 0
		}
		return out
	}
	for i, a := range rounded.Assets {
		want := exact.Assets[i]
		if a.Asset != "PRICE" {
			want.Mean = each(want.Mean, math.Round)
			want.Lo, want.Hi = map[string][]float64{"80": each(want.Lo["80"], math.Floor)}, map[string][]float64{"80": each(want.Hi["80"], math.Ceil)}
			q := want.Quantiles
			want.Quantiles = map[string][]float64{"0.2": each(q["0.2"], math.Floor), "0.5": each(q["0.5"], math.Round), "0.7": each(q["0.7"], math.Ceil)}
			if want.Mean[0] != 0 {
				t.Errorf("%s has the mean %v", a.Asset, exact.Assets[i].Mean)
			}
		}
		if diff := cmp.Diff(a, want); diff != "" {
			t.Errorf("%s (-got +want)\n%s", a.Asset, diff)
		}
	}
}

// An answer says what its point forecasts are: those that the job asks for, or those of the model. Those of a model on logarithms
// are medians, and its means are larger, by the skewness of the logarithmic normal distribution.
func TestTheAnswerSaysWhichPointItHas(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 5))
	var b strings.Builder
	b.WriteString("step,UP,BOTH\n")
	for k := range 90 {
		fmt.Fprintf(&b, "%d,%v,%v\n", k, math.Exp(random.NormFloat64()), random.NormFloat64())
	}
	table := read(t, b.String())
	means := map[job.Point]float64{}
	for point, want := range map[job.Point][3]job.Point{
		"":              {job.PointMedian, job.PointMean, ""},
		job.PointMedian: {job.PointMedian, job.PointMedian, job.PointMedian},
		job.PointMean:   {job.PointMean, job.PointMean, job.PointMean},
	} {
		answer, err := computeOn(t, 2, spec(func(s *job.Spec) { s.Assets, s.Model, s.Point = []string{"*"}, "ar", point }), portfolio.Data{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		up, both := answer.Assets[0], answer.Assets[1]
		if got := [3]job.Point{up.Point, both.Point, answer.Overall.Point}; got != want {
			t.Errorf("asked for %q, got %q, want %q", point, got, want)
		}
		if measured := up.Skill != nil; measured != (point != "") {
			t.Errorf("asked for %q: the skill is %v", point, up.Skill)
		}
		if got, want := answer.Overall.Mean[0], up.Mean[0]/2+both.Mean[0]/2; math.Abs(got-want) > 1e-12 {
			t.Errorf("asked for %q: overall is %v, the mean of the assets %v", point, got, want)
		}
		means[point] = up.Mean[0]
	}
	if means[job.PointMedian] != means[""] || !(means[job.PointMean] > 1.1*means[""]) {
		t.Errorf("the points are %v", means)
	}
}

// The items have medians of 0 and a mean of 0.25, and 30 of them are sold 7.5 times a day. The sum of the medians would be 0. It
// is the same whether errors are measured or not, and has the mean where its quantiles are.
func TestOfCountsTheMeansAreAdded(t *testing.T) {
	t.Parallel()
	table := sales(t)
	names, holdings := table.Names()[:30], map[string]float64{}
	for _, name := range names {
		holdings[name] = 1
	}
	var overall []float64
	for _, levels := range [][]float64{{}, {80}} {
		answer, err := computeOn(t, 2, spec(func(s *job.Spec) {
			s.Assets, s.Model, s.Combine, s.Holdings, s.Levels = names, "auto", job.Value, holdings, levels
		}), portfolio.Data{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range answer.Assets {
			if a.Point != job.PointMedian || a.Mean[0] != 0 {
				t.Errorf("%s has the %s %v", a.Asset, a.Point, a.Mean)
			}
		}
		o := answer.Overall
		if o.Point != job.PointMean || o.Mean[0] < 5 || o.Mean[0] > 10 {
			t.Errorf("levels %v: overall has the %s %v, want about 7.5", levels, o.Point, o.Mean)
		}
		if overall == nil {
			overall = o.Mean
		}
		if diff := cmp.Diff(o.Mean, overall); diff != "" {
			t.Errorf("with levels the portfolio is another (-with +without)\n%s", diff)
		}
		if lo, hi := o.Lo["80"], o.Hi["80"]; len(levels) > 0 && !(lo[0] > 1 && lo[0] < 7.5 && hi[0] > 7.5 && hi[0] < 14) {
			t.Errorf("the interval is [%v, %v]", lo, hi)
		}
	}
	alone, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model = names[:1], "auto" }), table)
	if err != nil {
		t.Fatal(err)
	}
	if o := alone.Overall; o.Point != job.PointMedian || o.Mean[0] != 0 {
		t.Errorf("a portfolio of one item has the %s %v, not that of the item", o.Point, o.Mean)
	}
}
