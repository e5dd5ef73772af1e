package forecast

import (
	"math"
	"slices"
)

// Intervals returns the prediction intervals around mean that belong to the rolling-origin errors errs: lo and hi
// hold one slice of len(mean) for each level (percent, as Options.Levels). It is what Engine.Forecast does for one
// series, for errors from elsewhere, such as those of a portfolio: Σ wᵢ·eᵢ at the same origins. Without any errors
// lo and hi equal mean. It panics when errs.Horizon is not len(mean).
//
// The method is that of split conformal prediction (Vovk, Gammerman, Shafer 2005; Lei et al. 2018, JASA 113,
// 1094-1111): the interval at step k is mean ± q·s(k), where s(k) is the typical size of the errors at step k and q
// the quantile of the errors in units of it.
func Intervals(mean []float64, errs *Errors, levels []float64) (lo, hi [][]float64) {
	lo = resizeRows(nil, len(levels), len(mean))
	hi = resizeRows(nil, len(levels), len(mean))
	New().intervals(lo, hi, mean, errs, levels)
	return lo, hi
}

func (e *Engine) intervals(lo, hi [][]float64, mean []float64, errs *Errors, levels []float64) {
	if errs.Origins > 0 && errs.Horizon != len(mean) {
		panic("forecast: errors of another horizon than the mean")
	}
	for i, level := range levels {
		for k, m := range mean {
			e.order = e.order[:0]
			for o := range errs.Origins {
				e.order = append(e.order, math.Abs(errs.Row(o)[k]))
			}
			q := quantile(e.order, level/100)
			lo[i][k], hi[i][k] = clampFinite(m-q, m), clampFinite(m+q, m)
		}
	}
}

// quantile sorts scores and returns the conformal quantile, the ⌈p·(n+1)⌉-th smallest of n, or the largest when that
// is beyond n; 0 when there are none.
func quantile(scores []float64, p float64) float64 {
	n := len(scores)
	if n == 0 {
		return 0
	}
	slices.Sort(scores)
	rank := int(math.Ceil(p * float64(n+1)))
	return scores[min(max(rank, 1), n)-1]
}
