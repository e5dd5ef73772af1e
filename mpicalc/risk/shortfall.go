package risk

import (
	"math"
	"math/rand/v2"
)

// ShortfallTest is how a test of expected shortfalls finds its p-value. The zero value finds none.
type ShortfallTest struct {
	// Quantile is the forecast's quantile function of the loss of day t. At α it is the value at risk of that day. It is asked for
	// α < p < 1 alone: lower losses do not count.
	Quantile func(t int, p float64) float64
	Rounds   int // of simulation; 10,000 give a p-value of 0.05 with a standard error of 0.002
	Seed     uint64
}

// Test tests whether losses beyond their values at risk were as large as the expected shortfalls said, and as frequent:
//
//	Z₂ = 1 - 1/(T(1-α))·Σ loss·[loss > VaR]/ES
//
// (Acerbi and Székely 2014, Risk 27(11), 76-81), which is 0 on average for the true forecasts and negative when they say too little. For 250
// days and α = 0.975 the paper's limits are -0.70 at 5 %, and -1.8 at 0.01 %, for all but very heavy tails. P is the share of rounds in which
// losses drawn from the forecasts give no greater Z₂, with the observed ones counted among the rounds. It is one-sided: shortfalls
// that are too large are not found. Days on which any of the three is NaN are left out. It takes the days to be independent. It
// panics when numbers of days differ or alpha is not strictly between 0 and 1; both numbers are NaN without days, or when an
// expected shortfall is not positive.
func (s ShortfallTest) Test(losses, vars, shortfalls []float64, alpha float64) Test {
	checkInside(alpha)
	if len(losses) != len(vars) || len(losses) != len(shortfalls) {
		panic("risk: losses, values at risk and expected shortfalls differ in number")
	}
	var days []int
	for t, es := range shortfalls {
		if math.IsNaN(losses[t]) || math.IsNaN(vars[t]) || math.IsNaN(es) {
			continue
		}
		if es <= 0 {
			return Test{math.NaN(), math.NaN()}
		}
		days = append(days, t)
	}
	statistic := func(sum float64) float64 { return 1 - sum/(float64(len(days))*(1-alpha)) }
	sum := 0.0
	for _, t := range days {
		sum += exceeding(losses[t], vars[t], shortfalls[t])
	}
	observed := statistic(sum)
	if s.Quantile == nil || s.Rounds <= 0 || math.IsNaN(observed) {
		return Test{observed, math.NaN()}
	}
	r := rand.New(rand.NewPCG(s.Seed, 0))
	below := 1
	for range s.Rounds {
		sum := 0.0
		// Only days with an exception are drawn: how many others lie before the next one is geometrically distributed.
		for i := waiting(r, alpha); i < float64(len(days)); i += 1 + waiting(r, alpha) {
			t := days[int(i)]
			sum += exceeding(s.Quantile(t, alpha+(1-alpha)*open(r)), vars[t], shortfalls[t])
		}
		if statistic(sum) <= observed {
			below++
		}
	}
	return Test{observed, float64(below) / float64(s.Rounds+1)}
}

// exceeding is a loss beyond the value at risk in units of the expected shortfall, and 0 for any other.
func exceeding(loss, vaR, shortfall float64) float64 {
	if loss > vaR {
		return loss / shortfall
	}
	return 0
}

// waiting draws how many days without an exception come before the next one, where each has one with the probability 1-alpha.
func waiting(r *rand.Rand, alpha float64) float64 {
	return math.Floor(math.Log(open(r)) / math.Log(alpha))
}

// open returns a random number strictly between 0 and 1.
func open(r *rand.Rand) float64 { return (float64(r.Uint64()>>12) + 0.5) / (1 << 52) }
