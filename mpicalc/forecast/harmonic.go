package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// harmonic is a line and Fourier terms for every season m, with autoregressive errors:
//
//	z(t) = a + b·t + Σ_m Σ_j (c(m,j)·sin(2πjt/m) + d(m,j)·cos(2πjt/m)) + u(t),  j <= m/2, 6
//
// It is fitted in two steps, the terms by ridge regression and u by an autoregression of an order up to 5 on the residuals.
// The sums of products grow with the training part from the earliest origin to the latest, so that each product is added
// once for all origins. Source: Young, Pedregal and Tych 1999, Journal of Forecasting 18, 369-394; Hyndman and
// Athanasopoulos, Forecasting: Principles and Practice, section 10.5. It needs a season and three points per term.
type harmonic struct{}

func (harmonic) forecast(e *Engine, p *problem, log bool) fit {
	out := e.newPaths(p)
	if len(p.seasons) == 0 {
		return fit{paths: out}
	}
	v := e.view(p, log)
	f := e.newFourier(p)
	from := 0
	for o, n := range slices.Backward(p.ends) {
		if o == p.extra-1 {
			f.forget()
			from = 0
		}
		f.add(v.z, from, n)
		from = n
		mark := e.mem.mark()
		if n >= 3*f.terms && e.continueFourier(&f, v.z[:n], out.row(o)) {
			v.back(out.row(o))
			p.clip(o, out.row(o))
		}
		e.mem.release(mark)
	}
	return fit{paths: out}
}

// continueFourier fits the terms to z and writes its continuation into row.
func (e *Engine) continueFourier(f *fourier, z, row []float64) bool {
	n, k := float64(len(z)), f.terms
	q := e.newNormalEquations(k)
	q.rows = n
	for i := range k + 1 {
		for j := i; j <= k; j++ {
			*q.at(i, j) = f.gram[i*f.width+j] - f.gram[i*f.width+k+1]*f.gram[j*f.width+k+1]/n
		}
	}
	beta := e.mem.floats(k)
	if !e.ridge(&q, ridgeUsual, beta, false, 1) {
		return false
	}
	intercept := f.gram[k+1] / n
	for i, b := range beta {
		intercept -= b * f.gram[(i+1)*f.width+k+1] / n
	}
	residuals := e.mem.floats(len(z))
	for t, v := range z {
		residuals[t] = v - intercept - floats.Dot(beta, f.at(t))
	}
	s := e.newSmoothing()
	smoothAR(e, residuals, row, &s)
	for h := range row {
		if math.IsNaN(row[h]) {
			row[h] = 0 // the residuals have no autoregression
		}
		row[h] += intercept + floats.Dot(beta, f.at(len(z)+h))
	}
	return true
}

// fourier holds the terms at all times, and their sums of products: index 0 is the series, 1..terms are the terms, and
// the last is the constant 1.
type fourier struct {
	terms int
	table []float64 // times × terms
	width int       // terms + 2
	row   []float64 // the series, the terms and the constant at one time
	gram  []float64 // width × width, upper triangle
}

const maxHarmonics = 6

// newFourier tabulates the terms of p for the times of the series and of its forecast.
func (e *Engine) newFourier(p *problem) fourier {
	n := len(p.y) + p.h
	f := fourier{terms: 1}
	for _, m := range p.seasons {
		f.terms += 2 * min(m/2, maxHarmonics)
	}
	f.width = f.terms + 2
	f.row, f.gram = e.mem.floats(f.width), e.mem.floats(f.width*f.width)
	f.forget()
	f.table = e.mem.floats(n * f.terms)
	span := float64(len(p.y) + p.steps) // and not n, which depends on what other origins need
	for t := range n {
		f.table[t*f.terms] = 2*float64(t)/span - 1
	}
	column := 1
	for _, m := range p.seasons {
		exact := p.options.exactPeriod(m)
		for j := 1; j <= min(m/2, maxHarmonics); j++ {
			f.tabulate(column, exact/float64(j), n)
			column += 2
		}
	}
	return f
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

// at returns the terms at time t.
func (f *fourier) at(t int) []float64 { return f.table[t*f.terms : (t+1)*f.terms] }
