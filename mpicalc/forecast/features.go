package forecast

import (
	"math"
	"time"

	"gonum.org/v1/gonum/stat"
)

// features is what is known of a series before any member is tried on it. Each number lies between -3 and 3.
type features [featureCount]float64

// The features. A t is that of a test, divided by two; a random walk has none larger than 1 but for luck.
const (
	xAlways         = iota // 1
	xLength                // ln n
	xHorizon               // ln h
	xStep                  // ln of the time between two values
	xYearly                // 1 where that is a year
	xUnitRoot              // t of Dickey and Fuller, from mean reversion up to a unit root
	xReverting             // how far unitRoot lies beyond the 5 % point
	xReversion             // t of the variance ratio of four steps
	xMomentum              // t of the autocorrelation of the differences
	xMemory                // χ² of the autocorrelations of the differences at the lags 1 to 5, its logarithm
	xDrifting              // |t| of the mean difference
	xEcho                  // t of the autocorrelation of the differences at the shortest season
	xEchoing               // its square
	xZeros                 // share of zeros
	xVariation             // coefficient of variation
	xTails                 // kurtosis of the differences
	xSeason                // strength of the shortest season: -ln(V(m)/V(m/2))
	xCycle                 // autocorrelation at the shortest season
	xPeriods               // ln(n/m)
	xLongSeason            // ln m
	xSeasonal              // evidence for the shortest season, see seasonEvidence
	xSeasonalToo           // evidence for the longest of several
	xSeasonPeriods         // season·periods
	xUnitRootLength        // unitRoot·length
	xSmoothness            // autocorrelation of the differences itself
	featureCount
)

// features measures the values of p before origin o, on logarithms where all values are positive.
func (e *Engine) features(p *problem, o int) features {
	var v features
	n, m, values := p.ends[o], p.season(), p.values[:p.known[o]]
	z := e.view(p, p.positive()).z[:n]
	v[xAlways] = 1
	v[xLength] = bound((math.Log(float64(n)) - 5) / 1.5)
	v[xHorizon] = bound((math.Log(float64(p.h)) - 2) / 1.5)
	if step := p.options.Step; step > 0 {
		v[xStep] = bound(math.Log(step.Hours()/24) / 2)
		if step > annual*24*time.Hour {
			v[xYearly] = 1
		}
	}
	v[xZeros] = 2 * zeroShare(values)
	if p.lo[o] >= 0 {
		mean, sd := stat.PopMeanStdDev(values, nil)
		v[xVariation] = bound(sd / mean)
	}
	if n < 4 {
		return v
	}
	defer e.mem.release(e.mem.mark())
	raw := z
	z = e.withoutSeason(z, p)
	d := e.differences(z)
	mean, sd := stat.MeanStdDev(d, nil)
	if sd > 0 {
		tau := dickeyFuller(z, d)
		v[xUnitRoot] = bound((tau + 2.5) / 1.5)
		v[xReverting] = max(0, bound(-(tau+2.9)/2))
		v[xReversion] = bound((varianceRatio(z, d, mean, 4) - 1) * math.Sqrt(float64(n)/3.5) / 2)
		one := autocorrelation(d, mean, 1)
		v[xMomentum] = bound(one.t() / 2)
		v[xSmoothness] = bound(3 * one.sum / (sd * sd * float64(n-2)))
		chi := one.chiSquare()
		for k := 2; k <= 5; k++ {
			chi += autocorrelation(d, mean, k).chiSquare()
		}
		v[xMemory] = bound(math.Log(max(chi, 1e-3) / 5))
		v[xDrifting] = bound(math.Abs(mean) * math.Sqrt(float64(n-1)) / sd / 2)
		if m > 1 && n > m+2 {
			r := e.differences(raw)
			c := autocorrelation(r, stat.Mean(r, nil), m)
			v[xEcho] = bound(c.t() / 2)
			v[xEchoing] = bound(c.chiSquare() / 4)
		}
		fourth := 0.0
		for _, x := range d {
			u := (x - mean) / sd
			fourth += u * u * u * u
		}
		v[xTails] = bound(math.Log(fourth/float64(n-1)/3) / 2)
	}
	if m > 1 && n >= m+m/2 {
		v[xSeason] = bound(-2 * math.Log(variogram(raw, m)/variogram(raw, max(m/2, 1))))
		v[xCycle] = bound(2 * stat.Correlation(raw[m:], raw[:n-m], nil))
		v[xPeriods] = bound((math.Log(float64(n)/float64(m)) - 2.5) / 1.2)
		v[xSeasonal] = 2*p.evidence[0] - 1
		if last := len(p.seasons) - 1; last > 0 {
			v[xSeasonalToo] = 2 * p.evidence[last]
		}
		v[xLongSeason] = bound((math.Log(float64(m)) - 2.5) / 1.5)
	}
	v[xUnitRootLength] = bound(v[xUnitRoot] * v[xLength])
	v[xSeasonPeriods] = bound(v[xSeason] * v[xPeriods])
	return v
}

// withoutSeason returns z less the mean course of its shortest season about a line, as far as there is evidence for the season:
// what the season does from step to step would hide what the series does.
func (e *Engine) withoutSeason(z []float64, p *problem) []float64 {
	m, n := p.season(), len(z)
	if m == 1 || n < 2*m {
		return z
	}
	x, sums, counts := e.mem.floats(n), e.mem.floats(m), e.mem.floats(m)
	clear(sums)
	clear(counts)
	intercept, slope := e.leastSquaresLine(z)
	for t, v := range z {
		sums[t%m] += v - intercept - slope*float64(t)
		counts[t%m]++
	}
	for i, c := range counts {
		sums[i] *= p.evidence[0] / c
	}
	for t, v := range z {
		x[t] = v - sums[t%m]
	}
	return x
}

// bound keeps v between -3 and 3, and turns what is not a number into 0.
func bound(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -3), 3)
}

func zeroShare(y []float64) float64 {
	count := 0
	for _, v := range y {
		if v == 0 {
			count++
		}
	}
	return float64(count) / float64(len(y))
}

// dickeyFuller returns the t statistic of ρ in d(t) = a + ρ·z(t-1) + b·d(t-1), with d the differences of z: the test of
// Dickey and Fuller with a constant and one lag (1979, Journal of the American Statistical Association 74, 427-431). Its 5 %
// point for a random walk of 100 values is -2.89.
func dickeyFuller(z, d []float64) float64 {
	n := len(d) - 1
	level, before, now := z[1:1+n], d[:n], d[1:]
	ml, mb, mn := stat.Mean(level, nil), stat.Mean(before, nil), stat.Mean(now, nil)
	var ll, lb, bb, ln, bn, nn float64
	for t, l := range level {
		l, b, y := l-ml, before[t]-mb, now[t]-mn
		ll += l * l
		lb += l * b
		bb += b * b
		ln += l * y
		bn += b * y
		nn += y * y
	}
	rho, b, ok := solve2(ll, lb, bb, ln, bn)
	if !ok || n < 5 {
		return 0
	}
	residual := max(nn-rho*ln-b*bn, 1e-12*nn) / float64(n-3)
	return rho / math.Sqrt(residual*bb/(ll*bb-lb*lb))
}

// varianceRatio returns Var(z(t) - z(t-q)) / (q·Var(d)), about 1 for a random walk and less where z reverts to a mean (Lo and
// MacKinlay 1988, Review of Financial Studies 1, 41-66).
func varianceRatio(z, d []float64, mean float64, q int) float64 {
	if len(z) <= 2*q {
		return 1
	}
	long, short := 0.0, 0.0
	for t := q; t < len(z); t++ {
		u := z[t] - z[t-q] - float64(q)*mean
		long += u * u
	}
	for _, x := range d {
		short += (x - mean) * (x - mean)
	}
	return max(long/float64(len(z)-q)/(float64(q)*short/float64(len(d))), 0.01)
}
