package forecast

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// signed is a season of four in noise around zero, so that errors are not scaled to a level.
func signed(n int, seed uint64) []float64 {
	y := noise(n, seed)
	for i := range y {
		y[i] = 0.2*y[i] + []float64{3, -1, 2, -4}[i%4]
	}
	return y
}

func TestEndsChangeNeitherForecastNorIntervals(t *testing.T) {
	t.Parallel()
	const n, h = 90, 4
	// Rolling origins of horizon 4 are one step apart, the latest at 86: two before it, two among them, and one after the
	// earliest, which Origins puts at 47.
	ends := []int{89, 87, 80, 60, 46, 5, 1}
	// With empty slots, the origin at 89 has the longest way to go.
	skips := []Skip{{At: 7, Count: 1}, {At: 30, Count: 2}, {At: 50, Count: 9}, {At: 90, Count: 1}, {At: 91, Count: 3}}
	for i, m := range slices.Concat(registry(), registry()) {
		if i == len(registry()) {
			skips = nil
		}
		for _, seasons := range [][]int{{4}, {1}} {
			o := Options{Model: m.Name, Horizon: h, Seasons: seasons, Levels: []float64{80, 95}}
			var want, got, points Result
			y := signed(n, 5)
			if err := New().Forecast(&want, Series{Values: y, Skips: skips}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			if err := New().Forecast(&got, Series{Values: y, Skips: skips, Ends: ends}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			o.Levels = nil
			if err := New().Forecast(&points, Series{Values: y, Skips: skips}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(points.Mean, want.Mean); diff != "" {
				t.Errorf("%s, season %v: -without levels +with\n%s", m.Name, seasons, diff)
			}
			o.Levels = []float64{80, 95}
			if diff := cmp.Diff(got, want, cmpopts.IgnoreFields(Result{}, "Errors"), cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, season %v: -with ends +without\n%s", m.Name, seasons, diff)
			}
			if got.Errors.Origins != len(ends) || want.Origins != Origins(n, h) {
				t.Fatalf("%s: errors at %d origins, want %d; %d rolling origins, want %d", m.Name, got.Errors.Origins, len(ends), want.Origins, Origins(n, h))
			}
			for i, end := range ends {
				row := got.Errors.Row(i)
				if k := n - h - end; k >= 0 && k < want.Origins {
					if diff := cmp.Diff(row, want.Errors.Row(k)); diff != "" {
						t.Errorf("%s: origin %d -asked for +of the rule\n%s", m.Name, end, diff)
					}
				}
				for k, v := range row {
					if math.IsNaN(v) != (end+k >= n) {
						t.Errorf("%s: the error at origin %d and step %d is %v", m.Name, end, k+1, v)
					}
				}
			}
			if err := New().Forecast(&got, Series{Values: y, Ends: []int{}}, method(t, o)); err != nil || got.Errors.Origins != 0 {
				t.Errorf("%s: %d errors (%v) although none are wanted", m.Name, got.Errors.Origins, err)
			}
		}
	}
}

func TestErrorsAtEndsAreThoseOfTheFormula(t *testing.T) {
	t.Parallel()
	var got Result
	o := Options{Model: "drift", Horizon: 2, Levels: []float64{80}}
	// From 1, 4 the line goes to 7 and 10, and 5, -2 follow; from 1, 4, 5 it goes to 7; one value has no line.
	if err := New().Forecast(&got, Series{Values: []float64{1, 4, 5, -2}, Ends: []int{3, 2, 1}}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	want := Errors{Origins: 3, Horizon: 2, Data: []float64{-9, math.NaN(), -2, -12, 3, 4}}
	if diff := cmp.Diff(got.Errors, want, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
}

// TestErrorsAtEndsHaveNotSeenWhatFollows changes the values after an origin that was asked for.
func TestErrorsAtEndsHaveNotSeenWhatFollows(t *testing.T) {
	t.Parallel()
	const n, h = 90, 4
	skips := []Skip{{At: 7, Count: 1}, {At: 30, Count: 2}, {At: 45, Count: 1}, {At: 89, Count: 1}, {At: 91, Count: 1}}
	for i, m := range slices.Concat(registry(), registry()) {
		if i == len(registry()) {
			skips = nil
		}
		for _, end := range []int{88, 44} {
			if m.can.has(combines) && end < n-2*h {
				continue // it has the weights of the forecast, as rolling origins so early have
			}
			o := Options{Model: m.Name, Horizon: h, Seasons: []int{4}, Levels: []float64{80}}
			made := func(change float64) []float64 {
				y := signed(n, 5)
				for i := end; i < n; i++ {
					y[i] += change * float64(1-2*(i%2))
				}
				var r Result
				if err := New().Forecast(&r, Series{Values: y, Skips: skips, Ends: []int{end}}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				var row []float64
				for k, v := range r.Errors.Row(0) {
					if !math.IsNaN(v) {
						row = append(row, y[end+k]-v)
					}
				}
				return row
			}
			seen := 1e-7
			if m.can.has(combines) {
				seen = 5e-2 // the evidence for a season is that of all values, as the season itself
			}
			if diff := cmp.Diff(made(1), made(0), cmpopts.EquateApprox(seen, seen)); diff != "" {
				t.Errorf("%s: the forecast from %d saw what follows\n%s", m.Name, end, diff)
			}
		}
	}
}

func TestALongSeriesHasNoErrorsAtUnreadEnds(t *testing.T) {
	t.Parallel()
	const n = MaxPoints + 100
	var got Result
	o := Options{Model: "ar", Horizon: 1, Levels: []float64{80}}
	ends := []int{n - 1, n - 70, 101, 100, 50}
	if err := New().Forecast(&got, Series{Values: noise(n, 1), Ends: ends}, method(t, o)); err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Errors.Data {
		if math.IsNaN(v) != (ends[i] <= 100) {
			t.Errorf("the error at origin %d is %v", ends[i], v)
		}
	}
}

func TestForecastPanicsOnSkipsAndEndsThatAreNone(t *testing.T) {
	t.Parallel()
	y := []float64{1, 2, 3}
	for name, s := range map[string]Series{
		"an end after the series":  {Values: y, Ends: []int{3}},
		"an end before it":         {Values: y, Ends: []int{0}},
		"ends that ascend":         {Values: y, Ends: []int{1, 2}},
		"a skip of nothing":        {Values: y, Skips: []Skip{{At: 1}}},
		"a skip before the series": {Values: y, Skips: []Skip{{At: 0, Count: 1}}},
		"skips that descend":       {Values: y, Skips: []Skip{{At: 2, Count: 1}, {At: 1, Count: 1}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			m := method(t, Options{Model: "naive", Horizon: 1, Levels: []float64{80}})
			if err := New().Forecast(new(Result), s, m); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}()
	}
}
