package forecast

import "math"

// crostonSBA is Croston's method (1972, Operational Research Quarterly 23, 289-303) for a series of zeros and positive values, with the
// correction of its bias by Syntetos and Boylan (2005, International Journal of Forecasting 21, 303-314):
//
//	ŷ(n+k) = (1-α/2)·z/q
//
// z is the size of the values that are not zero and q the number of steps from one to the next, both smoothed by α whenever such
// a value occurs. α is that of smoothingGrid with the least squared error one step ahead. It needs two values that are not zero,
// and none below.
func crostonSBA(_ *Engine, y, row []float64) {
	smoothDemand(y, row, func(y []float64, alpha float64) (forecast, squares float64) {
		var z, q float64
		since := 1.0
		for t, v := range y {
			if q > 0 {
				miss := v - (1-alpha/2)*z/q
				squares += miss * miss
			}
			switch {
			case v == 0:
				since++
				continue
			case q == 0: // the first one: the interval begins at the start of the series
				z, q = v, float64(t+1)
			default:
				z += alpha * (v - z)
				q += alpha * (since - q)
			}
			since = 1
		}
		return (1 - alpha/2) * z / q, squares
	})
}

// tsb is the method of Teunter, Syntetos and Babai (2011, European Journal of Operational Research 214, 606-615), which also sees that
// demand dies out:
//
//	ŷ(n+k) = p·z
//
// p is the probability of a value that is not zero, smoothed by α at every step, and z the size of such a value, smoothed by α whenever
// there is one. α, and what it needs, are as in crostonSBA.
func tsb(_ *Engine, y, row []float64) {
	smoothDemand(y, row, func(y []float64, alpha float64) (forecast, squares float64) {
		var z, p float64
		for t, v := range y {
			if z > 0 {
				miss := v - p*z
				squares += miss * miss
			}
			switch {
			case v > 0 && z == 0:
				z, p = v, 1/float64(t+1)
			case v > 0:
				z += alpha * (v - z)
				p += alpha * (1 - p)
			case z > 0:
				p -= alpha * p
			}
		}
		return p * z, squares
	})
}

// smoothDemand writes the forecast of the smoothing parameter with the least squared error into row.
func smoothDemand(y, row []float64, smooth func(y []float64, alpha float64) (forecast, squares float64)) {
	positive := 0
	for _, v := range y {
		if v < 0 {
			return
		}
		if v > 0 {
			positive++
		}
	}
	if positive < 2 {
		return
	}
	best, least := math.NaN(), math.Inf(1)
	for _, alpha := range smoothingGrid() {
		if f, squares := smooth(y, alpha); squares < least {
			best, least = f, squares
		}
	}
	fill(row, best)
}

// smoothingGrid spans what is usual for intermittent demand, where values are few.
func smoothingGrid() [5]float64 { return [5]float64{0.05, 0.1, 0.15, 0.2, 0.3} }
