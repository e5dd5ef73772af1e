package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// autoregression is a regression of a series on chosen lags of itself:
//
//	z(t) = α(phase of t) + Σ β(i)·z(t - lags(i)) + error
//
// with z the series, or its differences at distance diff. It is fitted by ridge regression and continued step by
// step, each forecast serving as a lag of the next (Box and Jenkins 1970, chapter 5). Cost: k² look-ups in lagSums
// and k³/6 multiplications a fit, whatever the length of the series.
type autoregression struct {
	lags    []int // ascending, > 0
	diff    int   // 0, or the distance of the differences
	period  int   // one intercept for each phase of this period; 1 for a single intercept
	window  int   // the number of latest points to fit; 0 for all
	nested  bool  // choose by AICc how many of the lags to use, from the first
	minLags int   // the least number of lags, however short the series
	ridge   float64
}

// reach is the number of past points that one observation of the regression needs.
func (r *autoregression) reach() int {
	if len(r.lags) == 0 {
		return r.diff
	}
	return r.lags[len(r.lags)-1] + r.diff
}

// request asks l for the products that the fit needs.
func (r *autoregression) request(mem *scratch, l *lagSums) {
	l.requestPhases(mem, r.period)
	l.reserve(r.reach())
	for i := -1; i < len(r.lags); i++ {
		a := r.lag(i)
		for j := i; j < len(r.lags); j++ {
			d := r.lag(j) - a
			l.request(d)
			if s := r.diff; s > 0 {
				l.request(d + s)
				l.request(max(d-s, s-d))
			}
		}
	}
}

// lag returns lag i, and 0, the target itself, for i = -1.
func (r *autoregression) lag(i int) int {
	if i < 0 {
		return 0
	}
	return r.lags[i]
}

// shorten drops the longest lags until n points give three observations per lag and two per intercept. It reports false when
// fewer than r.minLags would be left.
func (r autoregression) shorten(n int) (autoregression, bool) {
	for r.spare(n) < 0 && len(r.lags) > r.minLags {
		r.lags = r.lags[:len(r.lags)-1]
	}
	return r, r.spare(n) >= 0
}

// spare is the number of observations that n points give beyond those needed; negative when there are too few.
func (r *autoregression) spare(n int) int {
	return n - r.reach() - 3*(len(r.lags)+1) - 2*(r.period-1)
}

// lagFit is a fitted autoregression.
type lagFit struct {
	autoregression           // with the lags that the points allow
	alpha, beta    []float64 // intercepts and coefficients; with room for all lags
	start          int       // the first t of the regression, of phase 0
	points         int       // training length; 0 for no fit
}

func (e *Engine) newLagFit(r *autoregression) lagFit {
	return lagFit{alpha: e.mem.floats(r.period), beta: e.mem.floats(len(r.lags))}
}

// fitLags fits the regression to the first n values of l.z. When they are too few, or the equations singular, f.points
// is 0.
func (e *Engine) fitLags(f *lagFit, full *autoregression, l *lagSums, n int) {
	f.points = 0
	short, ok := full.shorten(n)
	if !ok {
		return
	}
	r := &short
	defer e.mem.release(e.mem.mark())
	start := r.reach()
	if r.window > 0 {
		start = max(start, n-r.window)
	}
	q := e.newNormalEquations(len(r.lags))
	q.rows = float64(n - start)
	sums := e.phaseMeans(r, l, start, n)
	r.fill(&q, l, start, n)
	for i := range q.k + 1 {
		if r.period == 1 {
			floats.AddScaled(q.gram[i*(q.k+1)+i:(i+1)*(q.k+1)], -sums.data[i], sums.data[i:])
			continue
		}
		for j := i; j <= q.k; j++ {
			*q.at(i, j) -= floats.Dot(sums.row(i), sums.row(j))
		}
	}
	beta := f.beta[:q.k]
	if *q.at(0, 0) <= 1e-12*q.rows {
		clear(beta) // constant within each phase, to rounding: the intercepts explain everything
	} else if !e.ridge(&q, r.ridge, beta, r.nested, r.period) {
		return
	}
	for p := range f.alpha {
		a := sums.row(0)[p]
		for i, b := range beta {
			a -= b * sums.row(i + 1)[p]
		}
		f.alpha[p] = a / math.Sqrt(phaseCount(n-start, r.period, p))
	}
	f.autoregression, f.start, f.points = short, start, n
}

// phaseMeans returns, for the target and each lag, the sum within each phase divided by the square root of the number of its
// values. The dot product of two rows is the part of a sum of products that the intercepts explain (Frisch and Waugh 1933).
func (e *Engine) phaseMeans(r *autoregression, l *lagSums, a, b int) paths {
	sums := paths{h: r.period, data: e.mem.floats((len(r.lags) + 1) * r.period)}
	lagged := e.mem.floats(r.period)
	for i := range sums.rows() {
		row := sums.row(i)
		l.phaseSums(row, r.lag(i-1), a, b)
		if r.diff > 0 {
			l.phaseSums(lagged, r.lag(i-1)+r.diff, a, b)
			floats.Sub(row, lagged)
		}
		for p := range row {
			row[p] /= math.Sqrt(phaseCount(b-a, r.period, p))
		}
	}
	return sums
}

// phaseCount is the number of t = 0..n-1 with t mod period = p.
func phaseCount(n, period, p int) float64 {
	return float64((n + period - 1 - p) / period)
}

// fill writes the sums of products over t = a..b-1 into the upper triangle of q.
func (r *autoregression) fill(q *normalEquations, l *lagSums, a, b int) {
	for i := range q.k + 1 {
		for j := i; j <= q.k; j++ {
			x, y := r.lag(i-1), r.lag(j-1)
			v := l.product(x, y, a, b)
			if s := r.diff; s > 0 {
				v += l.product(x+s, y+s, a, b) - l.product(x+s, y, a, b) - l.product(x, y+s, a, b)
			}
			*q.at(i, j) = v
		}
	}
}

// continueLags writes the values that follow z by the recursion into row. z begins with the values that f was fitted to.
// It reports false, and leaves row alone, when f is not fitted.
func (e *Engine) continueLags(f *lagFit, z, row []float64) bool {
	if f.points == 0 {
		return false
	}
	defer e.mem.release(e.mem.mark())
	past, phase := f.reach()-f.diff, (len(z)-f.start)%f.period
	lags, beta := f.lags, f.beta[:len(f.lags)]
	w := e.mem.floats(past + len(row))
	copy(w, z[len(z)-past:])
	if s := f.diff; s > 0 {
		floats.Sub(w[:past], z[len(z)-past-s:len(z)-s])
	}
	for k := range row {
		// One sum would wait for each of its additions; two take half as long.
		now, sum, other := past+k, f.alpha[phase], 0.0
		for i := 1; i < len(lags); i += 2 {
			sum += beta[i-1] * w[now-lags[i-1]]
			other += beta[i] * w[now-lags[i]]
		}
		if i := len(lags) - 1; i >= 0 && i%2 == 0 {
			sum += beta[i] * w[now-lags[i]]
		}
		w[now] = sum + other
		if phase++; phase == f.period {
			phase = 0
		}
	}
	copy(row, w[past:])
	for k := range row {
		if s := f.diff; s > k {
			row[k] += z[len(z)-s+k]
		} else if s > 0 {
			row[k] += row[k-s]
		}
	}
	return true
}
