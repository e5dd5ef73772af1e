package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// volatility says how large the steps of a series are expected to be after each of its values: large steps follow large ones. It
// is the heterogeneous autoregression of Corsi (2009, Journal of Financial Econometrics 7, 174-196) on absolute steps |d|:
//
//	mean of the next h = b₀ + b₁·the last + b₂·mean of the last 5 + b₃·mean of the last 22 + b₄·mean of the last 125
//
// by least squares over the past, and shrunk to the mean as far as the fit may be chance: by the factor 1 - F⁻¹, at least 0, with
// F the statistic of the regression (James and Stein 1961, Fourth Berkeley Symposium 1, 361-379). Half a year of daily values tells the
// level that calm and restless times return to, and is left out where the series is short. What a step misses by is in proportion to what was expected
// of it, so that each counts by the inverse square of a guess of that, half way from the mean of all to that of the last 22: otherwise the
// few restless times would say what holds in calm ones. Steps may be relative to the value before them.
type volatility struct {
	sums   []float64               // sums[t] is Σ|d| over the first t steps
	mean   float64                 // of |d|
	level  float64                 // what is expected where the past is centre
	spans  []int                   // of the past steps whose means say how large the next will be
	b      [len(manySpans)]float64 // what these are multiplied by, shrunk
	centre [len(manySpans)]float64 // their means
	unread int                     // values before the first step
}

var (
	manySpans = [...]int{1, 5, 22, 125}
	fewSpans  = manySpans[:monthly+1]
)

const (
	volatilitySteps = 2000 // the last steps that are read: volatility itself changes over the years
	leastVolatility = 100  // steps that a regression needs
	monthly         = 2    // the place of the span of 22 steps
	spansInSteps    = 8    // the longest span must be contained in the steps so many times
	mostVolatile    = 4    // the largest expected step, in mean steps; the inverse is the least
)

// volatility measures the steps of p for the mean of the next h. It is nil when they show nothing, and lives in memory of e.
func (e *Engine) volatility(p *problem, h int, relative bool) *volatility {
	y := p.values
	v := &e.mem.volatility
	*v = volatility{unread: max(0, len(y)-1-volatilitySteps)}
	y = y[v.unread:]
	n := len(y) - 1
	if n < max(leastVolatility, 4*h) {
		return nil
	}
	v.sums = e.mem.floats(n + 1)
	v.sums[0] = 0
	for t, step := range y[1:] {
		step -= y[t]
		if relative {
			step /= y[t]
		}
		v.sums[t+1] = v.sums[t] + math.Abs(step)
	}
	if v.spans = manySpans[:]; n < spansInSteps*v.lags() {
		v.spans = fewSpans
	}
	if v.mean = v.sums[n] / float64(n); !(v.mean > 0) || !v.fit(e, n, h) {
		return nil
	}
	return v
}

// VolatilityRatios returns how much larger steps are expected to be now than after the first t of the given ones, t from 0 to their
// number, for the mean of the next h: by the same regression that scales the errors of walks. All are 1 where the steps show nothing.
func VolatilityRatios(steps []float64, h int) []float64 {
	e := New()
	y := e.mem.floats(len(steps) + 1)
	y[0] = 0
	floats.CumSum(y[1:], steps)
	v := e.volatility(&problem{values: y}, h, false)
	out := make([]float64, len(y))
	for t := range out {
		out[t] = v.after(len(y)) / v.after(t+1)
	}
	return out
}

// lags is how many steps say how large the next will be.
func (v *volatility) lags() int { return v.spans[len(v.spans)-1] }

// fit estimates the coefficients from n steps.
func (v *volatility) fit(e *Engine, n, h int) bool {
	defer e.mem.release(e.mem.mark())
	k := len(v.spans)
	q := e.newNormalEquations(k)
	clear(q.gram)
	var means, rows [len(manySpans) + 1]float64
	mean, row := means[:k+1], rows[:k+1]
	for t := v.lags(); t+h <= n; t++ {
		row[0] = (v.sums[t+h] - v.sums[t]) / float64(h)
		v.past(row[1:], t)
		w := 2 * v.mean / (v.mean + row[monthly+1])
		w *= w
		for i, a := range row {
			mean[i] += w * a
			for j, b := range row[i:] {
				*q.at(i, i+j) += w * a * b
			}
		}
		q.rows += w
	}
	for i := range mean {
		for j := range mean[i:] {
			*q.at(i, i+j) -= mean[i] * mean[i+j] / q.rows
		}
	}
	if !e.ridge(&q, 1e-3, v.b[:k], false, 1) {
		return false
	}
	explained, total := 0.0, *q.at(0, 0)
	for i, b := range v.b[:k] {
		explained += b * *q.at(0, i+1)
		v.centre[i] = mean[i+1] / q.rows
	}
	v.level = mean[0] / q.rows
	independent := float64(n-h+1-v.lags()) / float64(h) // the means of the next h overlap
	f := explained / float64(k) / ((total - explained) / (independent - float64(k) - 1))
	if !(f > 1) {
		return false
	}
	for i := range v.b[:k] {
		v.b[i] *= 1 - 1/f
	}
	return true
}

// past writes the means of the absolute steps of each span before t into row.
func (v *volatility) past(row []float64, t int) {
	for i, span := range v.spans {
		row[i] = (v.sums[t] - v.sums[t-span]) / float64(span)
	}
}

// after is the expected step after the first n values of the series, in mean steps.
func (v *volatility) after(n int) float64 {
	if v == nil || n-1-v.unread < v.lags() {
		return 1
	}
	var row [len(manySpans)]float64
	v.past(row[:], n-1-v.unread)
	expected := v.level
	for i, b := range v.b[:len(v.spans)] {
		expected += b * (row[i] - v.centre[i])
	}
	return min(max(expected/v.mean, 1./mostVolatile), mostVolatile)
}
