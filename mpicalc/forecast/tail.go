package forecast

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

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

// tailRatios caches ratios of quantiles: computing one takes longer than a simple model, and most series of a job, and most jobs,
// need the same ones.
type tailRatios map[tailRatio]float64

// tailRatio is what a ratio of quantiles depends on.
type tailRatio struct{ p, nu float64 }

// knownTails are the ratios that all engines have computed, for engines that are used once.
var knownTails struct {
	sync.RWMutex
	ratios tailRatios
}

// ratio returns t(p)/t(r) for nu degrees of freedom, from which r follows.
func (all *tailRatios) ratio(p, r, nu float64) float64 {
	key := tailRatio{p, nu}
	if ratio, known := (*all)[key]; known {
		return ratio
	}
	knownTails.RLock()
	ratio, known := knownTails.ratios[key]
	knownTails.RUnlock()
	if !known {
		t := distuv.StudentsT{Sigma: 1, Nu: nu}
		ratio = min(t.Quantile((1+p)/2)/t.Quantile((1+r)/2), maxScore)
		knownTails.Lock()
		knownTails.ratios.add(key, ratio)
		knownTails.Unlock()
	}
	all.add(key, ratio)
	return ratio
}

// add adds a ratio. A cache that is full begins again.
func (all *tailRatios) add(key tailRatio, ratio float64) {
	const remembered = 4096
	if *all == nil {
		*all = make(tailRatios)
	}
	if len(*all) >= remembered {
		clear(*all)
	}
	(*all)[key] = ratio
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

// signedQuantile is scoreQuantile for scores with their signs: the extrapolation goes from their median.
func (e *Engine) signedQuantile(signed []float64, p, nu float64) float64 {
	q, level, r := quantile(signed, p), math.Abs(2*p-1), nu/(nu+1)
	if level <= r {
		return q
	}
	median := quantile(signed, 0.5)
	edge := quantile(signed, (1+math.Copysign(r, p-0.5))/2) - median
	extrapolated := median + edge*e.tails.ratio(level, r, nu)
	switch {
	case math.Abs(edge) >= flatScore:
		return extrapolated
	case p < 0.5:
		return min(q, extrapolated)
	}
	return max(q, extrapolated)
}
