package forecast_test

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"foliocast/mpicalc/forecast"
)

// FuzzForecast reads the series as the bits of its values, so that every kind of float64 occurs. It asks the first
// byte for the model, and checks the answer against what Forecast promises.
func FuzzForecast(f *testing.F) {
	seeds := [][]float64{
		{}, {1}, {1, 2}, {1, 2, 3}, {0, 0, 0, 0, 0, 0, 0, 0}, {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7},
		{1e308, -1e308, 1e308, 1e308, -1e308, 1e308, 1e308, -1e308, 1e308, 1e308},
		{5e-324, 1e-323, 5e-324, 0, 5e-324, 1e-320, 5e-324, 5e-324, 1e-310, 5e-324},
		{-1, 2, -3, 4, -5, 6, -7, 8, -9, 10, -11, 12, -13, 14}, {math.NaN()}, {1, math.Inf(1), 2},
		{1e-300, 1e300, 1e-300, 1e300, 1e-300, 1e300, 1e-300, 1e300, 1e-300, 1e300, 1e-300, 1e300},
		{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15},
		{0, 0, 0, 5, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0},
		seasonalSeries(30, 4, 1), seasonalSeries(120, 12, 2), seasonalSeries(700, 24, 3),
	}
	for _, y := range seeds {
		for m := range forecast.Models() {
			f.Add(byte(m), byte(5), byte(m%6), byte(m%2*7), bits(y))
			f.Add(byte(m), byte(185), byte(m%6), byte(m%2*7), bits(y))
		}
	}
	const day = 24 * time.Hour
	calendars := []forecast.Options{{}, {Step: time.Hour, Periods: []int{24, 168, 8766}}, {Step: 30 * time.Minute, Periods: []int{48, 336}}, {Step: day, Periods: []int{7, 365}},
		{Step: day, Periods: []int{5, 261}}, {Step: 7 * day, Periods: []int{52}}, {Step: 30 * day, Periods: []int{12}},
		{Step: 91 * day, Periods: []int{4}}, {Step: 365 * day}}
	models := forecast.Models()
	engine := forecast.New()
	f.Fuzz(func(t *testing.T, model, horizon, calendar, closed byte, data []byte) {
		o := calendars[int(calendar)%len(calendars)]
		o.Model = models[int(model)%len(models)].Name
		o.Horizon = 1 + int(horizon)%60
		o.Levels = []float64{50, 80, 95}
		if calendar > 100 {
			o.Seasons = []int{int(calendar) - 90, 7}
		}
		y := make([]float64, min(len(data)/8, 2000))
		for i := range y {
			y[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
		s := forecast.Series{Values: y}
		if n := len(y); closed > 0 && n > 2 {
			for at := 1; at < n+o.Horizon; at += 1 + int(closed)%11 {
				s.Skips = append(s.Skips, forecast.Skip{At: int32(at), Count: 1 + int32(closed)%4})
			}
			s.Ends = slices.Compact([]int{n - 1, n / 2, 1})
			s.WalkEnds, s.WalkStride = s.Ends, 1
		}
		if k := int(horizon) / 60; k > 0 && len(y) > 0 { // the values themselves, from another place on, and again
			for i := range k {
				x := make([]float64, len(y)+o.Horizon)
				for t := range x {
					x[t] = y[(i/2+1+t*t)%len(y)]
				}
				s.Regressors = append(s.Regressors, x)
			}
		}
		var answer forecast.Result
		err := engine.Forecast(&answer, s, method(t, o))
		if bad := unusable(y); bad != (err != nil) {
			t.Fatalf("unusable %v, error %v", bad, err)
		}
		if err != nil {
			if _, ok := errors.AsType[*forecast.DataError](err); !ok {
				t.Fatalf("error %T, want a DataError", err)
			}
			return
		}
		checkAnswer(t, &answer, &o)
		checkFloor(t, &answer, y)
		mean := slices.Clone(answer.Mean)
		o.Explain = true
		if err := engine.Forecast(&answer, s, method(t, o)); err != nil || !slices.Equal(answer.Mean, mean) {
			t.Fatalf("explained, the answer is %v and not %v, error %v", answer.Mean, mean, err)
		}
		checkSum(t, &answer)
	})
}

func bits(y []float64) []byte {
	var b []byte
	for _, v := range y {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func unusable(y []float64) bool {
	for _, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return true
		}
	}
	return len(y) == 0
}

// checkAnswer fails when something that Result promises does not hold.
func checkAnswer(t *testing.T, r *forecast.Result, o *forecast.Options) {
	t.Helper()
	levels := len(o.Levels)
	if len(r.Lo) == 0 && r.Note != "" {
		levels = 0
	}
	if r.Model == "" || len(r.Mean) != o.Horizon || len(r.Lo) != levels || len(r.Hi) != levels {
		t.Fatalf("model %q, %d means, %d and %d levels, note %q", r.Model, len(r.Mean), len(r.Lo), len(r.Hi), r.Note)
	}
	for k, mean := range r.Mean {
		if !isFinite(mean) {
			t.Fatalf("mean of step %d is %v", k+1, mean)
		}
		lo, hi := mean, mean
		for i := range levels {
			if !(r.Lo[i][k] <= lo) || !(r.Hi[i][k] >= hi) || !isFinite(r.Lo[i][k]) || !isFinite(r.Hi[i][k]) {
				t.Fatalf("interval %d of step %d is [%v, %v] around [%v, %v]", i, k+1, r.Lo[i][k], r.Hi[i][k], lo, hi)
			}
			lo, hi = r.Lo[i][k], r.Hi[i][k]
		}
	}
	for _, v := range r.Errors.Data {
		if math.IsInf(v, 0) {
			t.Fatalf("a rolling-origin error is %v", v)
		}
	}
	if math.IsInf(r.Skill, 0) || r.Skill < 0 {
		t.Fatalf("skill %v", r.Skill)
	}
	for _, c := range r.Coefficients {
		if !isFinite(c.Value) || math.IsInf(c.StdErr, 0) || c.StdErr < 0 {
			t.Fatalf("coefficient %+v", c)
		}
	}
	total := 0.0
	for _, m := range r.Members {
		total += m.Weight
		if m.Name == "" || !(m.Weight > 0) || math.IsInf(m.Skill, 0) {
			t.Fatalf("member %+v", m)
		}
	}
	if len(r.Members) > 0 && math.Abs(total-1) > 1e-9 {
		t.Fatalf("weights sum to %v", total)
	}
}

// checkFloor fails when the forecast of a series that was never negative, or always positive, is otherwise.
func checkFloor(t *testing.T, r *forecast.Result, y []float64) {
	t.Helper()
	least := slices.Min(y)
	if least < 0 {
		return
	}
	for _, row := range append(r.Lo, r.Mean) {
		for k, v := range row {
			if v < least/5*(1-1e-9) {
				t.Fatalf("step %d is %v after values of at least %v", k+1, v, least)
			}
		}
	}
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// checkSum checks that the parts add up to the mean, unless they overflow.
func checkSum(t *testing.T, r *forecast.Result) {
	t.Helper()
	for k, mean := range r.Mean {
		sum, size := 0.0, math.Abs(mean)
		for _, p := range r.Parts {
			sum += p.Values[k]
			size += math.Abs(p.Values[k])
		}
		if !(math.Abs(sum-mean) <= 1e-9*size) && !math.IsInf(size, 0) {
			t.Fatalf("step %d is %v, and its parts add up to %v: %v", k+1, mean, sum, r.Parts)
		}
	}
}
