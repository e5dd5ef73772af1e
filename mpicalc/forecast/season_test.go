package forecast

import (
	"math"
	"slices"
	"testing"
	"time"
)

// yearOfWeeks is a season of 52 points, ±1, in noise of the given standard deviation.
func yearOfWeeks(n int, seed uint64, sd float64) []float64 {
	y := noise(n, seed)
	for t := range y {
		y[t] = 10 + math.Sin(2*math.Pi*float64(t)/52) + sd*y[t]
	}
	return y
}

func TestAutoKeepsTheYearlySeasonOfShortWeeklySeries(t *testing.T) {
	t.Parallel()
	const n, h = 100, 13
	engine, m := New(), method(t, Options{Model: "auto", Horizon: h, Step: 7 * day, Periods: []int{52}})
	own, naive := 0.0, 0.0
	for seed := range uint64(30) {
		y := yearOfWeeks(n+h, seed, 0.3)
		var got Result
		if err := engine.Forecast(&got, Series{Values: y[:n]}, m); err != nil {
			t.Fatal(err)
		}
		for k, f := range got.Mean {
			own += math.Abs(y[n+k] - f)
			naive += math.Abs(y[n+k] - y[n-1])
		}
	}
	// Noise of 0.3 alone costs 0.24 a step, naive about 0.8: the season moves by up to 2.
	if own > 0.6*naive {
		t.Errorf("mean absolute error is %.2f times that of naive, want at most 0.6", own/naive)
	}
}

func TestHarmonicKnowsTheLengthOfTheYear(t *testing.T) {
	t.Parallel()
	const n, h = 2000, 52
	y := noise(n+h, 1)
	for i := range y {
		y[i] = 10 + math.Sin(2*math.Pi*float64(i)/(365.2425/7)) + 0.1*y[i]
	}
	miss := func(step time.Duration) float64 {
		var got Result
		o := Options{Model: "harmonic", Horizon: h, Step: step, Seasons: []int{52}}
		if err := New().Forecast(&got, Series{Values: y[:n]}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		return MAE(y[n:], got.Mean)
	}
	// The mean size of the noise is 0.1·√(2/π) = 0.08. Years of 52 weeks drift off by 3.4 weeks in the 1000 that are used.
	if weeks, steps := miss(7*day), miss(0); weeks > 0.09 || steps < 0.1 {
		t.Errorf("mean absolute error %.3f with weeks of a year, %.3f with steps, want below 0.09 and above 0.1", weeks, steps)
	}
}

// sine is a day of m steps on a level of 60, in noise of a standard deviation of 0.3.
func sine(n, m int, seed uint64) []float64 {
	y := noise(n, seed)
	for i := range y {
		y[i] = 60 + 12*math.Sin(2*math.Pi*float64(i)/float64(m)) + 0.3*y[i]
	}
	return y
}

// The calendar says how many steps a day has, and the data that they have days. The mean size of the noise is 0.3·√(2/π) =
// 0.24, and that of "as yesterday" √2 times as much.
func TestAutoKnowsTheDayOfShortSteps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		days    int
		step    time.Duration
		periods []int
		seasons []int
	}{
		"20 days of five minutes": {20, 5 * time.Minute, []int{288, 2016}, []int{288}},
		"3 days of five minutes":  {3, 5 * time.Minute, []int{288, 2016}, []int{288}},
		"5 days of a minute":      {5, time.Minute, []int{1440, 10080}, []int{1440}},
		"25 days of 15 minutes":   {25, 15 * time.Minute, []int{96, 672}, []int{96}},
	} {
		m, h := c.periods[0], 144
		y := sine(c.days*m+h, m, 7)
		var r Result
		o := Options{Model: "auto", Horizon: h, Step: c.step, Periods: c.periods}
		if err := New().Forecast(&r, Series{Values: y[:c.days*m]}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.Seasons, c.seasons) {
			t.Errorf("%s: seasons %v, want %v", name, r.Seasons, c.seasons)
		}
		if miss := MAE(y[c.days*m:], r.Mean); miss > 0.34 {
			t.Errorf("%s: mean absolute error %.3f, want less than as yesterday, 0.34", name, miss)
		}
	}
	// A smooth day is no season of an hour or a minute.
	for name, o := range map[string]Options{
		"ten minutes":     {Step: 10 * time.Minute, Periods: []int{6, 144, 1008}},
		"half-minutes":    {Step: 30 * time.Second, Periods: []int{2, 120, 2880, 20160}},
		"seconds of hour": {Step: time.Second, Periods: []int{60, 3600, 86400}},
	} {
		m := o.Periods[len(o.Periods)-2]
		if got := New().findSeasons(sine(5*m, m, 3), &o).periods; !slices.Equal(got, []int{m}) {
			t.Errorf("%s: seasons %v, want %v", name, got, m)
		}
	}
	// Without a day in the data, there is none.
	var r Result
	o := Options{Model: "auto", Horizon: 12, Step: 5 * time.Minute, Periods: []int{288, 2016}}
	if err := New().Forecast(&r, Series{Values: walk(2000, 1)}, method(t, o)); err != nil || len(r.Seasons) > 0 {
		t.Errorf("a walk has the seasons %v (%v)", r.Seasons, err)
	}
}

func TestAYearIsLongInTimeToo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m    int
		step time.Duration
		want bool
	}{{365, 0, true}, {365, day, true}, {261, day, true}, {52, 7 * day, false}, {288, 5 * time.Minute, false}, {1440, time.Minute, false}, {288, 0, true}} {
		if got := (&Options{Step: c.step}).isAnnual(c.m); got != c.want {
			t.Errorf("%d steps of %v: annual %v, want %v", c.m, c.step, got, c.want)
		}
	}
}

// Seasons may be named that are longer than the series: nothing is known of them.
func TestSeasonsLongerThanTheSeries(t *testing.T) {
	t.Parallel()
	y := make([]float64, 120)
	for i := range y {
		y[i] = 10 + math.Sin(2*math.Pi*float64(i)/24) + 0.1*float64(i%7)
	}
	for _, m := range Models() {
		for _, seasons := range [][]int{{24, 168, 720, 8760}, {720, 8760}, {8760}, {120, 121}} {
			for n := 1; n <= len(y); n += 17 {
				var got Result
				if err := New().Forecast(&got, Series{Values: y[:n]}, method(t, Options{Model: m.Name, Horizon: 3, Step: time.Hour, Seasons: seasons, Levels: []float64{80}})); err != nil {
					t.Errorf("%s, seasons %v, %d values: %v", m.Name, seasons, n, err)
				}
			}
		}
	}
}
