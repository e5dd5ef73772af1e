package forecast

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// A counter at 1e12 that grows by 1 a step goes on to 1e12 + 60 and + 61. Where one unit is less than eight places of a
// float64, as at 1e15, the answer is right to the eighth of it that can be represented.
func TestALineGoesOnAtAnyOffset(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"drift", "trend", "ar", "auto"} {
		for _, offset := range []float64{0, 1e6, 1e9, 1e11, 1e12, 1e13, 1e14, 1e15, -1e12, -1e15} {
			for _, levels := range [][]float64{nil, {80}} {
				y := make([]float64, 60)
				for i := range y {
					y[i] = offset + float64(i)
				}
				var r Result
				o := Options{Model: model, Horizon: 2, Levels: levels}
				if err := New().Forecast(&r, Series{Values: y}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				// A ridge penalty of 1e-4 shrinks the steps of an autoregression a little, and logarithms of a line that
				// begins near 0 bend it: that is another model.
				tolerance := 0.05
				if offset == 0 && model == "ar" || offset == 0 && model == "auto" {
					continue
				}
				if math.Abs(r.Mean[0]-offset-60) > tolerance || math.Abs(r.Mean[1]-offset-61) > tolerance+math.Abs(offset)*2.5e-16 {
					t.Errorf("%s at %g: %v, want %v and %v", model, offset, r.Mean, offset+60, offset+61)
				}
			}
		}
	}
}

// TestForecastsMoveWithTheSeries adds one constant and another to a series that is small compared with both. The series has
// both signs, so that no model takes logarithms of it, and whole numbers, so that adding is exact.
func TestForecastsMoveWithTheSeries(t *testing.T) {
	t.Parallel()
	models := registry()
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(models).Draw(t, "model")
		base := rapid.SliceOfN(rapid.IntRange(-1000, 1000), 2, 80).Draw(t, "series")
		if slices.Min(base) == slices.Max(base) {
			base[0]++
		}
		o := Options{Model: m.Name, Horizon: 3, Seasons: []int{4}, Levels: []float64{80}}
		mm, err := NewMethod(o)
		if err != nil {
			t.Fatal(err)
		}
		at := func(offset float64) Result {
			y := make([]float64, len(base))
			for i, v := range base {
				y[i] = float64(v) + offset
			}
			var r Result
			if err := New().Forecast(&r, Series{Values: y}, mm); err != nil {
				t.Fatal(err)
			}
			for _, row := range append(slices.Concat(r.Lo, r.Hi), r.Mean, r.Average) {
				for k := range row {
					row[k] -= offset
				}
			}
			r.Floor = 0
			return r
		}
		want := at(math.Ldexp(1, rapid.IntRange(34, 36).Draw(t, "exponent")))
		got := at(-math.Ldexp(1, rapid.IntRange(37, 40).Draw(t, "other exponent")))
		// The smallest value is subtracted from both, and what is left is the same, bit for bit. Adding it again rounds.
		if diff := cmp.Diff(got, want, cmpopts.EquateApprox(0, 1e-3), cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-at one offset +at another\n%s", diff)
		}
	})
}

// Multiplying a series by a power of two multiplies its forecast, at any size of numbers.
func TestForecastsScaleWithTheSeries(t *testing.T) {
	t.Parallel()
	positive := wave(60)
	for i, e := range noise(60, 4) {
		positive[i] *= math.Exp(0.1 * e) // without noise, rounding would decide between perfect members
	}
	for _, m := range registry() {
		for name, y := range map[string][]float64{"positive": positive, "signed": signed(60, 3), "short": positive[:6]} {
			answer := func(exponent int) Result {
				scaled := make([]float64, len(y))
				for i, v := range y {
					scaled[i] = math.Ldexp(v, exponent)
				}
				var r Result
				o := Options{Model: m.Name, Horizon: 3, Seasons: []int{4}, Levels: []float64{80}}
				if err := New().Forecast(&r, Series{Values: scaled}, method(t, o)); err != nil {
					t.Fatal(err)
				}
				for _, row := range append(slices.Concat(r.Lo, r.Hi), r.Mean, r.Average, r.Errors.Data) {
					for k := range row {
						row[k] = math.Ldexp(row[k], -exponent)
					}
				}
				r.Floor = 0
				return r
			}
			want := answer(0)
			for _, exponent := range []int{-996, -300, 40, 300, 996} {
				if diff := cmp.Diff(answer(exponent), want, cmpopts.EquateApprox(1e-6, 1e-9), cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, %s times 2^%d: -got +want\n%s", m.Name, name, exponent, diff)
				}
			}
		}
	}
}

func TestWhatWasNeverNegativeStaysSo(t *testing.T) {
	t.Parallel()
	falling := make([]float64, 40)
	for i := range falling {
		falling[i] = float64(40 - i)
	}
	withZero := append(slices.Clone(falling), 0)
	// A day of counts with a night of zeros, as in a street without people.
	nights := make([]float64, 240)
	for i := range nights {
		nights[i] = math.Round(max(0, 300*math.Sin(2*math.Pi*float64(i)/24)+20*noise(1, uint64(i))[0]))
	}
	for _, m := range registry() {
		for name, c := range map[string]struct {
			y     []float64
			floor float64
		}{"falling": {falling, 0.2}, "to zero": {withZero, 0}, "nights": {nights, 0}} {
			var r, points Result
			o := Options{Model: m.Name, Horizon: 30, Seasons: []int{24}, Levels: []float64{80, 95}}
			if err := New().Forecast(&r, Series{Values: c.y}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			for _, row := range append(slices.Clone(r.Lo), slices.Concat(r.Mean, r.Average)) {
				if least := slices.Min(row); least < c.floor*(1-1e-12) {
					t.Errorf("%s, %s: %v, want at least %v", m.Name, name, least, c.floor)
				}
			}
			if math.Abs(r.Floor-c.floor) > 1e-12 {
				t.Errorf("%s, %s: floor %v, want %v", m.Name, name, r.Floor, c.floor)
			}
			o.Levels = nil
			if err := New().Forecast(&points, Series{Values: c.y}, method(t, o)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(points.Mean, r.Mean); diff != "" {
				t.Errorf("%s, %s: -without levels +with\n%s", m.Name, name, diff)
			}
		}
		var r Result
		o := Options{Model: m.Name, Horizon: 30, Seasons: []int{4}, Levels: []float64{95}}
		if err := New().Forecast(&r, Series{Values: signed(40, 1)}, method(t, o)); err != nil {
			t.Fatal(err)
		}
		if r.Lo[0][0] >= 0 || !math.IsInf(r.Floor, -1) {
			t.Errorf("%s: a series of both signs has the floor %v and begins with [%v, %v]", m.Name, r.Floor, r.Lo[0][0], r.Hi[0][0])
		}
	}
}
