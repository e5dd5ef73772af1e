package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Intervals returns the prediction intervals around mean that belong to the rolling-origin errors errs: lo and hi
// hold one slice of len(mean) for each level (percent, as Options.Levels). It is what Engine.Forecast does for one
// series, for errors from elsewhere, such as those of a portfolio: Σ wᵢ·eᵢ at the same origins. Without any errors
// lo and hi equal mean. It panics when errs.Horizon is not len(mean).
//
// The method is that of split conformal prediction (Vovk, Gammerman and Shafer 2005; Lei et al. 2018, Journal of the
// American Statistical Association 113, 1094-1111): the interval at step k is mean ± q·s(k), where s(k) is the typical
// size of the errors at step k and q the quantile of all errors in units of it, so that a few origins with many steps
// suffice. Origins whose horizons overlap know less than their number says: where they cannot know q, it is that of
// Student's t (see quantileFor).
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
	mark := e.mem.mark()
	defer e.mem.release(mark)
	size := e.mem.floats(len(mean))
	scores := e.conformityScores(size, errs)
	worth := independent(errs)
	for i, level := range levels {
		q := e.quantileFor(scores, level/100, worth)
		for k, m := range mean {
			lo[i][k], hi[i][k] = clampFinite(m-q*size[k], m), clampFinite(m+q*size[k], m)
		}
	}
}

// conformityScores writes the typical size of the errors at each step into size, and returns all errors in units of
// it. The unit of an error leaves out the errors of its own origin, as the unit of the forecast leaves out what is to
// come: with few origins the scores then spread like a ratio of two estimates, and their quantiles pay for what is not
// known about the size.
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
				scores = append(scores, min(math.Abs(v)/unit, outlandish))
			}
		}
	}
	slices.Sort(scores)
	return scores
}

// errorSizes writes into size the mean of absolute errors whose sums over the origins are total, averaged over
// neighbouring steps: the fewer origins the more of them.
func (e *Engine) errorSizes(size, total []float64, origins int) {
	h := len(size)
	mark := e.mem.mark()
	defer e.mem.release(mark)
	running := e.mem.floats(h + 1)
	running[0] = 0
	for k, v := range total {
		running[k+1] = running[k] + v
	}
	width := someErrors / max(origins, 1) / 2
	for k := range size {
		w := min(width, max(k, 1), max(h-1-k, 1))
		from, to := max(k-w, 0), min(k+w+1, h)
		size[k] = max(running[to]-running[from], 0) / float64((to-from)*max(origins, 1))
	}
}

const (
	someErrors = 20  // how many errors a size should be made of
	outlandish = 1e9 // no error counts as more times its size: the size is then as good as zero

	standsStill = 0.5 // the median of normal errors in units of their mean is 0.85, that of |t| with ν = 2 is 0.58
)

// independent returns how many independent errors those of errs are worth at each step,
//
//	ν = max(1 + (origins-1)·stride/h, 2·h/(h+1))
//
// The first counts the horizons laid end to end: a value that two origins share is one value. The second is what a
// single horizon is worth when its errors run like a random walk, whose squared correlation at the steps j and k is
// ρ² = min(j,k)/max(j,k): h²/ΣΣρ², the degrees of freedom of their mean square (Satterthwaite 1946, Biometrics
// Bulletin 2, 110-114).
func independent(errs *Errors) float64 {
	h := float64(errs.Horizon)
	horizons := 1 + float64(max(errs.Origins, 1)-1)*float64(originStride(errs.Horizon))/h
	return max(horizons, 2*h/(h+1))
}

// quantileFor returns the quantile of scores at p when they are worth nu independent ones. Of n independent scores the
// largest is the conformal quantile at n/(n+1), and none is beyond it. So up to r = ν/(ν+1) the scores speak for
// themselves, and beyond they are continued by Student's t distribution with ν degrees of freedom, that of an error
// in units of a size known from ν errors:
//
//	q(p) = q(r) · t(p)/t(r),  t(p) the quantile of |t|
//
// Where q(r) is small beside the mean of the scores, which is about 1, the series stands still and jumps. That is far
// from Student's t, and q(p) is not less than the scores say.
func (e *Engine) quantileFor(scores []float64, p, nu float64) float64 {
	q, r := quantile(scores, p), nu/(nu+1)
	if p <= r {
		return q
	}
	edge := quantile(scores, r)
	continued := edge * e.stretchTail(p, r, nu)
	if edge < standsStill {
		return max(q, continued)
	}
	return continued
}

// tail is a ratio of quantiles that was computed before: it costs more than a simple model, and most series of a job
// want the same.
type tail struct{ p, nu, ratio float64 }

// stretchTail returns t(p)/t(r) for nu degrees of freedom.
func (e *Engine) stretchTail(p, r, nu float64) float64 {
	const remembered = 256
	for _, k := range e.tails {
		if k.p == p && k.nu == nu {
			return k.ratio
		}
	}
	if len(e.tails) == remembered {
		e.tails = e.tails[:0]
	}
	t := distuv.StudentsT{Sigma: 1, Nu: nu}
	ratio := min(t.Quantile((1+p)/2)/t.Quantile((1+r)/2), outlandish)
	e.tails = append(e.tails, tail{p, nu, ratio})
	return ratio
}

// quantile returns the conformal quantile of n ascending scores, the value at rank p·(n+1), between two scores on the
// line through them, and the last where the rank is beyond it; 0 when there are none.
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
