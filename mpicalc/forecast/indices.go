package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"foliocast/mpicalc/forecast/inorder"
)

// additiveIndices writes the seasonal indices s(p) of z by classical decomposition into indices, whose length is the
// period m:
//
//	c(t)   = centred moving average of z over one period m
//	s(p)   = mean of z(t) - c(t) over the t of phase p, less the mean of all phases
//	x(t)   = z(t) - s(t mod m), the seasonally adjusted series
//
// They are additive on the scale of z: for logarithms the decomposition is multiplicative. It needs two periods and
// reports false with fewer. Indices of a long period are shrunk, see shrinkIndices. Source: Persons 1919, Review of
// Economic Statistics 1, 5-107; Kendall and Stuart 1983, volume 3, chapter 46.
func (e *Engine) additiveIndices(indices, z []float64) bool {
	squares, n, ok := e.decompose(indices, z)
	if ok && len(indices) > longPeriod {
		e.shrinkIndices(indices, squares, n)
	}
	return ok
}

// decompose is additiveIndices before the indices are shrunk. It returns the sum of the squared deviations of the values from
// the indices and the moving average, and the number of the values.
func (e *Engine) decompose(indices, z []float64) (squares float64, values int, ok bool) {
	m, n := len(indices), len(z)
	half := m / 2
	if n < 2*m || n < 2*half+m {
		return 0, 0, false
	}
	defer e.mem.release(e.mem.mark())
	count := e.mem.floats(m)
	clear(indices)
	clear(count)
	window := floats.Sum(z[:m])
	for t := half; t < n-half; t++ {
		centre := window / float64(m)
		if m%2 == 0 {
			centre += (z[t+half] - z[t-half]) / float64(2*m)
		}
		d := z[t] - centre
		indices[t%m] += d
		count[t%m]++
		squares += d * d
		if next := t - half + m; next < n {
			window += z[next] - z[t-half]
		}
	}
	floats.Div(indices, count)
	for p, s := range indices {
		squares -= count[p] * s * s
	}
	floats.AddConst(-floats.Sum(indices)/float64(m), indices)
	return squares, n - 2*half, true
}

// hasSeason is the test of the M3 and M4 competitions for a season of period m in z: whether the autocorrelation at lag m
// lies outside Bartlett's 90 % limits, 1.645·√((1 + 2·Σ r(k)², k < m)/n). It needs three periods.
func hasSeason(z []float64, m int) bool {
	n := len(z)
	if m < 2 || n < 3*m {
		return false
	}
	centre := inorder.Sum(z) / float64(n)
	covariance := func(k int) float64 {
		head, tail := z[:n-k], z[k:]
		return inorder.Dot(head, tail) - centre*(inorder.Sum(head)+inorder.Sum(tail)) + float64(n-k)*centre*centre
	}
	variance := covariance(0)
	if variance <= 0 {
		return false
	}
	limit := 1.0
	for k := 1; k < m; k++ {
		r := covariance(k) / variance
		limit += 2 * r * r
	}
	return math.Abs(covariance(m)/variance) > 1.645*math.Sqrt(limit/float64(n))
}
