package risk

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Test is the outcome of a test: its statistic, and the p-value of the hypothesis that the forecasts were right.
type Test struct{ Statistic, P float64 }

// Exceptions tells for each day, in order of time, whether the loss exceeded its value at risk. Days on which either is NaN are left out. It
// panics when their numbers differ.
func Exceptions(losses, vars []float64) []bool {
	if len(losses) != len(vars) {
		panic("risk: losses and values at risk differ in number")
	}
	hits := make([]bool, 0, len(losses))
	for t, x := range losses {
		if !math.IsNaN(x) && !math.IsNaN(vars[t]) {
			hits = append(hits, x > vars[t])
		}
	}
	return hits
}

// UnconditionalCoverage tests whether exceptions are as frequent as 1-α, by the likelihood ratio of the proportion of failures (Kupiec 1995,
// Journal of Derivatives 3(2), 73-84). The paper compares it with the χ² distribution with one degree of freedom, whose 5 % limit is
// 3.84; P is exact instead, by the binomial distribution, since exceptions are few. It takes the days to be independent, which
// overlapping horizons are not. It panics when alpha is not strictly between 0 and 1; without days both numbers are NaN.
func UnconditionalCoverage(hits []bool, alpha float64) Test {
	checkInside(alpha)
	n, count := len(hits), countTrue(hits)
	if n == 0 {
		return Test{math.NaN(), math.NaN()}
	}
	test := Test{Statistic: failureRatio(n, count, 1-alpha)}
	binomial := distuv.Binomial{N: float64(n), P: 1 - alpha}
	for k := range n + 1 {
		if failureRatio(n, k, 1-alpha) >= test.Statistic*(1-1e-12) {
			test.P += binomial.Prob(float64(k))
		}
	}
	test.P = min(test.P, 1)
	return test
}

// failureRatio is twice the logarithm of the likelihood ratio of the observed share to p, of count of n.
func failureRatio(n, count int, p float64) float64 {
	x, rest := float64(count), float64(n-count)
	share := x / float64(n)
	return max(2*(timesLog(x, share/p)+timesLog(rest, (1-share)/(1-p))), 0)
}

// Independence tests whether an exception makes another on the next day more or less likely, against a Markov chain of first order
// (Christoffersen 1998, International Economic Review 39, 841-862). P is by the χ² distribution with one degree of freedom, which is
// coarse with few exceptions. Both numbers are NaN for fewer than two days.
func Independence(hits []bool) Test {
	if len(hits) < 2 {
		return Test{math.NaN(), math.NaN()}
	}
	var n [2][2]float64 // from a day without or with an exception to one without or with
	for t, hit := range hits[1:] {
		n[index(hits[t])][index(hit)]++
	}
	none, some := n[0][0]+n[1][0], n[0][1]+n[1][1]
	statistic := 0.0
	for _, row := range n {
		all := row[0] + row[1]
		statistic += timesLog(row[0], row[0]/all) + timesLog(row[1], row[1]/all)
	}
	statistic -= timesLog(none, none/(none+some)) + timesLog(some, some/(none+some))
	return chiSquared(max(2*statistic, 0), 1)
}

// ConditionalCoverage tests both at once: the sum of the two statistics, by the χ² distribution with two degrees of freedom (Christoffersen
// 1998).
func ConditionalCoverage(hits []bool, alpha float64) Test {
	return chiSquared(UnconditionalCoverage(hits, alpha).Statistic+Independence(hits).Statistic, 2)
}

func chiSquared(statistic float64, degrees float64) Test {
	if math.IsNaN(statistic) {
		return Test{statistic, math.NaN()}
	}
	return Test{statistic, distuv.ChiSquared{K: degrees}.Survival(statistic)}
}

// timesLog is n·log x, and 0 for n = 0.
func timesLog(n, x float64) float64 {
	if n == 0 {
		return 0
	}
	return n * math.Log(x)
}

func countTrue(hits []bool) int {
	n := 0
	for _, hit := range hits {
		n += index(hit)
	}
	return n
}

func index(hit bool) int {
	if hit {
		return 1
	}
	return 0
}

func checkInside(alpha float64) {
	if !(alpha > 0 && alpha < 1) {
		panic("risk: a level is not strictly between 0 and 1")
	}
}
