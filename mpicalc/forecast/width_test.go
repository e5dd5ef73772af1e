package forecast

import (
	"math"
	"slices"
	"testing"
)

// oddOnes are series of equal values with a few others, which a mean error cannot describe.
func oddOnes() [][]float64 {
	var all [][]float64
	for _, base := range []float64{0, 0.1, 3.3, 1000.1, -4} {
		for _, equal := range []int{3, 4, 6, 7, 20} {
			for _, by := range []float64{0.001, 0.5, -0.2, 100} {
				y := slices.Repeat([]float64{base}, equal)
				odd := base*(1+by) + by
				all = append(all,
					append(slices.Clone(y), odd),
					append(slices.Clone(y), odd, odd, base, odd+by),
					append(append(slices.Clone(y), odd), y...))
			}
		}
	}
	return all
}

// TestIntervalsAreAsWideAsTheDataJustify bounds the intervals of oddOnes by their range. A single error e among o has the
// score o/leastUnit at most, times the mean size e/o and the ratio of Student's quantiles, which is largest for the few
// errors of the shortest series: with three degrees of freedom, t(0.975)/t(7/8) is 3.18/1.42, and 2.24·e/0.75 is 3·e to
// either side. A single horizon of three or six steps has 3/2 or 12/7 degrees of freedom, for which it is more. Where quantiles are
// values that occurred, an interval of a series that is mostly one value holds only that.
func TestIntervalsAreAsWideAsTheDataJustify(t *testing.T) {
	t.Parallel()
	e := New()
	bound := map[int]float64{1: 6.5, 2: 9, 3: 14, 6: 18}
	for _, m := range registry() {
		if m.Name == "croston-sba" {
			continue // its correction misses a constant by a share of the level, not of the range
		}
		for h := range bound {
			for _, y := range oddOnes() {
				var r Result
				if err := e.Forecast(&r, Series{Values: y}, method(t, Options{Model: m.Name, Horizon: h, Levels: []float64{80, 95}})); err != nil {
					t.Fatal(err)
				}
				size := slices.Max(y) - slices.Min(y)
				least := 1e-6 * size
				if r.Model == "empirical" || len(r.Members) > 0 && r.Members[0].Name == "empirical" {
					least = 0
				}
				for i := range 2 {
					for k := range h {
						if width := r.Hi[i][k] - r.Lo[i][k]; width > bound[h]*size || width < least {
							t.Fatalf("%s of %v at horizon %d: interval %d of step %d is [%v, %v]", m.Name, y, h, i, k+1, r.Lo[i][k], r.Hi[i][k])
						}
					}
				}
			}
		}
	}
}

// A level of 1e12 leaves no room for a thousandth of the mean step of a series that changed once, and still the series is not
// constant.
func TestALargeLevelThatChangedOnceHasAWidth(t *testing.T) {
	t.Parallel()
	e := New()
	for _, level := range []float64{1e6, 1e12, 1e15, -1e12} {
		by := math.Abs(level) * 1e-12
		for _, equal := range []int{30, 60, 200} {
			flat := slices.Repeat([]float64{level}, equal)
			for _, y := range [][]float64{append(slices.Clone(flat), level+by), append(append(slices.Clone(flat), level+by), flat...)} {
				for _, h := range []int{1, 3, 12} {
					var r Result
					if err := e.Forecast(&r, Series{Values: y}, method(t, Options{Model: "auto", Horizon: h, Levels: []float64{80, 95}})); err != nil {
						t.Fatal(err)
					}
					for i := range 2 {
						for k := range h {
							if width := r.Hi[i][k] - r.Lo[i][k]; !(width > 0 && width < 20*math.Max(by, 1)) {
								t.Fatalf("%v, %d times, changed by %v: interval %d of step %d is [%v, %v]", level, equal, by, i, k+1, r.Lo[i][k], r.Hi[i][k])
							}
						}
					}
				}
			}
		}
	}
}

// R's forecast 8.24, naive(c(3.3, 3.3, 3.3, 3.3, 3.3, 3.3, 4.95), h=1): 4.95, 80 % [4.086734, 5.813266]. It knows the
// variance of six steps; scores of six errors know less, and their interval is wider, but of the same size.
func TestSixEqualValuesAndAnotherAsInR(t *testing.T) {
	t.Parallel()
	y := []float64{3.3, 3.3, 3.3, 3.3, 3.3, 3.3, 4.95}
	for _, model := range []string{"naive", "auto"} {
		var r Result
		if err := New().Forecast(&r, Series{Values: y}, method(t, Options{Model: model, Horizon: 1, Levels: []float64{80, 95}})); err != nil {
			t.Fatal(err)
		}
		const width = 5.813266 - 4.086734
		if got := r.Hi[0][0] - r.Lo[0][0]; got < width || got > 2.5*width || r.Lo[0][0] > 4.086734 || r.Hi[0][0] < 5.813266 {
			t.Errorf("%s: 80 %% interval [%v, %v], want it around R's [4.09, 5.81] and at most 2.5 times as wide", model, r.Lo[0][0], r.Hi[0][0])
		}
	}
}

func TestOnlyALongConstantHasNoWidth(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		y     []float64
		note  bool
		point bool
	}{
		"one value":             {[]float64{5}, true, false},
		"two equal values":      {[]float64{5, 5}, true, false},
		"eighteen equal values": {slices.Repeat([]float64{5}, 18), true, false},
		"nineteen equal values": {slices.Repeat([]float64{5}, 19), false, true},
		"thirty tenths":         {slices.Repeat([]float64{0.1}, 30), false, true},
		"nineteen zeros":        {slices.Repeat([]float64{0}, 19), false, true},
		"two values":            {[]float64{5, 7}, false, false},
		"a line":                {line(60), false, false},
		"a short line":          {line(8), false, false},
		"a long flat end":       {append([]float64{1.5, 4, 2, 3}, slices.Repeat([]float64{5.5}, 100)...), false, false}, // as counts, they may be one number,
	}
	for name, c := range cases {
		for _, model := range []string{"naive", "drift", "mean", "ar", "auto"} {
			var r Result
			if err := New().Forecast(&r, Series{Values: c.y}, method(t, Options{Model: model, Horizon: 2, Levels: []float64{80, 95}})); err != nil {
				t.Fatal(err)
			}
			if (r.Note != "") != c.note || (len(r.Lo) == 0) != c.note {
				t.Errorf("%s, %s: note %q and %d intervals", name, model, r.Note, len(r.Lo))
			}
			for i := range r.Lo {
				for k := range r.Lo[i] {
					if width := r.Hi[i][k] - r.Lo[i][k]; (width == 0) != c.point || i > 0 && !c.point && width <= r.Hi[0][k]-r.Lo[0][k] && r.Lo[i][k] > r.Floor {
						t.Errorf("%s, %s: interval %d of step %d is [%v, %v]", name, model, i, k+1, r.Lo[i][k], r.Hi[i][k])
					}
				}
			}
		}
	}
}

func line(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = float64(i + 1)
	}
	return y
}

// With two values, the one known step has one degree of freedom, and the interval is Student's: 12.706 steps at 95 %, and
// 3.078 at 80 %.
func TestTwoValuesHaveStudentsInterval(t *testing.T) {
	t.Parallel()
	var r Result
	if err := New().Forecast(&r, Series{Values: []float64{-3, -5}}, method(t, Options{Model: "naive", Horizon: 1, Levels: []float64{80, 95}})); err != nil {
		t.Fatal(err)
	}
	for i, q := range []float64{3.0777, 12.7062} {
		if got := r.Hi[i][0] + 5; math.Abs(got-2*q) > 1e-3 {
			t.Errorf("half-width %v, want %v", got, 2*q)
		}
	}
	if r.Origins != 0 {
		t.Errorf("%d true origins, want none", r.Origins)
	}
}

// A series that never missed counts like one with one miss of a mean step: of four errors of 0 and one of 1, the size is 1/5
// and the top score 5/0.75. ν is 5; the quantile at 80 % has rank 4.8 of 5, and that at 95 % is the top score times
// t(0.975)/t(11/12) with five degrees of freedom, 2.5706/1.6176 (R: qt).
func TestWhatNeverMissedMayMissOnce(t *testing.T) {
	t.Parallel()
	lo, hi := resizeRows(nil, 2, 1), resizeRows(nil, 2, 1)
	e := New()
	e.predict([]float64{9}, &Errors{Origins: 4, Horizon: 1, Data: make([]float64, 4)}, 1).intervals(e, lo, hi, []float64{80, 95})
	for i, want := range []float64{0.8 * 5 / 0.75 / 5, 5 / 0.75 / 5 * 2.570582 / 1.617627} {
		if got := hi[i][0] - 9; math.Abs(got-want) > 1e-3 || math.Abs(9-lo[i][0]-want) > 1e-3 {
			t.Errorf("half-width %v, want %v", got, want)
		}
	}
}

func TestIntervalsLeaveOutWhatWasNotMeasured(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	// The same errors with and without an origin that was not measured at all: but for the effective sample size, which is
	// beyond 80 % in both, nothing changes.
	with := &Errors{Origins: 9, Horizon: 1, Data: []float64{nan, 1, -2, 3, -4, 5, -6, 7, -8}}
	without := &Errors{Origins: 8, Horizon: 1, Data: with.Data[1:]}
	lo, hi := Intervals([]float64{0}, with, []float64{80})
	wantLo, wantHi := Intervals([]float64{0}, without, []float64{80})
	if lo[0][0] != wantLo[0][0] || hi[0][0] != wantHi[0][0] {
		t.Errorf("[%v, %v], want [%v, %v]", lo[0][0], hi[0][0], wantLo[0][0], wantHi[0][0])
	}
}

// TestIntervalsOfShortSeriesCover counts how often the next value of short series lies within its intervals. 1500 series of
// 5 to 20 values; nothing covers less than it should by more than the noise of three standard errors, 0.031 and 0.017.
func TestIntervalsOfShortSeriesCover(t *testing.T) {
	t.Parallel()
	engine := New()
	signedWalk := func(n int, seed uint64) []float64 {
		y := walk(n, seed)
		for i := range y {
			y[i] -= 100
		}
		return y
	}
	for name, make := range map[string]func(int, uint64) []float64{"noise": noise, "walk": signedWalk, "walk at 100": walk} {
		for _, n := range []int{5, 6, 7, 8, 12, 20} {
			inside := [2]float64{}
			const series = 1500
			m := method(t, Options{Model: "naive", Horizon: 1, Levels: []float64{80, 95}})
			for seed := range uint64(series) {
				y := make(n+1, seed)
				var r Result
				if err := engine.Forecast(&r, Series{Values: y[:n]}, m); err != nil {
					t.Fatal(err)
				}
				for i := range inside {
					inside[i] += Coverage(y[n:], r.Lo[i], r.Hi[i]) / series
				}
			}
			if inside[0] < 0.80-0.031 || inside[1] < 0.95-0.017 {
				t.Errorf("%s of %d values: %.3f and %.3f lie within, want 0.80 and 0.95", name, n, inside[0], inside[1])
			}
		}
	}
}
