package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// volatility says how large the steps of a series are expected to be after each of its values: large steps follow large ones. It
// is the heterogeneous autoregression of Corsi (2009, Journal of Financial Econometrics 7, 174-196) on absolute steps |d|:
//
//	mean of the next h = b₀ + b₁·the last + b₂·mean of the last 5 + b₃·mean of the last 22
//
// by least squares over the past, and shrunk to the mean as far as the fit may be chance: by the factor 1 - F⁻¹, at least 0, with
// F the statistic of the regression (James and Stein 1961, Fourth Berkeley Symposium 1, 361-379). Steps may be
// relative to the value before them.
type volatility struct {
	sums   []float64  // sums[t] is Σ|d| over the first t steps
	mean   float64    // of |d|
	b      [3]float64 // b₁ to b₃, shrunk
	centre [3]float64 // the means of what they multiply
	unread int        // values before the first step
}

const (
	volatilitySteps = 2000 // the last steps that are read: volatility itself changes over the years
	leastVolatility = 100  // steps that a regression needs
	volatilityLags  = 22   // steps that say how large the next will be
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

// fit estimates the coefficients from n steps.
func (v *volatility) fit(e *Engine, n, h int) bool {
	defer e.mem.release(e.mem.mark())
	q := e.newNormalEquations(3)
	clear(q.gram)
	var mean, row [4]float64
	for t := volatilityLags; t+h <= n; t++ {
		row[0] = (v.sums[t+h] - v.sums[t]) / float64(h)
		v.past(row[1:], t)
		for i, a := range row {
			mean[i] += a
			for j, b := range row[i:] {
				*q.at(i, i+j) += a * b
			}
		}
		q.rows++
	}
	for i := range mean {
		for j := range mean[i:] {
			*q.at(i, i+j) -= mean[i] * mean[i+j] / q.rows
		}
	}
	if !e.ridge(&q, 1e-3, v.b[:], false, 1) {
		return false
	}
	explained, total := 0.0, *q.at(0, 0)
	for i, b := range v.b {
		explained += b * *q.at(0, i+1)
		v.centre[i] = mean[i+1] / q.rows
	}
	independent := q.rows / float64(h) // the means of the next h overlap
	f := explained / 3 / ((total - explained) / (independent - 4))
	if !(f > 1) {
		return false
	}
	for i := range v.b {
		v.b[i] *= 1 - 1/f
	}
	return true
}

// past writes the last absolute step before t and the means of the last 5 and 22 into row.
func (v *volatility) past(row []float64, t int) {
	for i, span := range [...]int{1, 5, 22} {
		row[i] = (v.sums[t] - v.sums[max(t-span, 0)]) / float64(span)
	}
}

// after is the expected step after the first n values of the series, in mean steps.
func (v *volatility) after(n int) float64 {
	if v == nil || n-1-v.unread < volatilityLags {
		return 1
	}
	t := n - 1 - v.unread
	var row [3]float64
	v.past(row[:], t)
	expected := v.mean
	for i, b := range v.b {
		expected += b * (row[i] - v.centre[i])
	}
	return min(max(expected/v.mean, 1./mostVolatile), mostVolatile)
}
