package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"foliocast/mpicalc/forecast/inorder"
)

// regression is a fit of the coefficients β to the first values of a series:
//
//	y(t) = D(t) + Σ β(i)·x(i,t) + u(t),  u(t) = Σ φ(j)·u(t-j) + ε(t)
//
// with a line and the seasons in D, or the same of the first differences, Δy and Δx, without the line. D is taken out of y and
// of every x (Frisch and Waugh 1933, Econometrica 1, 387-401). The errors of least squares give φ, and least squares on
// y(t) - Σ φ(j)·y(t-j) and the same of every x, less D again, gives β and its covariance: feasible generalised least squares
// (Cochrane and Orcutt 1949, Journal of the American Statistical Association 44, 32-61), done twice.
type regression struct {
	points      int       // the values that it was fitted to
	beta        []float64 // 0 for a regressor that cannot be estimated
	covariance  []float64 // of beta, row-major; 0 likewise
	differenced bool
	start       int   // the first t of away
	away        paths // each x, or Δx, less what its own D says, to the last step
	aicc        float64
	explained   float64 // the share of the sum of squares that the regressors explain
}

// unitRoot is by how much AICc must speak for levels. Of errors that are a random walk, a line and an autoregression explain
// so much that the criterion alone would mostly choose levels.
const unitRoot = 6

const (
	refits       = 2 // of φ and β
	maxErrorLags = 5
)

// regress fits r to the first n values of f. Where they are too few, all coefficients are 0.
func (e *Engine) regress(f *effects, r *regression, n int) {
	e.regressOn(f, r, n, false)
	e.regressOn(f, &f.trial, n, true)
	if f.trial.aicc < r.aicc+unitRoot {
		*r, f.trial = f.trial, *r
	}
}

// regressOn fits r to the first n values of f, or to their differences.
func (e *Engine) regressOn(f *effects, r *regression, n int, differenced bool) {
	clear(r.beta)
	clear(r.covariance)
	r.points, r.differenced, r.start, r.aicc, r.explained = n, differenced, 0, math.Inf(1), 0
	copy(r.away.data, f.x.data)
	if n < minRegression {
		return
	}
	defer e.mem.release(e.mem.mark())
	k := len(r.beta)
	y := e.mem.floats(n)
	copy(y, f.y)
	if differenced {
		r.start = 1
		difference(y)
		for i := range k {
			difference(r.away.row(i))
		}
	}
	d := e.newBackdrop(f, r.start, n, !differenced)
	d.remove(y)
	for i := range k {
		d.remove(r.away.row(i))
	}
	lags := e.lagsTo(min(maxErrorLags, n/20))
	from := 1
	if len(lags) > 0 {
		from += lags[len(lags)-1]
	}
	filtered := e.newBackdrop(f, from, n, !differenced)
	g := gramOf{k: k, data: e.mem.floats((k + 1) * (k + 1)), inverse: e.mem.floats(k * k)}
	g.sum(y, r.away, r.start, n)
	g.solve(r.beta, f.size)
	u, v, x := e.mem.floats(n), e.mem.floats(n), paths{h: n, data: e.mem.floats(k * n)}
	phi := e.mem.floats(len(lags))
	order, total := 0, 0.0
	for range refits {
		copy(u, y)
		for i, b := range r.beta {
			floats.AddScaled(u[r.start:], -b, r.away.row(i)[r.start:n])
		}
		order = e.fitErrors(phi, lags, u, from, filtered.terms())
		filter(v, y, phi, lags, from)
		filtered.remove(v)
		for i := range k {
			filter(x.row(i), r.away.row(i)[:n], phi, lags, from)
			filtered.remove(x.row(i))
		}
		g.sum(v, x, from, n)
		total = *g.at(0, 0)
		g.solve(r.beta, f.size)
	}
	residual := g.residual
	share := e.winsorise(v, x, r.beta, from)
	if share < 1 {
		g.sum(v, x, from, n)
		g.solve(r.beta, f.size)
	}
	if total > 0 {
		r.explained = 1 - residual/total
	}
	r.conclude(&g, residual, share, float64(n-from), float64(filtered.terms()+order))
}

// conclude computes the covariance, from the fit g to winsorised values, and the criterion, from the residual sum of squares of
// all. Where fewer degrees of freedom are left than there are coefficients, all of these are 0.
func (r *regression) conclude(g *gramOf, residual, share, rows, terms float64) {
	free := rows - terms - float64(g.kept)
	if free < float64(max(g.kept, 1)) {
		clear(r.beta)
		return
	}
	variance := g.residual / free / (share * share)
	for i, v := range g.inverse {
		r.covariance[i] = v * variance
	}
	q := rows - free + 1
	r.aicc = rows*math.Log(max(residual/rows, 1e-300)) + 2*q + 2*q*(q+1)/max(rows-q-1, 1)
}

// winsorise brings values of v, t >= from, that are further from Σ β(i)·x(i,t) than outlier standard deviations to that
// distance, so that least squares becomes the estimate of Huber (1981, Robust Statistics, section 7.8, pseudo-values). It
// returns the share of the values that it left alone. The standard deviation is that of the median, 1.4826·median |v - Σ β·x|;
// where that is 0, all values stay.
func (e *Engine) winsorise(v []float64, x paths, beta []float64, from int) (share float64) {
	defer e.mem.release(e.mem.mark())
	u := e.mem.floats(len(v) - from)
	copy(u, v[from:])
	for i, b := range beta {
		floats.AddScaled(u, -b, x.row(i)[from:])
	}
	sizes := e.mem.floats(len(u))
	for t, miss := range u {
		sizes[t] = math.Abs(miss)
	}
	slices.Sort(sizes)
	most := outlier * 1.4826 * sizes[len(sizes)/2]
	if most == 0 || sizes[len(sizes)-1] <= most {
		return 1
	}
	clipped := 0
	for t, miss := range u {
		if math.Abs(miss) > most {
			v[from+t] -= miss - math.Copysign(most, miss)
			clipped++
		}
	}
	return 1 - float64(clipped)/float64(len(u))
}

const outlier = 3

// minRegression is the least number of values for a regression.
const minRegression = 6

// difference replaces v by its first differences; v[0] becomes 0.
func difference(v []float64) {
	for t := len(v) - 1; t > 0; t-- {
		v[t] -= v[t-1]
	}
	v[0] = 0
}

// filter writes v(t) - Σ φ(j)·v(t-lags(j)) into dst for t >= from.
func filter(dst, v, phi []float64, lags []int, from int) {
	copy(dst[from:], v[from:])
	for j, c := range phi {
		if c != 0 {
			floats.AddScaled(dst[from:], -c, v[from-lags[j]:len(dst)-lags[j]])
		}
	}
}

// fitErrors writes the autoregression of u(t), t >= from, into phi, and returns its order as AICc chooses it.
func (e *Engine) fitErrors(phi []float64, lags []int, u []float64, from, intercepts int) int {
	clear(phi)
	defer e.mem.release(e.mem.mark())
	q := e.newNormalEquations(len(lags))
	q.rows = float64(len(u) - from)
	lagged := func(i int) []float64 {
		if i == 0 {
			return u[from:]
		}
		return u[from-lags[i-1] : len(u)-lags[i-1]]
	}
	for i := range len(lags) + 1 {
		for j := i; j <= len(lags); j++ {
			*q.at(i, j) = inorder.Dot(lagged(i), lagged(j))
		}
	}
	size := *q.at(0, 0) / q.rows
	if !(size > 0) {
		return 0
	}
	floats.Scale(1/size, q.gram)
	if !e.ridge(&q, ridgeUsual, phi, true, intercepts) {
		clear(phi)
	}
	order := len(phi)
	for order > 0 && phi[order-1] == 0 {
		order--
	}
	return order
}

// distance is how far regressor i is, at time t, from what is expected of it at the origin n.
func (r *regression) distance(i, n, t int) float64 {
	row := r.away.row(i)
	if !r.differenced {
		return row[t]
	}
	sum := 0.0
	for ; n <= t; n++ {
		sum += row[n]
	}
	return sum
}

// variance is that of Σ β(i)·distance(i, n, t) for the coefficients of fit.
func (r *regression) variance(fit *regression, n, t int) float64 {
	k, sum := len(r.beta), 0.0
	for i := range k {
		for j := range k {
			if c := fit.covariance[i*k+j]; c != 0 {
				sum += c * r.distance(i, n, t) * r.distance(j, n, t)
			}
		}
	}
	return sum
}

// sum is Σ β(i)·x(i,t).
func (r *regression) sum(x *paths, t int) float64 {
	sum := 0.0
	for i, b := range r.beta {
		sum += b * x.row(i)[t]
	}
	return sum
}
