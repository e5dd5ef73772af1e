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
		if n-first < 2*f.terms {
			continue
		}
		f.add(v.z, from, n)
		from = n
		if !p.sharesFit(o, f.points) {
			f.points = 0
			if e.fitFourier(&f, n) {
				f.points = n
			}
		}
		if row := out.row(o); f.points > 0 {
			e.continueFourier(&f, v.z[:n], row)
			v.back(row)
			p.clip(o, row)
		}
	}
	return fit{paths: out}
}

// fitFourier fits the regression to the first n values.
func (e *Engine) fitFourier(f *fourier, n int) bool {
	defer e.mem.release(e.mem.mark())
	f.addWaves(f.reach, n-f.start)
	k, rows := f.terms, float64(n-f.start-f.reach)
	q := e.newNormalEquations(k)
	q.rows = rows
	for i := range k + 1 {
		for j := i; j <= k; j++ {
			*q.at(i, j) = f.gram[i*f.width+j] - f.gram[i*f.width+k+1]*f.gram[j*f.width+k+1]/rows
		}
	}
	if !e.ridge(&q, ridgeUsual, f.beta, true, 1) {
		return false
	}
	f.intercept = f.gram[k+1] / rows
	for i, b := range f.beta {
		f.intercept -= b * f.gram[(i+1)*f.width+k+1] / rows
	}
	return true
}

// continueFourier writes the continuation of z into row.
func (e *Engine) continueFourier(f *fourier, z, row []float64) {
	defer e.mem.release(e.mem.mark())
	lags := len(f.lags)
	w := e.mem.floats(f.reach + len(row))
	copy(w, z[len(z)-f.reach:])
	for h := range row {
		now := w[:f.reach+h]
		next := f.intercept + floats.Dot(f.beta[lags:], f.at(len(z) + h)[lags:])
		for i, lag := range f.lags {
			next += f.beta[i] * now[len(now)-lag]
		}
		w[f.reach+h] = next
	}
	copy(row, w[f.reach:])
}

// fourier holds the regressors at all times from start on, and their sums of products: index 0 is the series, 1..terms are
// the regressors, and the last is the constant 1.
type fourier struct {
	start     int       // the first time that is used
	lags      []int     // the first regressors; the line follows, and then the waves
	reach     int       // the longest lag
	frequency []float64 // of each wave, in radians a step; a wave is a sine and a cosine
	terms     int       // regressors in all
	table     []float64 // times × terms
	width     int       // terms + 2
	row       []float64 // the series, the regressors and the constant at one time
	gram      []float64 // width × width, upper triangle
	points    int       // training length of the fit; 0 for none
	beta      []float64 // coefficients
	intercept float64
}

// newFourier tabulates the regressors of p for the times of the series z and of its forecast.
func (e *Engine) newFourier(p *problem, z []float64) fourier {
	f := fourier{lags: e.harmonicLags(p)}
	long := p.seasons[len(p.seasons)-1]
	f.start = max(0, len(z)-max(harmonicPoints, harmonicPeriods*long))
	f.reach = f.lags[len(f.lags)-1]
	f.frequency = e.mem.floats(maxHarmonics * len(p.seasons))[:0]
	for j := 1; j <= maxHarmonics; j++ {
		for _, m := range p.seasons {
			if j <= m/2 {
				f.frequency = append(f.frequency, 2*math.Pi*float64(j)/p.options.exactPeriod(m))
			}
		}
	}
	f.terms = len(f.lags) + 1 + 2*len(f.frequency)
	f.width = f.terms + 2
	f.row, f.gram, f.beta = e.mem.floats(f.width), e.mem.floats(f.width*f.width), e.mem.floats(f.terms)
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
	for i, w := range f.frequency {
		tabulate(f.table[len(f.lags)+1+2*i:], f.terms, n, w, 0)
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

// tabulate writes sin and cos of phase + frequency·t, t = 0..n-1, into two neighbours of every row of a table of that width. It
// rotates them from row to row, and computes them directly every few rows, so that their phases stay exact however long the
// table is.
func tabulate(table []float64, width, n int, frequency, phase float64) {
	const direct = 64
	var s, c float64
	turnS, turnC := math.Sincos(frequency)
	for t := range n {
		if t%direct == 0 {
			s, c = math.Sincos(phase + frequency*float64(t))
		}
		table[t*width], table[t*width+1] = s, c
		s, c = s*turnC+c*turnS, c*turnC-s*turnS
	}
}

// forget empties the sums.
func (f *fourier) forget() {
	clear(f.gram)
	f.points = 0
}

// add includes the times from..to-1 in the sums, but for the products of waves.
func (f *fourier) add(z []float64, from, to int) {
	rows := len(f.lags) + 2
	for t := from; t < to; t++ {
		f.row[0], f.row[f.width-1] = z[t], 1
		copy(f.row[1:], f.at(t))
		for i, a := range f.row[:rows] {
			floats.AddScaled(f.gram[i*f.width+i:(i+1)*f.width], a, f.row[i:])
		}
	}
}

// addWaves forms the sums of products of waves, and of each with 1, over the times a..b-1 from start:
//
//	Σ sin(αt)·sin(βt) = (C(α-β) - C(α+β))/2,  Σ cos(αt)·cos(βt) = (C(α-β) + C(α+β))/2,
//	Σ sin(αt)·cos(βt) = (S(α+β) + S(α-β))/2,  C(θ) = Σ cos(θt),  S(θ) = Σ sin(θt)
func (f *fourier) addWaves(a, b int) {
	first := len(f.lags) + 2
	for i, alpha := range f.frequency {
		row := first + 2*i
		sines, cosines := f.gram[row*f.width:(row+1)*f.width], f.gram[(row+1)*f.width:(row+2)*f.width]
		for j := i; j < len(f.frequency); j++ {
			beta, column := f.frequency[j], first+2*j
			sumS, sumC := waveSums(alpha+beta, a, b)
			s, c := waveSums(alpha-beta, a, b)
			sines[column], sines[column+1] = (c-sumC)/2, (sumS+s)/2
			cosines[column], cosines[column+1] = (sumS-s)/2, (c+sumC)/2
		}
		sines[f.width-1], cosines[f.width-1] = waveSums(alpha, a, b)
	}
}

// waveSums returns Σ sin(θt) and Σ cos(θt) over t = a..b-1, by the kernel of Dirichlet:
//
//	Σ e^(iθt) = e^(iθ(a+b-1)/2)·sin(θ(b-a)/2)/sin(θ/2)
func waveSums(theta float64, a, b int) (sine, cosine float64) {
	theta = math.Remainder(theta, 2*math.Pi)
	n, below := float64(b-a), math.Sin(theta/2)
	kernel := n
	if math.Abs(below) > 1e-9 {
		kernel = math.Sin(theta*n/2) / below
	}
	sine, cosine = math.Sincos(theta * float64(a+b-1) / 2)
	return kernel * sine, kernel * cosine
}

// at returns the regressors at time t.
func (f *fourier) at(t int) []float64 {
	t -= f.start
	return f.table[t*f.terms : (t+1)*f.terms]
}
