package forecast

// drift continues the line through the first and the last value:
//
//	ŷ(n+k) = y(n) + k·(y(n) - y(1)) / (n-1)
//
// which is the forecast of a random walk with the mean of its first differences. It needs two points.
func drift(_ *Engine, y, row []float64) {
	n := len(y)
	if n < 2 {
		return
	}
	slope := (y[n-1] - y[0]) / float64(n-1)
	for k := range row {
		row[k] = y[n-1] + float64(k+1)*slope
	}
}
