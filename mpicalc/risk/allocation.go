package risk

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// Weights say how much each scenario counts in a risk of a sum. The risk is the weighted sum of the losses of the whole, and the
// component of an asset the weighted sum of its own losses: what the risk changes by when the asset's share in the portfolio grows, times
// that share (Euler's rule; Tasche 1999, Risk contributions and performance measurement, Technische Universität München; Hallerbach
// 2003, Journal of Risk 5(2), 1-18). So the components add up to the whole, up to rounding (see [Settle]), and only one asset's losses at
// a time need to be in memory, on any rank.
type Weights struct {
	scenarios int
	at        []int // the scenarios that count
	weight    []float64
}

// Component returns the component of an asset with the given losses, one for each scenario from which the weights were made. It is NaN
// when no scenario has a weight, or one that has is NaN. It panics when the number of scenarios differs.
func (w Weights) Component(losses []float64) float64 {
	if len(losses) != w.scenarios {
		panic("risk: the losses of an asset are of other scenarios than those of the whole")
	}
	if len(w.at) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for i, s := range w.at {
		sum += w.weight[i] * losses[s]
	}
	return sum
}

// Whole is what the portfolio loses in each scenario, sorted once for all its risks.
type Whole struct {
	losses []float64
	ranked []int // see ranked
}

// NewWhole takes the losses of the whole, scenario by scenario. It keeps the slice. A loss that is NaN has no weight.
func NewWhole(losses []float64) *Whole { return &Whole{losses, ranked(losses)} }

// ranked returns the places of the numbers that are not NaN, the least first.
func ranked(x []float64) []int {
	at := make([]int, 0, len(x))
	for i, v := range x {
		if !math.IsNaN(v) {
			at = append(at, i)
		}
	}
	slices.SortFunc(at, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return a - b
	})
	return at
}

// ES returns the weights of the expected shortfall at level alpha: 1/(n(1-α)) for the losses in the tail, and for those at its edge, in
// equal parts, what is left of 1. See [Sample.ES]. It panics when alpha is not a probability.
func (w *Whole) ES(alpha float64) Weights {
	checkProbability(alpha)
	n := len(w.ranked)
	if n == 0 {
		return Weights{scenarios: len(w.losses)}
	}
	tail := max(float64(n)*(1-alpha), 1)
	edge := w.losses[w.ranked[n-min(ceil(tail), n)]]
	from, _ := slices.BinarySearchFunc(w.ranked, edge, func(s int, x float64) int { return cmp.Compare(w.losses[s], x) })
	at := w.ranked[from:]
	equal := 0
	for equal < len(at) && w.losses[at[equal]] == edge {
		equal++
	}
	weights := Weights{len(w.losses), at, make([]float64, len(at))}
	for i := range at {
		if i < equal {
			weights.weight[i] = (1 - float64(len(at)-equal)/tail) / float64(equal)
		} else {
			weights.weight[i] = 1 / tail
		}
	}
	return weights
}

// VaR returns weights of the value at risk at level alpha. The component of an asset is the expectation of its loss in scenarios in which
// the whole loses just the value at risk. It is estimated by local linear regression there (Fan and Gijbels 1996, Local Polynomial
// Modelling and Its Applications), with Epanechnikov's kernel over the nearest scenarios on either side. The line, unlike a local mean
// (Tasche 2009, Quantitative Finance 9, 581-595), passes through the value at risk itself for the whole, so that components need not be
// scaled to add up. With few scenarios in the tail the components say little more than these few. It panics when alpha is not a
// probability.
func (w *Whole) VaR(alpha float64) Weights {
	checkProbability(alpha)
	weights, n := Weights{scenarios: len(w.losses)}, len(w.ranked)
	if n == 0 {
		return weights
	}
	loss := func(rank int) float64 { return w.losses[w.ranked[min(max(rank, 0), n-1)]] }
	middle := min(max(ceil(float64(n)*alpha), 1), n) - 1
	r := nearest(n, alpha)
	q, below, above := loss(middle), loss(middle-r), loss(middle+r)
	for _, s := range w.ranked {
		if x := w.losses[s]; below <= x && x <= above {
			weights.at = append(weights.at, s)
			weights.weight = append(weights.weight, kernel(x, q, below, above, r))
		}
	}
	weights.tilt(w.losses, q)
	return weights
}

// nearest is how many of n scenarios on either side of the value at risk count: in proportion to n^(4/5), as the best bandwidth of a
// regression is, and to the smaller tail. In simulations of normal, t and skewed losses factors from 4 to 10 had similar errors: the line
// tolerates a wide neighbourhood, since expectations of assets given the whole are nearly straight.
func nearest(n int, alpha float64) int {
	return max(4, int(6*math.Pow(float64(n), 0.8)*min(alpha, 1-alpha)))
}

// kernel is Epanechnikov's 1 - u², with u chosen so that the r-th neighbour on either side still counts.
func kernel(x, q, below, above float64, r int) float64 {
	reach := above - q
	if x < q {
		reach = below - q
	}
	if x == q {
		return 1
	}
	u := (x - q) / reach * float64(r) / float64(r+1)
	return 1 - u*u
}

// tilt turns the kernel's weights into those of a local line at q: K·(S₂ - S₁d)/(S₀S₂ - S₁²) with d = x - q and Sⱼ = Σ K·dʲ.
func (w Weights) tilt(losses []float64, q float64) {
	total := floats.Sum(w.weight)
	mean, square := 0.0, 0.0
	for i, s := range w.at {
		w.weight[i] /= total
		mean += w.weight[i] * (losses[s] - q)
	}
	for i, s := range w.at {
		d := losses[s] - q - mean
		square += w.weight[i] * d * d
	}
	if !(square > 0) {
		return
	}
	for i, s := range w.at {
		w.weight[i] *= 1 - mean*(losses[s]-q-mean)/square
	}
}

// Volatility returns the weights of the standard deviation σ, (x - x̄)/((n-1)σ). The component of an asset is its covariance with the
// whole divided by σ. There are none for fewer than two losses, and all are 0 for equal ones.
func (w *Whole) Volatility() Weights {
	s := NewSample(w.losses)
	if len(s) < 2 {
		return Weights{scenarios: len(w.losses)}
	}
	weights := Weights{len(w.losses), w.ranked, slices.Clone(s)}
	for range 2 { // again for the rounding of the mean: weights that did not add up to 0 would count the level of an asset
		floats.AddConst(-stat.Mean(weights.weight, nil), weights.weight)
	}
	if sigma := s.StdDev(); sigma != 0 {
		floats.Scale(1/(float64(len(s)-1)*sigma), weights.weight)
	}
	return weights
}

// rounding is how much of the sum of the absolute components rounding explains.
const rounding = 1e-9

// Settle adds what rounding has left between the sum of the components and the whole to the component that is largest in absolute
// value, the first of these. Then they add up to the whole, up to the rounding of that addition. It is an error when more than 1e-9 of
// the sum of their absolute values is missing: then the losses of the whole are not the sums of those of the assets.
func Settle(components []float64, whole float64) error {
	rest, size, largest := whole, 0.0, 0
	for i, c := range components {
		rest -= c
		size += math.Abs(c)
		if math.Abs(c) > math.Abs(components[largest]) {
			largest = i
		}
	}
	if !(math.Abs(rest) <= rounding*size) {
		return fmt.Errorf("the components of %d assets miss the whole, %g, by %g: its losses are not the sums of theirs", len(components), whole, rest)
	}
	if size > 0 {
		components[largest] += rest
	}
	return nil
}

// DiversificationRatio returns the sum of the volatilities of the assets' own losses divided by that of the whole (Choueifaty and
// Coignard 2008, Journal of Portfolio Management 35(1), 40-51): 1 without diversification, √n for n independent assets of equal size.
// Other risks can take their place. It is NaN when the whole has none.
func DiversificationRatio(alone []float64, whole float64) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return floats.Sum(alone) / whole
}
