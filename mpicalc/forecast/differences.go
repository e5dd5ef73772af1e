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
	now := d[min(k, len(d)):]
	past := d[:len(now)]
	var other correlation // of every second product: one sum would wait for each of its additions
	for t := 1; t < len(now); t += 2 {
		p, q := (now[t-1]-mean)*(past[t-1]-mean), (now[t]-mean)*(past[t]-mean)
		c.sum += p
		c.variance += p * p
		other.sum += q
		other.variance += q * q
	}
	if last := len(now) - 1; last >= 0 && last%2 == 0 {
		p := (now[last] - mean) * (past[last] - mean)
		c.sum += p
		c.variance += p * p
	}
	return correlation{c.sum + other.sum, c.variance + other.variance}
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
