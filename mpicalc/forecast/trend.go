package forecast

import "foliocast/mpicalc/forecast/inorder"

// trend continues the straight line of least squares, y = a + b·t, t = 0..n-1:
//
//	b = Σ w(t)·y(t),  w(t) = (t - (n-1)/2) / (n·(n²-1)/12),  line at n-1+k: ȳ + b·((n-1)/2 + k)
//
// The weights w depend on n alone and are shared by all series of a length, so that a fit is one sum and one dot
// product. Source: any text on regression, e.g. Draper and Smith, Applied Regression Analysis, section 1.2.
// It needs two points.
func trend(e *Engine, y, row []float64) {
	if len(y) < 2 {
		return
	}
	n := float64(len(y))
	sum, slope := inorder.SumDot(e.lines.weights(len(y)), y)
	level := sum/n + slope*(n-1)/2
	for k := range row {
		row[k] = level + slope*float64(k+1)
	}
}

// lineWeights caches w by the number of points: the next series has the same lengths, one for each origin, and the divisions
// take longer than the fit. The weights of long series are not kept: their origins alone would fill the cache.
type lineWeights struct {
	last []float64 // of the last call
	all  map[int][]float64
	size int       // values in all
	long []float64 // of the last long series
}

const (
	maxWeights  = 1 << 18 // the most values that are kept
	longWeights = 1 << 15 // a longer series is long
)

// weights returns w for n points, which are valid until the next call.
func (l *lineWeights) weights(n int) []float64 {
	if len(l.last) == n {
		return l.last
	}
	if w, ok := l.all[n]; ok {
		l.last = w
		return w
	}
	w := l.room(n)
	centre, scale := float64(n-1)/2, float64(n)*(float64(n)*float64(n)-1)/12
	for t := range w {
		w[t] = (float64(t) - centre) / scale
	}
	l.last = w
	return w
}

// room returns n values for weights that are not known yet.
func (l *lineWeights) room(n int) []float64 {
	if n > longWeights {
		l.long = resize(l.long, n)
		return l.long
	}
	if l.size += n; l.size > maxWeights || l.all == nil {
		l.all, l.size = make(map[int][]float64), n
	}
	w := make([]float64, n)
	l.all[n] = w
	return w
}
