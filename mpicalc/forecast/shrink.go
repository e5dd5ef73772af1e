package forecast

import "math"

const (
	// firstHarmonics is how many harmonics are kept when there are too few values to estimate the noise.
	firstHarmonics = 3
	// mostHarmonics bounds the cost of a season of thousands of steps, in which faster ones are noise.
	mostHarmonics = 168
)

// shrinkIndices shrinks each harmonic of the seasonal indices s(p) of period m by the share of it that noise explains:
//
//	a(j) = 2/m·Σ s(p)·sin(2πjp/m),  b(j) = 2/m·Σ s(p)·cos(2πjp/m),  j = 1..m/2
//	s(p) = Σ w(j)·(a(j)·sin(2πjp/m) + b(j)·cos(2πjp/m)),  w(j) = max(0, 1 - v/(a(j)² + b(j)²))
//
// with v = 4σ²/(N·m) the share of noise of variance σ² in a(j)² + b(j)² when an index is the mean of N values. Each of the
// 52 phases of a year of weeks is seen a few times only, but together they show a harmonic well. The indices come from
// n values, whose squared deviations from them add up to residual. With less than one and a half values a phase σ² cannot
// be estimated, and only the first harmonics are kept. Sources: Miller and Williams 2003, International Journal of
// Forecasting 19, 669-684, on shrinking seasonal factors; Wiener 1949 for w.
func (e *Engine) shrinkIndices(indices []float64, residual float64, n int) {
	m := len(indices)
	defer e.mem.release(e.mem.mark())
	raw, sine, cosine := e.mem.floats(m), e.mem.floats(m), e.mem.floats(m)
	for p := range m {
		sine[p], cosine[p] = math.Sincos(2 * math.Pi * float64(p) / float64(m))
	}
	copy(raw, indices)
	clear(indices)
	known := 2*n >= 3*m
	noise := 4 * max(residual, 0) / (float64(n-m) * float64(n))
	for j := 1; j <= min(m/2, mostHarmonics) && (known || j <= firstHarmonics); j++ {
		a, b := 0.0, 0.0
		for p, at := 0, 0; p < m; p, at = p+1, (at+j)%m {
			a += raw[p] * sine[at]
			b += raw[p] * cosine[at]
		}
		a, b = 2*a/float64(m), 2*b/float64(m)
		w := 1.0
		if known {
			w = 1 - noise/(a*a+b*b)
		}
		if 2*j == m {
			w /= 2 // the sine of this harmonic is 0 at every phase
		}
		for p, at := 0, 0; p < m && w > 0; p, at = p+1, (at+j)%m {
			indices[p] += w * (a*sine[at] + b*cosine[at])
		}
	}
}
