package risk

import (
	"math"
	"sort"
)

// Band finds simultaneous prediction bands: intervals for all steps, and for several assets, between which whole scenarios stay, and
// not only each step by itself. They are sup-t bands (Montiel Olea and Plagborg-Møller 2019, Journal of Applied Econometrics 34, 1-17):
// the pointwise intervals, all of one level c, which is raised until the wanted share of the scenarios lies entirely inside,
//
//	[Q((1-c)/2), Q((1+c)/2)]  with Q the quantile function of each step and asset.
//
// For every scenario it holds the least c whose band contains it; assets are added one after another, in any order. A scenario with a
// NaN anywhere is left out. A Band is for one goroutine.
type Band struct {
	least []float64 // for each scenario; +Inf when no band contains it
}

// NewBand returns a band of scenarios without any values yet.
func NewBand(scenarios int) *Band { return &Band{make([]float64, scenarios)} }

// Add adds the paths of an asset, or of the portfolio, in the units of quantile, which is the quantile function of step k (from 0) for
// probabilities from 0 to 1 and must not fall with p; where it is NaN nothing is inside. It panics when the number of scenarios differs.
func (b *Band) Add(x Paths, quantile func(k int, p float64) float64) {
	if x.Len() != len(b.least) {
		panic("risk: the paths are of another number of scenarios than the band")
	}
	var m marginal
	for k := range x.Steps {
		m.set(func(p float64) float64 { return quantile(k, p) })
		for s, c := range b.least {
			if v := x.Data[s*x.Steps+k]; math.IsNaN(v) {
				b.least[s] = v
			} else if !math.IsNaN(c) && !m.surelyInside(v, c) {
				b.least[s] = max(c, m.least(v))
			}
		}
	}
}

// A level is found to 2⁻³⁰, rounded up so that the scenario is inside: first in a table of the levels 0 to 1 in steps of 1/tabulated, then
// by halving.
const tabulated, halvings = 1 << 8, 30 - 8

// marginal is the family of intervals of one step.
type marginal struct {
	quantile     func(p float64) float64
	lower, upper [tabulated + 1]float64
}

func (m *marginal) set(quantile func(p float64) float64) {
	m.quantile = quantile
	for j := range m.lower {
		c := float64(j) / tabulated
		m.lower[j], m.upper[j] = quantile((1-c)/2), quantile((1+c)/2)
	}
}

// surelyInside is whether the table shows that x is inside at level c, as it does for almost all values.
func (m *marginal) surelyInside(x, c float64) bool {
	j := int(min(c, 1) * tabulated)
	return m.lower[j] <= x && x <= m.upper[j]
}

// least is the least level whose interval contains x, or +Inf.
func (m *marginal) least(x float64) float64 {
	j := sort.Search(len(m.lower), func(j int) bool { return m.lower[j] <= x && x <= m.upper[j] })
	if j > tabulated {
		return math.Inf(1)
	}
	if j == 0 {
		return 0
	}
	low, high := float64(j-1)/tabulated, float64(j)/tabulated
	for range halvings {
		c := (low + high) / 2
		if m.quantile((1-c)/2) <= x && x <= m.quantile((1+c)/2) {
			high = c
		} else {
			low = c
		}
	}
	return high
}

// Level returns the level c of the pointwise intervals between which the given share of the scenarios lies entirely: at least
// ⌈share·(S+1)⌉ of S, so that a further scenario, exchangeable with these, lies inside with no less probability than that (the
// correction of conformal prediction for finite samples; Vovk, Gammerman and Shafer 2005). effective is how many independent scenarios the S are
// worth, for example the number of origins that paths were drawn from, or 0 for S; it takes the place of S in the correction. ok is
// false when no level is enough, because there are too few scenarios for the share, or because too many lie outside even at level 1,
// which it then returns. It panics when share is not a probability.
func (b *Band) Level(share, effective float64) (c float64, ok bool) {
	checkProbability(share)
	least := NewSample(b.least)
	n := float64(len(least))
	if !(effective > 0 && effective < n) {
		effective = n
	}
	rank := max(ceil(share*n*(effective+1)/effective), 1)
	if len(least) == 0 || rank > len(least) || least[rank-1] > 1 {
		return 1, false
	}
	return least[rank-1], true
}

// Inside returns the share of the scenarios that lie entirely between the pointwise intervals of level c. It is at most the pointwise
// coverage, and shows how much the two differ.
func (b *Band) Inside(c float64) float64 {
	least := NewSample(b.least)
	return float64(least.upTo(c)) / float64(len(least))
}
