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

func TestAutoIsNaiveOnARandomWalk(t *testing.T) {
	t.Parallel()
	const walks, n, h = 60, 300, 5
	engine := New()
	own, naive := 0.0, 0.0
	for seed := range uint64(walks) {
		y := walk(n+h, seed)
		var got Result
		o := Options{Model: "auto", Horizon: h, Step: day, Periods: []int{5, 261}, Levels: []float64{80}}
		if err := engine.Forecast(&got, Series{Values: y[:n]}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		for k, f := range got.Mean {
			own += math.Abs(y[n+k] - f)
			naive += math.Abs(y[n+k] - y[n-1])
		}
	}
	if own > 1.005*naive {
		t.Errorf("mean absolute error is %.4f times that of naive, want at most 1.005", own/naive)
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
		for _, c := range e.newPool(e.newProblem(question{values: y}, m), members()).all {
			if set[c.Member.Name] {
				t.Errorf("%s is a candidate twice", c.Member.Name)
			}
			set[c.Member.Name] = true
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

// Members see some of the origins at a time; whether logarithms can be taken is a matter of the whole series.
func TestASeriesThatTurnsNegativeHasAllMembers(t *testing.T) {
	t.Parallel()
	y := make([]float64, 49)
	for i, v := range noise(len(y), 8) {
		y[i] = 9 - float64(i)/6 + v/10
	}
	y[len(y)-1] = -0.5
	o := Options{Model: "auto", Horizon: 1, Step: 91 * day, Periods: []int{4}, Levels: []float64{80}, Explain: true}
	var r Result
	if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Members {
		if (m.Name == "theta-dynamic" || m.Name == "theta") && !(m.Skill > 0) {
			t.Errorf("%s was not measured: %+v", m.Name, m)
		}
	}
}

// Next to a member that is exact, no other counts.
func TestAutoContinuesALineExactly(t *testing.T) {
	t.Parallel()
	y := make([]float64, 30)
	for i := range y {
		y[i] = 100 + 7*float64(i)
	}
	var r Result
	o := Options{Model: "auto", Horizon: 12, Levels: []float64{80}}
	if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	for k, f := range r.Mean {
		if want := 100 + 7*float64(len(y)+k); math.Abs(f-want) > 1e-6 {
			t.Errorf("step %d is %v, want %v", k+1, f, want)
		}
	}
}

// A member that has a forecast at one of four origins alone is assumed to err one and a half times the mean at the others. The
// mean errors are 1 and 0.01, and their mean is 0.505; (0.01 + 3·1.5·0.505)/4 = 0.570625.
func TestOneLuckyOriginIsNoProof(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	ready := paths{h: 1, data: []float64{1}}
	c := &pool{all: []candidate{{paths: ready, errors: []float64{nan, 1, 1, 1, 1}}, {paths: ready, errors: []float64{nan, 0.01, nan, nan, nan}}}}
	if near, far := c.compare(&problem{near: 5, extra: 5}, func(int) bool { return true }); near != 4 || far != 0 {
		t.Errorf("%d near and %d far origins, want 4 and 0", near, far)
	}
	for i, e := range []float64{1, 0.570625} {
		if got, want := c.all[i].relative[0], math.Log((e/0.505+0.1)/1.1); math.Abs(got-want) > 1e-12 {
			t.Errorf("member %d: relative error %v, want %v", i, got, want)
		}
	}
}
