package backtest

import (
	"math"
	"slices"
	"sort"
)

// grid are the quantiles that a forecast is asked for so that its whole distribution is known: evenly over the middle, at each value at
// risk, and more of them in the tails beyond.
type grid struct {
	probabilities []float64 // ascending
	vars          []int     // for each level of risk, the place of the quantile 1-α
	tails         [][]int   // for each, the places of those beyond, from the outermost on
}

const (
	middles   = 40  // parts of the middle; the bins of the PIT are among them
	mostTail  = 20  // quantiles beyond a value at risk
	mostAsked = 198 // quantiles, and a portfolio that is held short needs the opposite ones as well
)

// newGrid makes the grid for levels of risk, as probabilities. Beyond the quantile 1-α it has the middles of m parts of √(p/(1-α)), which lie
// the closer the further out, since losses grow fast there.
func newGrid(levels []float64) *grid {
	m := min(mostTail, (mostAsked-middles)/2/len(levels)-1)
	var all []float64
	for i := 1; i < middles; i++ {
		all = append(all, float64(i)/middles)
	}
	place := func(p float64) float64 {
		all = append(all, p)
		return p
	}
	vars, tails := make([]float64, len(levels)), make([][]float64, len(levels))
	for r, alpha := range levels {
		vars[r] = place(1 - alpha)
		for j := range m {
			v := (float64(j) + 0.5) / float64(m)
			tails[r] = append(tails[r], place((1-alpha)*v*v))
		}
	}
	slices.Sort(all)
	g := &grid{probabilities: slices.Compact(all), vars: make([]int, len(levels)), tails: make([][]int, len(levels))}
	for r := range levels {
		g.vars[r], _ = slices.BinarySearch(g.probabilities, vars[r])
		for _, p := range tails[r] {
			at, _ := slices.BinarySearch(g.probabilities, p)
			g.tails[r] = append(g.tails[r], at)
		}
	}
	return g
}

// shortfall is the mean of the losses in a tail, from the outermost on: ∫ q(p) dp = (1-α)·∫ q((1-α)v²)·2v dv.
func shortfall(losses []float64) float64 {
	sum, m := 0.0, float64(len(losses))
	for j, x := range losses {
		sum += x * float64(2*j+1)
	}
	return sum / (m * m)
}

// drawn is the loss of a tail at probability p, of 1, beyond the value at risk: the outermost for p next to 1. Its mean is that of
// shortfall.
func drawn(losses []float64, p float64) float64 {
	m := float64(len(losses))
	return losses[min(int(m*math.Sqrt(1-p)), len(losses)-1)]
}

// cdf is the probability of values up to y when the quantiles are values, which ascend. Between two of them it is interpolated, and beyond
// the last ones half of what is left.
func cdf(probabilities, values []float64, y float64) float64 {
	last := len(values) - 1
	at := sort.SearchFloat64s(values, y)
	switch {
	case at > last:
		return (1 + probabilities[last]) / 2
	case values[at] == y: // in the middle of equal ones
		to := at
		for to < last && values[to+1] == y {
			to++
		}
		return (probabilities[at] + probabilities[to]) / 2
	case at == 0:
		return probabilities[0] / 2
	}
	share := (y - values[at-1]) / (values[at] - values[at-1])
	return probabilities[at-1] + share*(probabilities[at]-probabilities[at-1])
}
