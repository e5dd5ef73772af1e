package nixtla

import (
	"math"
	"slices"
)

// largestScore bounds the scores of values beside an interval without a width.
const largestScore = 1e6

// judge says which of the values that were forecast are anomalies: those outside of the interval of the request's level. The score of
// a value is its distance from the forecast, in units of the standard deviation that a normal distribution with the interval's end on
// that side has, so that at the end it is the quantile z of the level. A missing value is no anomaly.
func (p *Plan) judge(r *Result) {
	lo, hi, level := r.widest()
	z := math.Sqrt2 * math.Erfinv(level/100)
	r.anomaly, r.score = make([]bool, len(r.mean)), make([]float64, len(r.mean))
	for k, at := range r.indices {
		y := p.request.Series.Y[at]
		r.anomaly[k] = y < lo[k] || y > hi[k]
		r.score[k] = score(y, r.mean[k], lo[k], hi[k], z)
	}
	if p.op == OnlineAnomalies && p.request.Threshold == multivariateThreshold {
		r.judgeTogether(z)
	}
}

// widest are the ends of the interval of the greatest level.
func (r *Result) widest() (lo, hi []float64, level float64) {
	level = -1
	for _, e := range r.ends {
		level = max(level, e.level)
	}
	for _, e := range r.ends {
		switch {
		case e.level < level:
		case e.greater:
			hi = e.values
		default:
			lo = e.values
		}
	}
	return lo, hi, level
}

func score(y, mean, lo, hi, z float64) float64 {
	width := hi - mean
	if y < mean {
		width = mean - lo
	}
	switch s := (y - mean) / width * z; {
	case y == mean:
		return 0
	case y != y || lo != lo || hi != hi || s != s:
		return math.NaN()
	default:
		return max(-largestScore, min(largestScore, s))
	}
}

// judgeTogether judges the values of all series at the same step together. The accumulated score is the sum of the squares of their
// scores, χ² with as many degrees of freedom as there are series if these are independent: they are anomalies where it is greater
// than the quantile of the level.
func (r *Result) judgeTogether(z float64) {
	steps := slices.Max(r.sizes)
	sums, counts := make([]float64, steps), make([]int, steps)
	each := func(do func(k, step int)) {
		k := 0
		for _, n := range r.sizes {
			for step := steps - n; step < steps; step++ {
				do(k, step)
				k++
			}
		}
	}
	each(func(k, step int) {
		if s := r.score[k]; s == s {
			sums[step] += s * s
			counts[step]++
		}
	})
	r.accumulated = make([]float64, len(r.mean))
	each(func(k, step int) {
		r.accumulated[k] = sums[step]
		r.anomaly[k] = counts[step] > 0 && sums[step] > chiSquared(float64(counts[step]), z)
	})
}

// chiSquared is the quantile of χ² with n degrees of freedom at the probability at which |N(0,1)| is below z. With one it is z²;
// with more, the approximation of Wilson and Hilferty (1931, Proceedings of the National Academy of Sciences 17, 684-688).
func chiSquared(n, z float64) float64 {
	if n == 1 {
		return z * z
	}
	u := math.Sqrt2 * math.Erfinv(2*math.Erf(z/math.Sqrt2)-1) // of the same probability, one-sided
	c := 2 / (9 * n)
	return n * math.Pow(max(0, 1-c+u*math.Sqrt(c)), 3)
}
