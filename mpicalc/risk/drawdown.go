package risk

import "math"

// A Drawdown measures how far a path falls at most below what it had reached before, beginning with base at the origin.
type Drawdown func(base float64, path []float64) float64

// RelativeDrawdown is the largest fall as a share of the peak before it, max 1 - x(t)/x(s) over s < t, for paths of values. It exceeds
// 1 where a path falls below 0. It is NaN when base is not positive, since then there may be no peak to take a share of.
func RelativeDrawdown(base float64, path []float64) float64 {
	if !(base > 0) {
		return math.NaN()
	}
	return drawdown(base, path, func(peak, x float64) float64 { return 1 - x/peak })
}

// AbsoluteDrawdown is the largest fall itself, max x(s) - x(t) over s < t: of paths of returns, whose base is 0, and of values in
// their units.
func AbsoluteDrawdown(base float64, path []float64) float64 {
	return drawdown(base, path, func(peak, x float64) float64 { return peak - x })
}

// drawdown is 0 for a path that never falls, and NaN for one with a NaN.
func drawdown(peak float64, path []float64, fall func(peak, x float64) float64) float64 {
	largest := 0.0
	for _, x := range path {
		if x >= peak {
			peak = x
			continue
		}
		largest = max(largest, fall(peak, x)) // max returns NaN for a NaN
	}
	return largest
}

// Drawdowns returns the drawdown of each scenario over the horizon. A path with a NaN has none, which is NaN. Their mean and their
// quantiles are those of [NewSample], and their expected shortfall is the conditional drawdown at risk (Chekhlov, Uryasev and
// Zabarankin 2005, International Journal of Theoretical and Applied Finance 8, 13-58).
func Drawdowns(x Paths, base float64, measure Drawdown) []float64 {
	out := make([]float64, x.Len())
	for s := range out {
		out[s] = measure(base, x.Row(s))
	}
	return out
}
