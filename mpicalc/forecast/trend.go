package forecast

import "gonum.org/v1/gonum/floats"

// trend continues the straight line of least squares, y = a + b·t, t = 0..n-1:
//
//	b = Σ w(t)·y(t),  w(t) = (t - (n-1)/2) / (n·(n²-1)/12),  line at n-1+k: ȳ + b·((n-1)/2 + k)
//
// The weights w depend on n alone and are shared by all series of a length, so that a fit is one sum and one dot
// product. Source: any text on regression, e.g. Draper and Smith, Applied Regression Analysis, section 1.2.
// It needs two points.
func trend(e *Engine, t *task, out paths) {
	t.each(out, func(y, row []float64) {
		if len(y) < 2 {
			return
		}
		e.line(row, y)
	})
}

// line writes the trend forecast of y, len(y) >= 2, and reports whether all of it is finite. Every value of y enters
// the sum, so a finite answer is also the proof that y holds nothing but finite numbers.
func (e *Engine) line(row, y []float64) bool {
	n := float64(len(y))
	slope := floats.Dot(e.lineWeights(len(y)), y)
	level := floats.Sum(y)/n + slope*(n-1)/2
	for k := range row {
		row[k] = level + slope*float64(k+1)
	}
	return finite(row[len(row)-1])
}

// lineWeights returns w for n points.
func (e *Engine) lineWeights(n int) []float64 {
	if len(e.weights) == n {
		return e.weights
	}
	e.weights = resize(e.weights, n)
	centre, scale := float64(n-1)/2, float64(n)*(float64(n)*float64(n)-1)/12
	for t := range e.weights {
		e.weights[t] = (float64(t) - centre) / scale
	}
	return e.weights
}
