package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// harmonic is a regression on the latest values, a line and Fourier terms for every season m:
//
//	z(t) = a + Σ_i φ(i)·z(t-i) + b·t + Σ_j Σ_m (c(m,j)·sin(2πjt/m) + d(m,j)·cos(2πjt/m)) + ε(t),  j <= m/2, 6
//
// AICc chooses how many of the regressors are used, in this order, so that the harmonics of all seasons come in together. The
// sums of products grow with the training part from the earliest origin to the latest, so that each product is added once for
// all origins. Source: Young, Pedregal and Tych 1999, Journal of Forecasting 18, 369-394; Hyndman and Athanasopoulos,
// Forecasting: Principles and Practice, section 10.5; with lags in place of autoregressive errors, as in Harvey 1990, The
// Econometric Analysis of Time Series, chapter 8. It needs a season and two points for each regressor.
type harmonic struct{}

const (
	maxHarmonics     = 6
	harmonicLags     = 7    // lags of a long season; a short one has up to two seasons of them
	mostHarmonicLags = 14   // the most of a short one
	pointsPerLag     = 16   // the points that each lag needs
	lagPeriods       = 10   // the periods from which the value of a long season ago is a regressor, too
	harmonicPeriods  = 8    // periods of the longest season that are used: older ones have changed
	harmonicPoints   = 1000 // and no fewer points than this
)

func (harmonic) forecast(e *Engine, p *problem, log bool) fit {
	out := e.newPaths(p)
	if len(p.seasons) == 0 {
		return fit{paths: out}
	}
	v := e.view(p, log)
	f := e.newFourier(p, v.z)
	first := f.start + f.reach
	from := first
	for o, n := range slices.Backward(p.ends) {
		if o == p.extra-1 {
			f.forget()
			from = first
		}
		if n <= from {
			continue
		}
		f.add(v.z, from, n)
		from = n
		mark := e.mem.mark()
		if n-first >= 2*f.terms && e.continueFourier(&f, v.z[:n], out.row(o)) {
			v.back(out.row(o))
			p.clip(o, out.row(o))
		}
		e.mem.release(mark)
	}
	return fit{paths: out}
}

// continueFourier fits the regression to z and writes its continuation into row.
func (e *Engine) continueFourier(f *fourier, z, row []float64) bool {
	k, rows := f.terms, float64(len(z)-f.start-f.reach)
	q := e.newNormalEquations(k)
	q.rows = rows
	for i := range k + 1 {
		for j := i; j <= k; j++ {
			*q.at(i, j) = f.gram[i*f.width+j] - f.gram[i*f.width+k+1]*f.gram[j*f.width+k+1]/rows
		}
	}
	beta := e.mem.floats(k)
	if !e.ridge(&q, ridgeUsual, beta, true, 1) {
		return false
	}
	intercept := f.gram[k+1] / rows
	for i, b := range beta {
		intercept -= b * f.gram[(i+1)*f.width+k+1] / rows
	}
	lags := len(f.lags)
	w := e.mem.floats(f.reach + len(row))
	copy(w, z[len(z)-f.reach:])
	for h := range row {
		now := w[:f.reach+h]
		next := intercept + floats.Dot(beta[lags:], f.at(len(z) + h)[lags:])
		for i, lag := range f.lags {
			next += beta[i] * now[len(now)-lag]
		}
		w[f.reach+h] = next
	}
	copy(row, w[f.reach:])
	return true
}

// fourier holds the regressors at all times from start on, and their sums of products: index 0 is the series, 1..terms are
// the regressors, and the last is the constant 1.
type fourier struct {
	start int       // the first time that is used
	lags  []int     // the first regressors
	reach int       // the longest lag
	terms int       // regressors in all
	table []float64 // times × terms
	width int       // terms + 2
	row   []float64 // the series, the regressors and the constant at one time
	gram  []float64 // width × width, upper triangle
}

// newFourier tabulates the regressors of p for the times of the series z and of its forecast.
func (e *Engine) newFourier(p *problem, z []float64) fourier {
	f := fourier{lags: e.harmonicLags(p)}
	long := p.seasons[len(p.seasons)-1]
	f.start = max(0, len(z)-max(harmonicPoints, harmonicPeriods*long))
	f.reach = f.lags[len(f.lags)-1]
	f.terms = len(f.lags) + 1
	for _, m := range p.seasons {
		f.terms += 2 * min(m/2, maxHarmonics)
	}
	f.width = f.terms + 2
	f.row, f.gram = e.mem.floats(f.width), e.mem.floats(f.width*f.width)
	f.forget()
	n := len(z) + p.h - f.start
	f.table = e.mem.floats(n * f.terms)
	span := float64(len(z) + p.steps) // and not that of the table, which depends on what other origins need
	for t := range n {
		row := f.table[t*f.terms:]
		for i, lag := range f.lags {
			row[i] = 0 // beyond the series, continueFourier uses its own values
			if s := f.start + t - lag; s >= 0 && s < len(z) {
				row[i] = z[s]
			}
		}
		row[len(f.lags)] = 2*float64(f.start+t)/span - 1
	}
	column := len(f.lags) + 1
	for j := 1; j <= maxHarmonics; j++ {
		for _, m := range p.seasons {
			if j <= m/2 {
				f.tabulate(column, p.options.exactPeriod(m)/float64(j), n)
				column += 2
			}
		}
	}
	return f
}

// harmonicLags returns the lags for p.
func (e *Engine) harmonicLags(p *problem) []int {
	m, most := p.season(), harmonicLags
	if m < longPeriod {
		most = min(2*m, mostHarmonicLags)
	}
	count := max(1, min(most, len(p.y)/pointsPerLag))
	lags := e.lagsTo(count + 1)
	if lags[count] = m; m < longPeriod || len(p.y) < lagPeriods*m {
		lags = lags[:count]
	}
	return lags
}

// tabulate writes the sine and cosine of the given period by rotation, and computes them directly every few steps, so
// that their phases stay exact however long the series is.
func (f *fourier) tabulate(column int, period float64, n int) {
	const direct = 64
	var s, c float64
	turnS, turnC := math.Sincos(2 * math.Pi / period)
	for t := range n {
		if t%direct == 0 {
			s, c = math.Sincos(2 * math.Pi * math.Mod(float64(t), period) / period)
		}
		f.table[t*f.terms+column], f.table[t*f.terms+column+1] = s, c
		s, c = s*turnC+c*turnS, c*turnC-s*turnS
	}
}

// forget empties the sums.
func (f *fourier) forget() { clear(f.gram) }

// add includes the times from..to-1 in the sums.
func (f *fourier) add(z []float64, from, to int) {
	for t := from; t < to; t++ {
		f.row[0], f.row[f.width-1] = z[t], 1
		copy(f.row[1:], f.at(t))
		for i, a := range f.row {
			floats.AddScaled(f.gram[i*f.width+i:(i+1)*f.width], a, f.row[i:])
		}
	}
}

// at returns the regressors at time t.
func (f *fourier) at(t int) []float64 {
	t -= f.start
	return f.table[t*f.terms : (t+1)*f.terms]
}
