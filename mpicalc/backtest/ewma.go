package backtest

import "math"

// ewmaDecay is λ of the exponentially weighted variance σ²(t) = λ·σ²(t-1) + (1-λ)·d(t)² of steps d, that of RiskMetrics for days
// (J.P. Morgan 1996, RiskMetrics Technical Document, 4th edition).
const ewmaDecay = 0.94

// ewmaSteps is how many steps it needs at most: the weight of an older one is below 1e-13.
const ewmaSteps = 480

// ewma is an exponentially weighted variance. The first step begins it.
type ewma struct {
	variance float64
	begun    bool
}

func (e *ewma) add(step float64) {
	if !e.begun {
		e.variance, e.begun = step*step, true
		return
	}
	e.variance = ewmaDecay*e.variance + (1-ewmaDecay)*step*step
}

func (e *ewma) deviation() float64 { return math.Sqrt(e.variance) }

// step is the step from a value to the next: relative where the series is positive.
func step(from, to float64, positive bool) float64 {
	if positive {
		return to/from - 1
	}
	return to - from
}

// isPositive reports whether all values are above 0.
func isPositive(values []float64) bool {
	for _, v := range values {
		if !(v > 0) {
			return false
		}
	}
	return true
}
