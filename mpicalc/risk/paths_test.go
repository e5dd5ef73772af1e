package risk_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/mpicalc/risk"
)

var nan = math.NaN()

func TestMeasure(t *testing.T) {
	t.Parallel()
	x := risk.Paths{Steps: 2, Data: []float64{
		101, 90,
		98, nan,
		100, 120,
		95, 96,
	}}
	// By hand: losses -1, 2, 0, 5 at the first step and 10, -20, 4 at the second.
	want := []risk.Risk{
		{4, math.Sqrt((6.25 + 0.25 + 2.25 + 12.25) / 3), 0.5, []float64{0, 5}, []float64{3.5, 5}},
		{3, math.Sqrt((144 + 324 + 36) / 2), 2.0 / 3, []float64{4, 10}, []float64{8, 10}},
	}
	got := risk.Measure(x, 100, []float64{0.5, 0.9})
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
}

func TestMeasureOfNothing(t *testing.T) {
	t.Parallel()
	if got := risk.Measure(risk.Paths{}, 1, []float64{0.9}); len(got) != 0 {
		t.Errorf("no steps have %v", got)
	}
	want := []risk.Risk{{0, nan, nan, []float64{nan}, []float64{nan}}}
	for name, x := range map[string]risk.Paths{"no scenarios": {Steps: 1}, "none measured": {Steps: 1, Data: []float64{nan}}} {
		if diff := cmp.Diff(want, risk.Measure(x, 1, []float64{0.9}), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDrawdowns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		base               float64
		path               []float64
		relative, absolute float64
	}{
		{"rises", 100, []float64{100, 101, 102}, 0, 0},
		{"falls at once", 100, []float64{90, 95, 99}, 0.1, 10},
		{"falls from a peak inside", 100, []float64{125, 100, 120, 110}, 0.2, 25},
		{"the larger share is not the larger fall", 20, []float64{10, 200, 180}, 0.5, 20},
		{"below zero", 100, []float64{-50}, 1.5, 150},
		{"returns", 0, []float64{0.02, -0.03, 0.01}, nan, 0.05},
		{"a base below zero", -1, []float64{-3, 5}, nan, 2},
		{"a step that was not measured", 100, []float64{90, nan, 80}, nan, nan},
		{"no steps", 100, nil, 0, 0},
	} {
		near(t, c.name+", relative", risk.RelativeDrawdown(c.base, c.path), c.relative, 1e-15)
		near(t, c.name+", absolute", risk.AbsoluteDrawdown(c.base, c.path), c.absolute, 1e-15)
	}
	x := risk.Paths{Steps: 2, Data: []float64{90, 95, 110, 55, nan, 1}}
	got := risk.Drawdowns(x, 100, risk.RelativeDrawdown)
	if diff := cmp.Diff([]float64{0.1, 0.5, nan}, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-15, 0)); diff != "" {
		t.Error(diff)
	}
	near(t, "mean drawdown", risk.NewSample(got).Mean(), 0.3, 1e-15)
}
