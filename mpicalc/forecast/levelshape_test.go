package forecast

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// levelShapes is a series of levels times shapes, or their sum, in which the levels and the shapes come back after as many
// periods as there are of them.
func levelShapes(n int, product bool, level []float64, shapes ...[]float64) []float64 {
	m := len(shapes[0])
	y := make([]float64, n)
	for t := range y {
		l, s := level[t/m%len(level)], shapes[t/m%len(shapes)][t%m]
		if y[t] = l + s; product {
			y[t] = l * s
		}
	}
	return y
}

func TestLevelTimesShapeGoesOn(t *testing.T) {
	t.Parallel()
	working, sunday := []float64{0.5, 1.25, 1.5, 0.75}, []float64{1.5, 0.5, 0.5, 1.5}
	week := [][]float64{working, working, working, working, working, working, sunday}
	levels := []float64{12, 11, 13, 12, 12, 9, 5}
	const n, h = 4 * 7 * 8, 4 * 7 * 2
	for _, c := range []struct {
		name    string
		y       []float64
		seasons []int
	}{
		{"one level, one shape", levelShapes(n+h, true, []float64{10}, working), []int{4}},
		{"a level that moves by a constant factor each week", levelShapes(n+h, true, levels, working), []int{4, 28}},
		{"a Sunday with a shape of its own", levelShapes(n+h, true, levels, week...), []int{4, 28}},
		{"with zeros", levelShapes(n+h, true, levels, []float64{0, 2, 2, 0}), []int{4, 28}},
		{"sums, below zero", levelShapes(n+h, false, []float64{2, 1, 3, 2, 2, -1, -3}, []float64{-1, 1, 2, -2}), []int{4, 28}},
		{"nothing but zeros", make([]float64, n+h), []int{4}},
		{"the end within a period", levelShapes(n+h, true, levels, working)[:n+h-3], []int{4, 28}},
	} {
		n := len(c.y) - h
		m := method(t, Options{Model: "level-shape", Horizon: h, Step: 6 * time.Hour, Seasons: c.seasons, Levels: []float64{80}})
		var got Result
		if err := New().Forecast(&got, Series{Values: c.y[:n]}, m); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got.Mean, c.y[n:], cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Errorf("%s, -got +want\n%s", c.name, diff)
		}
	}
}

// The weight of noise in the shape is what James and Stein take away: with no season in the data, little of it is left.
func TestNoiseIsNoShape(t *testing.T) {
	t.Parallel()
	const m, n = 12, 60
	own, raw := 0.0, 0.0
	for seed := range uint64(40) {
		y := noise(n, seed)
		f := shape{m: m, types: 1, mean: make([]float64, m)}
		f.level = make([]float64, n/m)
		errors := f.smooth(y, make([]float64, m), false)
		for _, v := range f.mean {
			raw += v * v
		}
		f.shrink(errors)
		for _, v := range f.mean {
			own += v * v
		}
	}
	if own > raw/5 {
		t.Errorf("shapes of noise have a sum of squares of %.2f, and %.2f before they are shrunk; want less than a fifth", own, raw)
	}
}
