package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// Intervals returns the prediction intervals around mean that follow from the rolling-origin errors errs: lo and hi
// hold one slice of len(mean) for each level (percent, as Options.Levels). Engine.Forecast does the same for one series;
// Intervals is for errors from elsewhere, such as those of a portfolio: Σ wᵢ·eᵢ at the same origins. An error of NaN was not
// measured. Without any errors lo and hi equal mean. It panics when errs.Horizon is not len(mean).
//
// The method is that of split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al. 2018, Journal of the
// American Statistical Association 113, 1094-1111): the interval at step k is mean ± q·s(k), where s(k) is the typical
// size of the errors at step k and q the quantile of all errors divided by their sizes, so that a few origins with many
// steps suffice. Errors of overlapping horizons depend on each other, and their effective sample size is smaller than
// their number. Beyond the quantiles that it supports, q is extrapolated by Student's t distribution (see scoreQuantile).
func Intervals(mean []float64, errs *Errors, levels []float64) (lo, hi [][]float64) {
	lo = resizeRows(nil, len(levels), len(mean))
	hi = resizeRows(nil, len(levels), len(mean))
	New().intervals(lo, hi, mean, errs, levels, 0)
	return lo, hi
}

// Quantiles returns the quantiles around mean that follow from the rolling-origin errors errs: one slice of len(mean) for each
// probability (as Options.Quantiles). Those of (1-L)/2 and (1+L)/2 are the ends of the interval of level L that Intervals
// returns. It panics when errs.Horizon is not len(mean).
func Quantiles(mean []float64, errs *Errors, probabilities []float64) [][]float64 {
	out := resizeRows(nil, len(probabilities), len(mean))
	New().quantiles(out, mean, errs, probabilities, 0)
	return out
}

// leastWidth is the least half-width of an interval of a series that is not constant, in mean steps of the series and for a
// level of 100 %: what never missed so far is not certain.
const leastWidth = 1e-3

// intervals is Intervals for a series whose values change by step on average; 0 when that is not known.
func (e *Engine) intervals(lo, hi [][]float64, mean []float64, errs *Errors, levels []float64, step float64) {
	defer e.mem.release(e.mem.mark())
	s := e.spread(errs, len(mean), step)
	for i, level := range levels {
		q, least := e.scoreQuantile(s.scores, level/100, s.nu), level/100*leastWidth*step
		for k, m := range mean {
			half := max(q*s.size[k], least)
			lo[i][k], hi[i][k] = clampFinite(m-half, m), clampFinite(m+half, m)
		}
	}
}

// quantiles writes the quantiles of the given probabilities: the ends of the intervals that lie between a quantile and the one
// opposite.
func (e *Engine) quantiles(out [][]float64, mean []float64, errs *Errors, probabilities []float64, step float64) {
	defer e.mem.release(e.mem.mark())
	s := e.spread(errs, len(mean), step)
	for i, p := range probabilities {
		level := math.Abs(2*p - 1)
		q, least := e.scoreQuantile(s.scores, level, s.nu), level*leastWidth*step
		for k, m := range mean {
			half := math.Copysign(max(q*s.size[k], least), 2*p-1)
			if level == 0 {
				half = 0
			}
			out[i][k] = clampFinite(m+half, m)
		}
	}
}

// spread is what errors say of those to come.
type spread struct {
	size   []float64 // the typical size at each step
	scores []float64 // the errors divided by their sizes, ascending
	nu     float64   // the effective sample size
}

// spread measures errs over h steps. The size by which an error is divided leaves out the errors of its own origin, as the
// size for the forecast leaves out the errors to come. With few origins the scores are then distributed like a ratio of two
// estimates, and their quantiles include the uncertainty about the size. An error that is alone would be divided by next to
// nothing, so the size is at least the share leastUnit of that with its own origin.
func (e *Engine) spread(errs *Errors, h int, step float64) spread {
	if errs.Origins > 0 && errs.Horizon != h {
		panic("forecast: errors of another horizon than the mean")
	}
	s := spread{size: e.mem.floats(h), scores: e.mem.floats(errs.Origins*h + errs.Origins + 1)[:0]}
	total, others, without := e.mem.floats(h), e.mem.floats(h), e.mem.floats(h)
	count, rest := e.mem.ints(h), e.mem.ints(h)
	clear(total)
	clear(count)
	for o := range errs.Origins {
		for k, v := range errs.Row(o) {
			if !math.IsNaN(v) {
				total[k] += math.Abs(v)
				count[k]++
			}
		}
	}
	measured := 0
	for _, n := range count {
		measured += n
	}
	if floats.Sum(total) <= noError*step*float64(measured) {
		s.neverMissed(errs, step)
		return s
	}
	s.nu = effectiveSampleSize(float64(measured)/float64(h), h)
	e.errorSizes(s.size, total, count, errs.Origins)
	copy(without, s.size)
	for o := range errs.Origins {
		row := errs.Row(o)
		if errs.Origins > 1 {
			for k, v := range row {
				others[k], rest[k] = total[k], count[k]
				if !math.IsNaN(v) {
					others[k], rest[k] = max(total[k]-math.Abs(v), 0), count[k]-1
				}
			}
			e.errorSizes(without, others, rest, errs.Origins-1)
		}
		for k, v := range row {
			if unit := max(without[k], leastUnit*s.size[k]); unit > 0 && !math.IsNaN(v) {
				s.scores = append(s.scores, min(math.Abs(v)/unit, maxScore))
			}
		}
	}
	slices.Sort(s.scores)
	return s
}

// neverMissed is the spread of a series that is not constant and whose forecasts made no errors but for rounding: the
// errors are taken for as many zeros as there are origins and one of the size of the series' mean step, since of n + 1
// exchangeable errors any may have been the one to come. Without a step, there is no spread.
func (s *spread) neverMissed(errs *Errors, step float64) {
	origins := float64(errs.Origins + 1)
	fill(s.size, step/origins)
	s.nu = effectiveSampleSize(origins, len(s.size))
	if step > 0 {
		s.scores = append(s.scores[:errs.Origins], origins/leastUnit)
		clear(s.scores[:errs.Origins])
	}
}

// errorSizes writes the mean absolute error at each step into size. total holds the sums of the absolute errors over the
// origins, and count their numbers. It averages over neighbouring steps, over more of them when there are fewer origins.
func (e *Engine) errorSizes(size, total []float64, count []int, origins int) {
	h := len(size)
	defer e.mem.release(e.mem.mark())
	running, counted := e.mem.floats(h+1), e.mem.ints(h+1)
	running[0], counted[0] = 0, 0
	for k, v := range total {
		running[k+1], counted[k+1] = running[k]+v, counted[k]+count[k]
	}
	width := pooledErrors / max(origins, 1) / 2
	for k := range size {
		w := min(width, max(k, 1), max(h-1-k, 1))
		from, to := max(k-w, 0), min(k+w+1, h)
		size[k] = max(running[to]-running[from], 0) / float64(max(counted[to]-counted[from], 1))
	}
}

const (
	pooledErrors = 20   // the least number of errors to average for a size
	maxScore     = 1e9  // a larger score means that the size is practically zero
	noError      = 1e-9 // errors of this share of the mean step are rounding

	// leastUnit is chosen so that the intervals of simulated noise, walks, trends and seasons of 8 to 20 points still cover
	// what they should, and are as narrow as that allows; 1 is too much.
	leastUnit = 0.75

	// flatScore is a small median score, of a series that is mostly constant. The median of normal errors divided by
	// their mean size is 0.85, that of |t| with ν = 2 is 0.58.
	flatScore = 0.5
)

// effectiveSampleSize returns the number of independent errors at each step that carry as much information as those of the
// given number of rolling origins:
//
//	ν = max(1 + Σ min(gap/h, 1), 2·h/(h+1))
//
// The first counts the horizons laid end to end, over the gaps between neighbouring origins: a value that two origins share is
// one value. The second is for a single horizon whose errors run like a random walk, with squared correlation
// ρ² = min(j,k)/max(j,k) at the steps j and k: h²/ΣΣρ², the degrees of freedom of their mean square (Satterthwaite 1946,
// Biometrics Bulletin 2, 110-114).
func effectiveSampleSize(origins float64, horizon int) float64 {
	h := float64(horizon)
	nu := 1.0
	for k := 1; float64(k) < origins; k++ {
		gap := float64(OriginOffset(horizon, k) - OriginOffset(horizon, k-1))
		nu += min(gap/h, 1) * min(origins-float64(k), 1)
	}
	return max(nu, 2*h/(h+1))
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
