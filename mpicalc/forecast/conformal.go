package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Intervals returns the prediction intervals around mean that follow from the rolling-origin errors errs: lo and hi
// hold one slice of len(mean) for each level (percent, as Options.Levels). Engine.Forecast does the same for one series;
// Intervals is for errors from elsewhere, such as those of a portfolio: Σ wᵢ·eᵢ at the same origins. Without any errors
// lo and hi equal mean. It panics when errs.Horizon is not len(mean).
//
// The method is that of split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al. 2018, Journal of the
// American Statistical Association 113, 1094-1111): the interval at step k is mean ± q·s(k), where s(k) is the typical
// size of the errors at step k and q the quantile of all errors divided by their sizes, so that a few origins with many
// steps suffice. Errors of overlapping horizons depend on each other, and their effective sample size is smaller than
// their number. Beyond the quantiles that it supports, q is extrapolated by Student's t distribution (see scoreQuantile).
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
	defer e.mem.release(e.mem.mark())
	size := e.mem.floats(len(mean))
	scores := e.conformityScores(size, errs)
	nu := effectiveSampleSize(errs)
	for i, level := range levels {
		q := e.scoreQuantile(scores, level/100, nu)
		for k, m := range mean {
			lo[i][k], hi[i][k] = clampFinite(m-q*size[k], m), clampFinite(m+q*size[k], m)
		}
	}
}

// conformityScores writes the typical size of the errors at each step into size, and returns the scores in ascending
// order: all errors divided by their sizes. The size by which an error is divided leaves out the errors of its own origin,
// as the size for the forecast leaves out the errors to come. With few origins the scores are then distributed like a
// ratio of two estimates, and their quantiles include the uncertainty about the size.
func (e *Engine) conformityScores(size []float64, errs *Errors) []float64 {
	h := len(size)
	scores := e.mem.floats(errs.Origins * h)[:0]
	total, others, without := e.mem.floats(h), e.mem.floats(h), e.mem.floats(h)
	clear(total)
	for o := range errs.Origins {
		for k, v := range errs.Row(o) {
			total[k] += math.Abs(v)
		}
	}
	e.errorSizes(size, total, errs.Origins)
	copy(without, size)
	for o := range errs.Origins {
		row := errs.Row(o)
		if errs.Origins > 1 {
			for k, v := range row {
				others[k] = max(total[k]-math.Abs(v), 0)
			}
			e.errorSizes(without, others, errs.Origins-1)
		}
		for k, v := range row {
			if unit := without[k]; unit > 0 {
				scores = append(scores, min(math.Abs(v)/unit, maxScore))
			}
		}
	}
	slices.Sort(scores)
	return scores
}

// errorSizes writes the mean absolute error at each step into size. total holds the sums of the absolute errors over the
// origins. It averages over neighbouring steps, over more of them when there are fewer origins.
func (e *Engine) errorSizes(size, total []float64, origins int) {
	h := len(size)
	defer e.mem.release(e.mem.mark())
	running := e.mem.floats(h + 1)
	running[0] = 0
	for k, v := range total {
		running[k+1] = running[k] + v
	}
	width := pooledErrors / max(origins, 1) / 2
	for k := range size {
		w := min(width, max(k, 1), max(h-1-k, 1))
		from, to := max(k-w, 0), min(k+w+1, h)
		size[k] = max(running[to]-running[from], 0) / float64((to-from)*max(origins, 1))
	}
}

const (
	pooledErrors = 20  // the least number of errors to average for a size
	maxScore     = 1e9 // a larger score means that the size is practically zero

	// flatScore is a small median score, of a series that is mostly constant. The median of normal errors divided by
	// their mean size is 0.85, that of |t| with ν = 2 is 0.58.
	flatScore = 0.5
)

// effectiveSampleSize returns the number of independent errors at each step that carry as much information as errs:
//
//	ν = max(1 + (origins-1)·stride/h, 2·h/(h+1))
//
// The first counts the horizons laid end to end: a value that two origins share is one value. The second is for a
// single horizon whose errors run like a random walk, with squared correlation ρ² = min(j,k)/max(j,k) at the steps j and
// k: h²/ΣΣρ², the degrees of freedom of their mean square (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
func effectiveSampleSize(errs *Errors) float64 {
	h := float64(errs.Horizon)
	horizons := 1 + float64(max(errs.Origins, 1)-1)*float64(originStride(errs.Horizon))/h
	return max(horizons, 2*h/(h+1))
}

// scoreQuantile returns the quantile of ascending scores at p, for an effective sample size of nu. The largest of n
// independent scores is the conformal quantile at n/(n+1), so the scores support no quantile beyond that. Up to r = ν/(ν+1)
// the quantile is that of the scores, and beyond it is extrapolated by Student's t distribution with ν degrees of freedom,
// that of an error divided by a size estimated from ν errors:
//
//	q(p) = q(r) · t(p)/t(r),  t(p) the quantile of |t|
//
// Where q(r) is small compared with the mean of the scores, which is about 1, the series is mostly constant and jumps now
// and then. That is far from Student's t, and q(p) is then at least the quantile of the scores.
func (e *Engine) scoreQuantile(scores []float64, p, nu float64) float64 {
	q, r := quantile(scores, p), nu/(nu+1)
	if p <= r {
		return q
	}
	edge := quantile(scores, r)
	extrapolated := edge * e.tails.ratio(p, r, nu)
	if edge < flatScore {
		return max(q, extrapolated)
	}
	return extrapolated
}

// tailRatios caches ratios of quantiles: computing one takes longer than a simple model, and most series of a job need the
// same ones.
type tailRatios []tailRatio

type tailRatio struct{ p, nu, ratio float64 }

// ratio returns t(p)/t(r) for nu degrees of freedom.
func (all *tailRatios) ratio(p, r, nu float64) float64 {
	const remembered = 256
	for _, known := range *all {
		if known.p == p && known.nu == nu {
			return known.ratio
		}
	}
	if len(*all) == remembered {
		*all = (*all)[:0]
	}
	t := distuv.StudentsT{Sigma: 1, Nu: nu}
	ratio := min(t.Quantile((1+p)/2)/t.Quantile((1+r)/2), maxScore)
	*all = append(*all, tailRatio{p, nu, ratio})
	return ratio
}

// quantile returns the conformal quantile of n ascending scores: the value at rank p·(n+1), interpolated linearly between
// two scores, and the first or the last score when the rank is beyond them. It is 0 without scores.
func quantile(scores []float64, p float64) float64 {
	n := len(scores)
	rank := p * float64(n+1)
	below := int(rank)
	switch {
	case n == 0:
		return 0
	case below < 1:
		return scores[0]
	case below >= n:
		return scores[n-1]
	}
	return scores[below-1] + (rank-float64(below))*(scores[below]-scores[below-1])
}
