package forecast

import "math"

// differences returns the first differences of z, in scratch memory.
func (e *Engine) differences(z []float64) []float64 {
	d := e.mem.floats(len(z) - 1)
	for t := range d {
		d[t] = z[t+1] - z[t]
	}
	return d
}

// correlation is a sum of products about the mean with its variance under independence of signs.
type correlation struct{ sum, variance float64 }

// autocorrelation sums d(t)·d(t-k) about the mean. Its variance is Σ d(t)²·d(t-k)², which also holds when the volatility of
// d changes with time, as that of prices does (Diebold 1986; Lo and MacKinlay 1989, Journal of Econometrics 40).
func autocorrelation(d []float64, mean float64, k int) (c correlation) {
	for t := k; t < len(d); t++ {
		p := (d[t] - mean) * (d[t-k] - mean)
		c.sum += p
		c.variance += p * p
	}
	return c
}

// t is about standard normal when there is no correlation.
func (c correlation) t() float64 {
	if c.variance == 0 {
		return 0
	}
	return c.sum / math.Sqrt(c.variance)
}

// chiSquare is about χ² with one degree of freedom when there is no correlation.
func (c correlation) chiSquare() float64 {
	if c.variance == 0 {
		return 0
	}
	return c.sum * c.sum / c.variance
}
