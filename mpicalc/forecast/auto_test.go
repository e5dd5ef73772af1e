package forecast

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// walk is a random walk from 100 with steps of size 1; it stays positive over the lengths used here.
func walk(n int, seed uint64) []float64 {
	y := noise(n, seed)
	level := 100.0
	for t, e := range y {
		level += e
		y[t] = level
	}
	return y
}

func TestAutoLeavesARandomWalkToNaive(t *testing.T) {
	t.Parallel()
	const walks, n, h = 60, 300, 5
	engine, alone := New(), 0
	own, naive := 0.0, 0.0
	for seed := range uint64(walks) {
		y := walk(n+h, seed)
		var got Result
		o := Options{Model: "auto", Horizon: h, Step: day, Periods: []int{5, 261}, Levels: []float64{80}}
		if err := engine.Forecast(&got, Series{Values: y[:n]}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		if got.Model == "naive" && len(got.Members) == 1 && got.Mean[h-1] == y[n-1] {
			alone++
		}
		for k, f := range got.Mean {
			own += math.Abs(y[n+k] - f)
			naive += math.Abs(y[n+k] - y[n-1])
		}
	}
	// Three tests at the level of 1 % reject about 3 % of random walks.
	if alone < walks*9/10 {
		t.Errorf("%d of %d random walks left to naive, want nine in ten", alone, walks)
	}
	if own > 1.005*naive {
		t.Errorf("mean absolute error is %.4f times that of naive, want at most 1.005", own/naive)
	}
}

func TestIsRandomWalkRejectsWhatCanBeForecast(t *testing.T) {
	t.Parallel()
	const n = 300
	drifting, momentum, seasonal, reverting := walk(n, 1), walk(n, 2), walk(n, 3), noise(n, 4)
	extra := noise(n, 2)
	for t := range n {
		drifting[t] += float64(t) / 3
		if t > 0 {
			momentum[t] = momentum[t-1] + extra[t] + 0.5*extra[t-1]
		}
		seasonal[t] += []float64{2, 0, -2, 1}[t%4]
	}
	for name, z := range map[string][]float64{
		"drift": drifting, "momentum": momentum, "season": seasonal, "mean reversion": reverting,
	} {
		if New().isRandomWalk(z, []int{4}) {
			t.Errorf("a series with %s is called a random walk", name)
		}
	}
}

func TestWeighFollowsTheFormula(t *testing.T) {
	t.Parallel()
	ready := paths{h: 1, data: []float64{1}}
	missing := paths{h: 1, data: []float64{math.NaN()}}
	nan := math.NaN()
	// 16 errors or fewer make weights proportional to 1/(E + Ē/10); Ē of 1 and 2 is 1.5, so they are as 2.15 to 1.15.
	p := &pool{all: []candidate{{paths: ready, err: 1}, {paths: ready, err: 2}, {paths: missing, err: 1}, {paths: ready, err: 9}}}
	// The fourth has more than six times the smallest error, but its error counts in Ē = (1+2+9)/3 = 4.
	p.weigh(16)
	a, b := 1/1.4, 1/2.4
	checkWeights(t, "weights", p, []float64{a / (a + b), b / (a + b), 0, 0})
	p = &pool{all: []candidate{{paths: ready, err: nan}, {paths: ready, err: nan}}}
	p.weigh(0)
	checkWeights(t, "nothing measured", p, []float64{0.5, 0.5})
	p = &pool{all: []candidate{{paths: ready, err: 0}, {paths: ready, err: 1}}}
	p.weigh(16)
	checkWeights(t, "one is perfect", p, []float64{1, 0})
	p = &pool{all: []candidate{{paths: ready, err: 0}, {paths: ready, err: 0}}}
	p.weigh(16)
	checkWeights(t, "all are perfect", p, []float64{0.5, 0.5})
	p = &pool{all: []candidate{{paths: ready, err: 1}, {paths: ready, err: 2}}}
	p.weigh(40)
	a, b = 1/(1.15*1.15), 1/(2.15*2.15)
	checkWeights(t, "more errors, sharper weights", p, []float64{a / (a + b), b / (a + b)})
}

func checkWeights(t *testing.T, name string, p *pool, want []float64) {
	t.Helper()
	var got []float64
	for _, c := range p.all {
		got = append(got, c.Weight)
	}
	if diff := cmp.Diff(got, want, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("%s, got against want:\n%s", name, diff)
	}
}

func TestFindSeasons(t *testing.T) {
	t.Parallel()
	// A day of 24 hours with a weekend, as a sum of waves and noise.
	hours := noise(1000, 5)
	for i := range hours {
		hours[i] = hours[i]/2 + 3*math.Sin(2*math.Pi*float64(i)/24)
		if i/24%7 > 4 {
			hours[i] -= 4 * math.Sin(2*math.Pi*float64(i)/24)
		}
	}
	cases := []struct {
		name string
		y    []float64
		o    Options
		want []int
	}{
		{"given", hours, Options{Seasons: []int{7, 5, 7, 1}}, []int{5, 7}},
		{"given none", hours, Options{Step: time.Hour, Periods: []int{24, 168}, Seasons: []int{1}}, nil},
		{"hours", hours, Options{Step: time.Hour, Periods: []int{24, 168}}, []int{24, 168}},
		{"hours of unknown frequency", hours, Options{}, []int{24, 168}},
		{"hours of three days", hours[:72], Options{Step: time.Hour, Periods: []int{24, 168}}, []int{24}},
		{"days without a week", walk(400, 1), Options{Step: day, Periods: []int{7, 365}}, nil},
		{"business days without a week", walk(400, 2), Options{Step: day, Periods: []int{5, 261}}, nil},
		{"months", noise(40, 1), Options{Step: 30 * day, Periods: []int{12}}, []int{12}},
		{"quarters", noise(40, 1), Options{Step: 91 * day, Periods: []int{4}}, []int{4}},
		{"too few quarters", noise(5, 1), Options{Step: 91 * day, Periods: []int{4}}, nil},
		{"years", noise(40, 1), Options{Step: 365 * day}, nil},
		{"noise of unknown frequency", noise(400, 2), Options{}, nil},
		{"one point", []float64{1}, Options{}, nil},
	}
	for _, c := range cases {
		if diff := cmp.Diff(New().findSeasons(c.y, &c.o).periods, c.want, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s, got against want:\n%s", c.name, diff)
		}
	}
}

func TestCandidatesForASeriesThatIsNotPositiveWorkInLevels(t *testing.T) {
	t.Parallel()
	names := func(y []float64) map[string]bool {
		e, set := New(), map[string]bool{}
		m := method(t, Options{Model: "auto", Horizon: 4, Step: 91 * day, Periods: []int{4}})
		for _, c := range e.newPool(e.newProblem(question{values: y}, m)).all {
			if set[c.Name] {
				t.Errorf("%s is a candidate twice", c.Name)
			}
			set[c.Name] = true
		}
		return set
	}
	y := wave(60)
	positive := names(y)
	for i := range y {
		y[i] -= 1
	}
	for name := range names(y) {
		if strings.HasSuffix(name, "-log") {
			t.Errorf("%s is a candidate for a series that is not positive", name)
		}
		delete(positive, name)
		delete(positive, name+"-log")
	}
	if len(positive) > 0 {
		t.Errorf("%v have no counterpart in levels", slices.Sorted(maps.Keys(positive)))
	}
}
