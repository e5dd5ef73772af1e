package forecast

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Errors holds rolling-origin errors, value minus forecast. Origin 0 is the latest; origin k is the same distance
// from the end in every series of the same horizon (see Origins), so that errors of several series can be added.
type Errors struct {
	Origins, Horizon int
	Data             []float64 // row-major, Origins × Horizon
}

// Row returns the errors of origin o at the steps 1 to Horizon. It shares memory with e.
func (e *Errors) Row(o int) []float64 { return e.Data[o*e.Horizon : (o+1)*e.Horizon] }

// AddScaled adds w·x to e, origin by origin. e keeps only the origins that both have; an e without memory of its own
// (Horizon 0) starts as w·x. It panics when the horizons differ.
func (e *Errors) AddScaled(w float64, x *Errors) {
	if e.Horizon == 0 {
		e.resize(x.Origins, x.Horizon)
		clear(e.Data)
	}
	if e.Horizon != x.Horizon {
		panic("forecast: errors of different horizons")
	}
	e.resize(min(e.Origins, x.Origins), e.Horizon)
	for i := range e.Data {
		e.Data[i] += w * x.Data[i]
	}
}

func (e *Errors) resize(origins, h int) {
	e.Origins, e.Horizon = origins, h
	e.Data = resize(e.Data, origins*h)
}

// measure turns the forecasts of the rolling origins into errors, skill and intervals.
func (e *Engine) measure(dst *Result, t *task, out paths) {
	origins := len(t.ends) - t.rolling
	dst.Errors.resize(origins, t.h)
	var own, naive float64
	for o := range origins {
		n := t.ends[t.rolling+o]
		row, scale := dst.Errors.Row(o), t.restate(t.rolling+o)
		for k, f := range out.row(t.rolling + o) {
			actual := t.y[n+k]
			row[k] = (actual - f) * scale
			own += math.Abs(actual - f)
			naive += math.Abs(actual - t.y[n-1])
		}
	}
	if naive > 0 && finite(own/naive) {
		dst.Skill = own / naive
	}
	if origins == 0 {
		e.guessErrors(&dst.Errors, t)
	}
	e.intervals(dst.Lo, dst.Hi, dst.Mean, &dst.Errors, e.options.Levels)
}

// restate returns what brings errors made at the level before origin o to the present level of a positive series:
// the ratio of the two, each the mean of the last season or of three values, and at most 5. Where a series grows its
// errors grow with it, and the errors of the past would otherwise make intervals for a smaller series.
func (t *task) restate(o int) float64 {
	if !t.positive() {
		return 1
	}
	span := max(t.season(), 3)
	level := func(n int) float64 { return stat.Mean(t.y[max(0, n-span):n], nil) }
	return min(max(level(len(t.y))/level(t.ends[o]), 0.2), 5)
}

// guessErrors stands in for the rolling origins that a short series does not have: the errors of the naive forecast
// from points as far apart as rolling origins, as far ahead as they reach, and from there growing like those of a random
// walk, with the root of the step. A series of one point has none, and the caller learns that from Origins == 0.
func (e *Engine) guessErrors(dst *Errors, t *task) {
	n, stride := len(t.y), originStride(t.h)
	count := min((n-2+stride)/stride, maxOrigins)
	dst.resize(count, t.h)
	for o := range count {
		last := n - 2 - o*stride
		row := dst.Row(o)
		for k := range row {
			reach := min(k+1, n-1-last)
			row[k] = (t.y[last+reach] - t.y[last]) * math.Sqrt(float64(k+1)/float64(reach))
		}
	}
}
