package risk

import (
	"math"
	"slices"
)

// Uniformity counts probability integral transforms u = F(y) of actual values y in the predictive distributions F, in bins of equal width,
// and tests whether they are uniform, as those of right forecasts are (Diebold, Gunther and Tay 1998, International Economic Review 39,
// 863-883), by Pearson's χ². Humps at both ends mean that the forecasts are too narrow, one in the middle that they are too wide. Values
// of one-step forecasts are independent; those of overlapping horizons or of assets at the same time are not, and then P is too
// small: read the counts, or take every h-th value. NaN are left out, and values beyond 0 and 1 are in the first and last bin. It
// panics without bins. Both numbers are NaN without values, and P for one bin.
func Uniformity(u []float64, bins int) (counts []int, test Test) {
	if bins < 1 {
		panic("risk: a histogram without bins")
	}
	counts = make([]int, bins)
	n := 0
	for _, v := range u {
		if !math.IsNaN(v) {
			counts[int(min(max(v, 0)*float64(bins), float64(bins-1)))]++
			n++
		}
	}
	expected := float64(n) / float64(bins)
	statistic := 0.0
	for _, c := range counts {
		statistic += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	if bins == 1 {
		return counts, Test{statistic, math.NaN()}
	}
	return counts, chiSquared(statistic, float64(bins-1))
}

// Coverage is how many of Count intervals contained the actual value, where a covariate was between Low and High.
type Coverage struct {
	Low, High     float64
	Count, Inside int
}

// CoverageBy divides intervals into groups of equal size, such as deciles, by a covariate that was known when they were made, such as
// volatility. inside tells of each whether it contained the actual value. Right intervals contain the same share in every group. Equal
// covariates are in the same group, the one in which the middle of them is; NaN are left out; a group without members has NaN for Low and
// High. It panics when numbers differ or there is no group.
func CoverageBy(covariate []float64, inside []bool, groups int) []Coverage {
	if len(covariate) != len(inside) || groups < 1 {
		panic("risk: intervals and covariates differ in number, or there is no group")
	}
	at := ranked(covariate)
	out := slices.Repeat([]Coverage{{Low: math.NaN(), High: math.NaN()}}, groups)
	for from := 0; from < len(at); {
		to := from + 1
		for to < len(at) && covariate[at[to]] == covariate[at[from]] {
			to++
		}
		g := &out[(from+to-1)*groups/(2*len(at))]
		g.High = covariate[at[from]]
		if g.Count == 0 {
			g.Low = g.High
		}
		g.Count += to - from
		for _, i := range at[from:to] {
			g.Inside += index(inside[i])
		}
		from = to
	}
	return out
}
