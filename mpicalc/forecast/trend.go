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
	slope := floats.Dot(e.weights.of(len(y)), y)
	level := floats.Sum(y)/n + slope*(n-1)/2
	for k := range row {
		row[k] = level + slope*float64(k+1)
	}
	return finite(row[len(row)-1])
}

// lineWeights keeps w by the number of points: the next series has the same lengths, one for each origin, and the
// divisions take longer than the fit.
type lineWeights struct {
	last []float64 // that were asked for
	all  map[int][]float64
	size int // of all together
}

// maxWeights bounds the size of what is kept.
const maxWeights = 1 << 18

// of returns w for n points.
func (l *lineWeights) of(n int) []float64 {
	if len(l.last) == n {
		return l.last
	}
	if w, ok := l.all[n]; ok {
		l.last = w
		return w
	}
	if l.size += n; l.size > maxWeights || l.all == nil {
		l.all, l.size = make(map[int][]float64), n
	}
	w := make([]float64, n)
	centre, scale := float64(n-1)/2, float64(n)*(float64(n)*float64(n)-1)/12
	for t := range w {
		w[t] = (float64(t) - centre) / scale
	}
	l.last, l.all[n] = w, w
	return w
}
