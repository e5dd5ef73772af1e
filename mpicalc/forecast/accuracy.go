package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// The accuracy measures of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020, International Journal of
// Forecasting 36, 54-74). Slices that are compared must have the same length; otherwise the functions panic.

// SMAPE returns the symmetric mean absolute percentage error, the mean of 200·|y-f| / (|y|+|f|), 0 to 200; a pair of
// zeros counts as 0. It is NaN for empty slices.
func SMAPE(actual, mean []float64) float64 {
	sum := 0.0
	for k, f := range pairs(actual, mean) {
		if y := actual[k]; y != 0 || f != 0 {
			sum += 200 * math.Abs(y-f) / (math.Abs(y) + math.Abs(f))
		}
	}
	return sum / float64(len(actual))
}

// MAE returns the mean absolute error; NaN for empty slices.
func MAE(actual, mean []float64) float64 {
	sum := 0.0
	for k, f := range pairs(actual, mean) {
		sum += math.Abs(actual[k] - f)
	}
	return sum / float64(len(actual))
}

// MASE returns the mean absolute scaled error: MAE divided by the mean of |x(t) - x(t-m)| over the training part x,
// with m = 1 for a series without season (Hyndman and Koehler 2006, International Journal of Forecasting 22, 679-688).
// It is NaN when x has no more than m points or never changes over a season.
func MASE(train, actual, mean []float64, m int) float64 {
	return MAE(actual, mean) / SeasonalScale(train, nil, m)
}

// SeasonalScale returns the scale of [MASE] for a series with holes: the mean of |x - x'| over all pairs of its values whose
// slots are m apart. Slots ascend, one for each value; nil means 0, 1, 2 and so on. It is NaN when there is no such pair or
// when all differences are 0.
func SeasonalScale(x []float64, slots []int64, m int) float64 {
	if m < 1 {
		return math.NaN()
	}
	sum, count, before := 0.0, 0, 0
	for k := range x {
		at := slot(slots, k)
		for before < k && slot(slots, before) < at-int64(m) {
			before++
		}
		if before < k && slot(slots, before) == at-int64(m) {
			sum += math.Abs(x[k] - x[before])
			count++
		}
	}
	if sum == 0 {
		return math.NaN()
	}
	return sum / float64(count)
}

// slot returns the slot of value k.
func slot(slots []int64, k int) int64 {
	if slots == nil {
		return int64(k)
	}
	return slots[k]
}

// OWA returns the overall weighted average of the competition, ½·(sMAPE/sMAPE₂ + MASE/MASE₂), from the averages over
// a set of series of a method and of Naive2: below 1 beats Naive2.
func OWA(smape, mase, smape2, mase2 float64) float64 {
	return (smape/smape2 + mase/mase2) / 2
}

// Coverage returns the share, 0 to 1, of the values that lie in [lo, hi]; NaN for empty slices.
func Coverage(actual, lo, hi []float64) float64 {
	inside := 0
	lo, hi = pairs(actual, lo), pairs(actual, hi)
	for k, y := range actual {
		if lo[k] <= y && y <= hi[k] {
			inside++
		}
	}
	return float64(inside) / float64(len(actual))
}

// QuantileLoss returns the mean over the quantiles and the values of 2·(y-f)·(p-[y≤f]), twice the loss of Koenker and Bassett
// (1978, Econometrica 46, 33-50) of a forecast f of the quantile with the probability p. Its minimum is at the true quantile.
// quantiles has a row for each probability. It is NaN without quantiles or values.
//
// The weighted quantile loss (WQL) of a set of series is the sum of these losses divided by the sum of |y| over all values of
// the set. With the probabilities 0.1 to 0.9 it is the one that is published for pretrained models (Ansari et al. 2024, Chronos,
// Transactions on Machine Learning Research).
func QuantileLoss(actual, probabilities []float64, quantiles [][]float64) float64 {
	if len(probabilities) != len(quantiles) {
		panic("forecast: quantiles and probabilities differ in number")
	}
	sum := 0.0
	for i, p := range probabilities {
		for k, f := range pairs(actual, quantiles[i]) {
			if miss := actual[k] - f; miss > 0 {
				sum += 2 * p * miss
			} else {
				sum -= 2 * (1 - p) * miss
			}
		}
	}
	return sum / float64(len(actual)*len(probabilities))
}

// IntervalScore returns the mean score of the intervals [lo, hi] of a level in percent: the width, and for a value outside 2/α
// times its distance, with α = 1 - level/100 (Winkler 1972, Journal of the American Statistical Association 67, 187-191;
// Gneiting and Raftery 2007, ibid. 102, 359-378). Divided by the scale of [MASE] and averaged over series it is the
// competition's MSIS. It is NaN for empty slices.
func IntervalScore(actual, lo, hi []float64, level float64) float64 {
	penalty := 2 / (1 - level/100)
	sum := 0.0
	lo, hi = pairs(actual, lo), pairs(actual, hi)
	for k, y := range actual {
		sum += hi[k] - lo[k] + penalty*(max(lo[k]-y, 0)+max(y-hi[k], 0))
	}
	return sum / float64(len(actual))
}

// pairs returns b. It panics if a and b differ in length.
func pairs(a, b []float64) []float64 {
	if len(a) != len(b) {
		panic("forecast: slices of different lengths")
	}
	return b
}

// Naive2 returns the benchmark of the competition: the last value, seasonally adjusted by classical multiplicative
// decomposition when the autocorrelation at lag m passes the competition's 90 % test and none of the seasonal indices that
// it divides by is zero, as those of count data can be. train must not be empty.
func Naive2(train []float64, h, m int) []float64 {
	n := len(train)
	mean := make([]float64, h)
	fill(mean, train[n-1])
	train = append(resize(nil, n)[:0], train...) // at an aligned address: see Engine.aligned
	centred := append(resize(nil, n)[:0], train...)
	floats.AddConst(-floats.Sum(train)/float64(n), centred)
	if !hasSeason(centred, m) {
		return mean
	}
	indices := multiplicativeIndices(train, m)
	for k := range mean {
		mean[k] = train[n-1] / indices[(n-1)%m] * indices[(n+k)%m]
	}
	if !finite(floats.Sum(mean)) {
		fill(mean, train[n-1])
	}
	return mean
}

// multiplicativeIndices returns the mean ratio of x to its centred moving average for each phase, scaled to mean 1.
func multiplicativeIndices(x []float64, m int) []float64 {
	indices, count := make([]float64, m), make([]float64, m)
	half := m / 2
	for t := half; t < len(x)-half; t++ {
		centre := floats.Sum(x[t-half : t+half+1])
		if m%2 == 0 {
			centre -= (x[t-half] + x[t+half]) / 2
		}
		if centre != 0 {
			indices[t%m] += x[t] * float64(m) / centre
			count[t%m]++
		}
	}
	for p := range indices {
		if count[p] == 0 {
			indices[p], count[p] = 1, 1
		}
	}
	floats.Div(indices, count)
	floats.Scale(float64(m)/floats.Sum(indices), indices)
	return indices
}
