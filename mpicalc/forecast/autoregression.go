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
	lags   []int // ascending, > 0
	diff   int   // 0, or the distance of the differences
	period int   // one intercept for each phase of this period; 1 for a single one
	window int   // use at most the last so many points; 0 for all
	nested bool  // choose by AICc how many of the lags to use, from the first
	least  int   // lags that a short series may not drop
	ridge  float64
}

// longest is the number of past points that one observation of the regression needs.
func (r *autoregression) longest() int {
	if len(r.lags) == 0 {
		return r.diff
	}
	return r.lags[len(r.lags)-1] + r.diff
}

// want asks l for the products that the fit needs.
func (r *autoregression) want(mem *scratch, l *lagSums) {
	l.wantPhases(mem, r.period)
	for i := -1; i < len(r.lags); i++ {
		for j := i; j < len(r.lags); j++ {
			a, b := r.lag(i), r.lag(j)
			l.want(a, b)
			if r.diff > 0 {
				l.want(a+r.diff, b)
				l.want(a, b+r.diff)
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

// cut drops the longest lags until n points give three observations for each of them and two for each intercept. It
// reports false when fewer than r.least would be left.
func (r autoregression) cut(n int) (autoregression, bool) {
	for r.enough(n) < 0 && len(r.lags) > r.least {
		r.lags = r.lags[:len(r.lags)-1]
	}
	return r, r.enough(n) >= 0
}

// enough is the number of observations beyond those needed.
func (r *autoregression) enough(n int) int {
	return n - r.longest() - 3*(len(r.lags)+1) - 2*(r.period-1)
}

// lagFit is a fitted autoregression.
type lagFit struct {
	autoregression           // with the lags that the points allow
	alpha, beta    []float64 // intercepts and coefficients; memory for the most there can be
	start          int       // the first t of the regression, of phase 0
	points         int       // values of the series that it has seen; 0 for no fit
}

func (e *Engine) newLagFit(r *autoregression) lagFit {
	return lagFit{alpha: e.mem.floats(r.period), beta: e.mem.floats(len(r.lags))}
}

// extend fits the regression to the first n values of l.z and writes the next len(row) into row. It reports false,
// and leaves row alone, when it cannot.
func (e *Engine) extend(r *autoregression, l *lagSums, n int, row []float64) bool {
	mark := e.mem.mark()
	defer e.mem.release(mark)
	f := e.newLagFit(r)
	e.fitLags(&f, r, l, n)
	return e.continueSeries(&f, l.z[:n], row)
}

// fitLags fits the regression to the first n values of l.z. Without enough of them f is no fit.
func (e *Engine) fitLags(f *lagFit, full *autoregression, l *lagSums, n int) {
	f.points = 0
	cut, ok := full.cut(n)
	if !ok {
		return
	}
	r := &cut
	mark := e.mem.mark()
	defer e.mem.release(mark)
	start := r.longest()
	if r.window > 0 {
		start = max(start, n-r.window)
	}
	q := e.newNormal(len(r.lags))
	q.rows = float64(n - start)
	sums := e.phaseMeans(r, l, start, n)
	r.fill(&q, l, start, n)
	for i := range q.k + 1 {
		for j := i; j <= q.k; j++ {
			*q.at(i, j) -= floats.Dot(sums.row(i), sums.row(j))
		}
	}
	beta := f.beta[:q.k]
	if *q.at(0, 0) <= 1e-12*q.rows {
		clear(beta) // constant within its phases, as far as rounding shows: the intercepts say all
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
	f.autoregression, f.start, f.points = cut, start, n
}

// phaseMeans returns, for the target and each lag, the sum within each phase over the root of their number, so that
// the dot product of two rows is what the intercepts take out of a sum of products (Frisch and Waugh 1933).
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
func (r *autoregression) fill(q *normal, l *lagSums, a, b int) {
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

// continueSeries writes the recursion's next values after z, which begins as the values did that f has seen, into row.
// It reports false, and leaves row alone, when f is no fit.
func (e *Engine) continueSeries(f *lagFit, z, row []float64) bool {
	if f.points == 0 {
		return false
	}
	mark := e.mem.mark()
	defer e.mem.release(mark)
	past, phase := f.longest()-f.diff, (len(z)-f.start)%f.period
	w := e.mem.floats(past + len(row))
	copy(w, z[len(z)-past:])
	if s := f.diff; s > 0 {
		floats.Sub(w[:past], z[len(z)-past-s:len(z)-s])
	}
	for k := range row {
		v := f.alpha[phase]
		now := w[:past+k]
		for i, lag := range f.lags {
			v += f.beta[i] * now[len(now)-lag]
		}
		w[past+k] = v
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
