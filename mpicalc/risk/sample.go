package risk

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Sample is a sample of numbers, such as losses or drawdowns, ascending and without NaN, as [NewSample] makes it. What its methods
// return does not depend on the order in which the numbers came, to the last bit.
type Sample []float64

// NewSample copies x without its NaN and sorts it.
func NewSample(x []float64) Sample {
	s := slices.DeleteFunc(slices.Clone(x), math.IsNaN)
	slices.Sort(s)
	return s
}

// Mean returns the arithmetic mean.
func (s Sample) Mean() float64 { return stat.Mean(s, nil) }

// StdDev returns the standard deviation, with n-1 in the denominator. It is NaN for fewer than two numbers.
func (s Sample) StdDev() float64 {
	if len(s) < 2 {
		return math.NaN()
	}
	return stat.StdDev(s, nil)
}

// Above returns the share of the numbers that are greater than x. Of a sample of losses, Above(0) is the probability of a loss.
func (s Sample) Above(x float64) float64 {
	return float64(len(s)-s.upTo(x)) / float64(len(s))
}

// upTo returns how many numbers are not greater than x.
func (s Sample) upTo(x float64) int {
	at, _ := slices.BinarySearchFunc(s, x, func(v, x float64) int {
		if v <= x {
			return -1
		}
		return 1
	})
	return at
}

// Quantile returns the lower quantile, inf{x : F(x) ≥ p} for the empirical distribution function F: the number at rank ⌈np⌉. It is
// a number of the sample, the least for p = 0. Of a sample of losses it is the value at risk at level p (McNeil, Frey and Embrechts
// 2015, Quantitative Risk Management, section 2.3). It panics when p is not a probability.
func (s Sample) Quantile(p float64) float64 {
	checkProbability(p)
	if len(s) == 0 {
		return math.NaN()
	}
	return s[min(max(ceil(float64(len(s))*p), 1), len(s))-1]
}

// VaR returns the value at risk of a sample of losses: [Sample.Quantile].
func (s Sample) VaR(alpha float64) float64 { return s.Quantile(alpha) }

// ES returns the expected shortfall of a sample of losses: the mean of the worst 1-α of the distribution,
//
//	ES = 1/(1-α)·∫ VaR(u) du, u from α to 1  =  VaR + 1/(n(1-α))·Σ max(x - VaR, 0)
//
// which takes a part of the scenario at the edge where n(1-α) is not an integer. Unlike the mean of the losses beyond the VaR it is
// coherent for every sample (Acerbi and Tasche 2002, Journal of Banking & Finance 26, 1487-1503; the second form is that of
// Rockafellar and Uryasev 2002, ibid., 1443-1471). It is the largest loss when n(1-α) is at most 1, and the mean for α = 0. It panics
// when alpha is not a probability.
func (s Sample) ES(alpha float64) float64 {
	q := s.Quantile(alpha)
	if len(s) == 0 {
		return q
	}
	n := len(s)
	tail := float64(n) * (1 - alpha)
	if tail <= 1 {
		return s[n-1]
	}
	excess := 0.0
	for _, x := range s[s.upTo(q):] {
		excess += x - q
	}
	return q + excess/tail
}

// CRPS returns the continuous ranked probability score of the sample as a forecast of y: ∫ (F(x) - 1[y ≤ x])² dx, in units of y, the
// absolute error for a sample of one (Matheson and Winkler 1976, Management Science 22, 1087-1096; as a sum over order statistics:
// Laio and Tamea 2007, Hydrology and Earth System Sciences 11, 1267-1277). A small sample scores worse than the distribution it was
// drawn from; compare samples of equal size.
func (s Sample) CRPS(y float64) float64 {
	n := float64(len(s))
	sum := 0.0
	for i, x := range s {
		rank := float64(i) + 0.5
		if x > y {
			rank -= n
		}
		sum -= (x - y) * rank
	}
	return 2 * sum / n / n
}

// ceil is ⌈x⌉, except that what exceeds an integer by rounding alone counts as that integer: 100·0.07 is 7.000000000000001.
func ceil(x float64) int { return int(math.Ceil(x - 1e-9)) }

func checkProbability(p float64) {
	if !(p >= 0 && p <= 1) {
		panic("risk: a level is not a probability from 0 to 1")
	}
}
