package forecast

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// weekAndYear is a week and a year of days on a line, in noise of the given standard deviation.
func weekAndYear(n int, seed uint64, sd float64) []float64 {
	y := noise(n, seed)
	for t := range y {
		phase := 2 * math.Pi * float64(t) / 365.2425
		y[t] = 100 + 0.01*float64(t) + []float64{2, 3, 3, 2, 1, -4, -7}[t%7] + 8*math.Sin(phase) + 3*math.Cos(2*phase) + sd*y[t]
	}
	return y
}

func TestHarmonicContinuesTwoSeasons(t *testing.T) {
	t.Parallel()
	const n, h = 1200, 40
	y := weekAndYear(n+h, 1, 0)
	m := method(t, Options{Model: "harmonic", Horizon: h, Step: day, Periods: []int{7, 365}})
	var got Result
	if err := New().Forecast(&got, Series{Values: y[:n]}, m); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Seasons, []int{7, 365}) {
		t.Errorf("seasons %v, want 7 and 365", got.Seasons)
	}
	if diff := cmp.Diff(got.Mean, y[n:], cmpopts.EquateApprox(5e-3, 0)); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
}

// In noise of 1, whose mean size is √(2/π) = 0.80, both seasons are worth more than one: without the year, values move by up
// to 8 times 40/365·2π = 5.5 in 40 days.
func TestHarmonicFindsTwoSeasonsInNoise(t *testing.T) {
	t.Parallel()
	const n, h = 1200, 40
	miss := 0.0
	for seed := range uint64(5) {
		y := weekAndYear(n+h, seed, 1)
		var got Result
		m := method(t, Options{Model: "harmonic", Horizon: h, Step: day, Periods: []int{7, 365}})
		if err := New().Forecast(&got, Series{Values: y[:n]}, m); err != nil {
			t.Fatal(err)
		}
		miss += MAE(y[n:], got.Mean) / 5
	}
	if miss > 1.1 {
		t.Errorf("mean absolute error %.2f, want not much more than that of the noise, 0.80", miss)
	}
}

// A level that wanders is not forecast by the line through all of it.
func TestHarmonicFollowsTheLevel(t *testing.T) {
	t.Parallel()
	const n, h = 600, 24
	own, level := 0.0, 0.0
	for seed := range uint64(10) {
		y := walk(n+h, seed)
		for i := range y {
			y[i] += 5 * math.Sin(2*math.Pi*float64(i)/24)
		}
		var got Result
		m := method(t, Options{Model: "harmonic", Horizon: h, Step: time.Hour, Periods: []int{24, 168}})
		if err := New().Forecast(&got, Series{Values: y[:n]}, m); err != nil {
			t.Fatal(err)
		}
		own += MAE(y[n:], got.Mean)
		level += MAE(y[n:], y[n-h:n]) // the day before is the best forecast but for the last step's level
	}
	if own > level {
		t.Errorf("mean absolute error %.2f, and %.2f of the day before", own/10, level/10)
	}
}
