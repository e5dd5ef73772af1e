package forecast

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Limits beyond which the steps of a series are not those of a random walk. Below manySteps the tests have little
// power and levels of 5 to 10 % are used, above it 1 %: of Student's t for the drift, of χ² with one and five degrees
// of freedom for autocorrelations.
const (
	leastSteps = 60
	manySteps  = 200
)

type walkLimits struct{ drift, one, five float64 }

// randomWalk reports whether the steps z(t) - z(t-1) show nothing that a forecast could use: no drift, and no
// autocorrelation at the lags 1 to 5 nor at the seasons. Prices look like that, and then no model beats the last value
// except by luck (Fama 1970, Journal of Finance 25, 383-417). A short series is never called a random walk.
func (e *Engine) randomWalk(z []float64, seasons []int) bool {
	n := len(z)
	if n < leastSteps {
		return false
	}
	limit := walkLimits{drift: 2, one: 2.7, five: 11.07}
	if n > manySteps {
		limit = walkLimits{drift: 2.6, one: 6.63, five: 15.09}
	}
	mark := e.mem.mark()
	defer e.mem.release(mark)
	steps := e.steps(z)
	mean, sd := stat.MeanStdDev(steps, nil)
	if math.Abs(mean)*math.Sqrt(float64(n-1)) > limit.drift*sd {
		return false
	}
	sum := 0.0
	for k := 1; k <= 5; k++ {
		sum += autocorrelation(steps, mean, k).square()
	}
	if sum > limit.five {
		return false
	}
	for _, m := range seasons {
		if m < n/3 && autocorrelation(steps, mean, m).square() > limit.one {
			return false
		}
	}
	return true
}

// steps returns the first differences of z, in scratch memory.
func (e *Engine) steps(z []float64) []float64 {
	d := e.mem.floats(len(z) - 1)
	for t := range d {
		d[t] = z[t+1] - z[t]
	}
	return d
}

// correlation is an autocovariance sum with its standard error under independence of signs.
type correlation struct{ sum, variance float64 }

// autocorrelation sums d(t)·d(t-k) about the mean. Its variance is Σ d(t)²·d(t-k)², which holds also when calm and
// wild times alternate, as they do in prices (Diebold 1986; Lo and MacKinlay 1989, Journal of Econometrics 40).
func autocorrelation(d []float64, mean float64, k int) (c correlation) {
	for t := k; t < len(d); t++ {
		p := (d[t] - mean) * (d[t-k] - mean)
		c.sum += p
		c.variance += p * p
	}
	return c
}

// square is about χ² with one degree of freedom when there is no correlation.
func (c correlation) square() float64 {
	if c.variance == 0 {
		return 0
	}
	return c.sum * c.sum / c.variance
}
