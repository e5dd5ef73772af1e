package backtest

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Mean is a mean difference with its confidence interval of 95 % and the two-sided p-value of its being 0.
type Mean struct{ Mean, Lo, Hi, P float64 }

// PairedT is the paired t test (Student 1908) of the differences d. Only Mean is a number with fewer than two of them, or when they
// are all the same.
func PairedT(d []float64) Mean {
	mean, n := stat.Mean(d, nil), float64(len(d))
	m := Mean{mean, math.NaN(), math.NaN(), math.NaN()}
	if len(d) < 2 {
		return m
	}
	se := stat.StdErr(stat.StdDev(d, nil), n)
	if se == 0 {
		return m
	}
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}
	half := t.Quantile(0.975) * se
	m.Lo, m.Hi, m.P = mean-half, mean+half, 2*t.CDF(-math.Abs(mean/se))
	return m
}

// DieboldMariano tests whether the mean of the loss differentials d, in order of time, is 0: d̄/√(V/n) with V = γ(0) + 2·Σ(1-k/h)·γ(k),
// k < h (Diebold and Mariano 1995, Journal of Business & Economic Statistics 13, 253-263; the weights are Bartlett's, so that V is
// not negative). It is multiplied by √((n+1-2h+h(h-1)/n)/n) and compared with Student's t with n-1 degrees of freedom (Harvey,
// Leybourne and Newbold 1997, International Journal of Forecasting 13, 281-291). h is how many steps ahead the forecasts are. The
// p-value is two-sided, and NaN when there is no variance.
func DieboldMariano(d []float64, h int) (statistic, p float64) {
	n := len(d)
	mean := stat.Mean(d, nil)
	v := 0.0
	for k := range min(h, n) {
		gamma := 0.0
		for t := k; t < n; t++ {
			gamma += (d[t] - mean) * (d[t-k] - mean)
		}
		weight := 2 * (1 - float64(k)/float64(h))
		if k == 0 {
			weight = 1
		}
		v += weight * gamma / float64(n)
	}
	size, steps := float64(n), float64(h)
	correction := (size + 1 - 2*steps + steps*(steps-1)/size) / size
	if n < 2 || v <= 0 || correction <= 0 {
		return math.NaN(), math.NaN()
	}
	statistic = mean / math.Sqrt(v/size) * math.Sqrt(correction)
	return statistic, 2 * distuv.StudentsT{Sigma: 1, Nu: size - 1}.CDF(-math.Abs(statistic))
}

// exactBelow is the number of differences from which the distribution of the signed-rank statistic is taken to be normal.
const exactBelow = 50

// SignedRank returns the two-sided p-value of Wilcoxon's signed-rank test that the differences d are symmetric about 0 (Wilcoxon
// 1945, Biometrics Bulletin 1, 80-83). Zeros are left out. It is exact for fewer than 50 differences without ties and zeros, and
// otherwise by the normal distribution with corrections for ties and continuity, as in R's wilcox.test. It is NaN when every
// difference is 0.
func SignedRank(d []float64) float64 {
	x := slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 || math.IsNaN(v) })
	n := len(x)
	if n == 0 {
		return math.NaN()
	}
	slices.SortFunc(x, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	positive, ties := 0.0, 0.0
	for from := 0; from < n; {
		to := from
		for to < n && math.Abs(x[to]) == math.Abs(x[from]) {
			to++
		}
		same := float64(to - from)
		ties += same*same*same - same
		for _, v := range x[from:to] {
			if v > 0 {
				positive += float64(from+1+to) / 2 // the mean of the ranks
			}
		}
		from = to
	}
	if ties == 0 && n == len(d) && n < exactBelow {
		return signedRankExact(int(positive), n)
	}
	size := float64(n)
	z := positive - size*(size+1)/4
	sigma := math.Sqrt(size*(size+1)*(2*size+1)/24 - ties/48)
	z = max(0, math.Abs(z)-0.5) / sigma
	return min(1, 2*distuv.UnitNormal.CDF(-z))
}

// signedRankExact is the p-value of a sum of positive ranks among 1 to n: each of the 2ⁿ sets of ranks is as likely as any other.
func signedRankExact(sum, n int) float64 {
	most := n * (n + 1) / 2
	sets := make([]float64, most+1) // with each sum
	sets[0] = 1
	for rank := 1; rank <= n; rank++ {
		for s := most; s >= rank; s-- {
			sets[s] += sets[s-rank]
		}
	}
	below := 0.0
	for s := range min(sum, most-sum) + 1 {
		below += sets[s]
	}
	return min(1, 2*below/math.Exp2(float64(n)))
}
