package forecast

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Every smoother continues two exact seasons on a level: none of them has to know more than the shortest.
func TestSmoothersContinueEverySeason(t *testing.T) {
	t.Parallel()
	const h = 60
	hours := make([]float64, 24*7*6+h)
	for i := range hours {
		hours[i] = 20 + 5*math.Sin(2*math.Pi*float64(i)/24)
		if day := i / 24 % 7; day > 4 {
			hours[i] -= 3 + 2*math.Sin(2*math.Pi*float64(i)/24)
		}
	}
	days := make([]float64, 1200+h)
	for i := range days {
		phase := 2 * math.Pi * float64(i) / 365.2425
		days[i] = 40 + []float64{2, 3, 3, 2, 1, -4, -7}[i%7] + 8*math.Sin(phase) + 3*math.Cos(2*phase)
	}
	year := make([]float64, 1200+h)
	for i := range year {
		year[i] = 20 + 8*math.Sin(2*math.Pi*float64(i)/365.2425)
	}
	levels := func(y []float64) []float64 { // the same about 0, where there are no logarithms
		out := make([]float64, len(y))
		for i, v := range y {
			out[i] = v - 25
		}
		return out
	}
	for _, c := range []struct {
		name      string
		y         []float64
		o         Options
		tolerance float64
	}{
		{"day and week", levels(hours), Options{Step: time.Hour, Periods: []int{24, 168}}, 0.01},
		{"week and year", levels(days), Options{Step: day, Periods: []int{7, 365}}, 0.05},
		{"year", levels(year), Options{Step: day, Periods: []int{7, 365}}, 0.05},
	} {
		for _, model := range []string{"theta", "theta-dynamic", "damped", "holt-winters"} {
			c.o.Model, c.o.Horizon = model, h
			n := len(c.y) - h
			var got Result
			if err := New().Forecast(&got, Series{Values: c.y[:n]}, method(t, c.o)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got.Mean, c.y[n:], cmpopts.EquateApprox(0, c.tolerance)); diff != "" {
				t.Errorf("%s, %s: -got +want\n%s", model, c.name, diff)
			}
		}
	}
}

// A level that wanders makes waves of its own. Least squares alone take them for a year; with correlated errors they do less so.
func TestAnnualCycleOfAWalk(t *testing.T) {
	t.Parallel()
	const n = 1500
	own, plain := 0.0, 0.0
	for seed := range uint64(20) {
		y := walk(n, seed)
		e := New()
		p := &problem{options: &Options{Step: day}, h: 1, seasons: []int{7, 365}}
		c := e.newAnnualCycle(p, 365, y)
		c.fit(e, n)
		for i := range n {
			own += math.Abs(c.at(i)) / n / 20
		}
		beta := make([]float64, 1+c.terms)
		c.regress(e, len(c.means), 0, beta, true)
		copy(c.beta, beta[1:])
		for i := range n {
			plain += math.Abs(c.at(i)) / n / 20
		}
	}
	if own > 0.8*plain {
		t.Errorf("walks have cycles of a mean size of %.2f, and of %.2f by least squares; want a fifth less at least", own, plain)
	}
}

func TestAYearOfHoursIsNoLag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step    time.Duration
		seasons []int
		longest int
	}{{time.Hour, []int{24, 168, 8766}, 169}, {time.Hour, []int{24, 168}, 169}, {day, []int{7, 365}, 366}} {
		p := &problem{options: &Options{Step: c.step}, seasons: c.seasons, y: make([]float64, 10_000)}
		r, ok := seasonalLags(New(), p)
		if got := r.lags[len(r.lags)-1]; !ok || got != c.longest {
			t.Errorf("seasons %v: the longest lag is %d, want %d", c.seasons, got, c.longest)
		}
	}
}
