package forecast

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// The test for a random walk has little power for short series, so up to longTestPoints its levels are 5 to 10 %; above that
// the level is 1 %.
const (
	minTestPoints  = 60 // a shorter series is not tested
	longTestPoints = 200
)

// criticalValues are those of Student's t for the drift, and of χ² with one and five degrees of freedom for
// autocorrelations.
type criticalValues struct{ drift, one, five float64 }

// isRandomWalk tests whether the first differences z(t) - z(t-1) show nothing that a forecast could use: no drift, and no
// autocorrelation at the lags 1 to 5 nor at the seasons. Prices look like that, and then no model beats the last value
// except by luck (Fama 1970, Journal of Finance 25, 383-417). A short series is never called a random walk.
func (e *Engine) isRandomWalk(z []float64, seasons []int) bool {
	n := len(z)
	if n < minTestPoints {
		return false
	}
	critical := criticalValues{drift: 2, one: 2.7, five: 11.07}
	if n > longTestPoints {
		critical = criticalValues{drift: 2.6, one: 6.63, five: 15.09}
	}
	defer e.mem.release(e.mem.mark())
	d := e.differences(z)
	mean, sd := stat.MeanStdDev(d, nil)
	if math.Abs(mean)*math.Sqrt(float64(n-1)) > critical.drift*sd {
		return false
	}
	sum := 0.0
	for k := 1; k <= 5; k++ {
		sum += autocorrelation(d, mean, k).chiSquare()
	}
	if sum > critical.five {
		return false
	}
	for _, m := range seasons {
		if m < n/3 && autocorrelation(d, mean, m).chiSquare() > critical.one {
			return false
		}
	}
	return true
}

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

// chiSquare is about χ² with one degree of freedom when there is no correlation.
func (c correlation) chiSquare() float64 {
	if c.variance == 0 {
		return 0
	}
	return c.sum * c.sum / c.variance
}
