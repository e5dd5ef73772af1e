package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// annualCycle is the yearly season of days or hours as a few waves, found from the means B(i) of blocks of steps, which are
// the longest other season, so that it does not count, or a week:
//
//	B(i) = a + b·i + Σ_j (c(j)·sin(jωτ(i)) + d(j)·cos(jωτ(i)))·D(j) + u(i),  u(i) = ρ·u(i-1) + ε(i),  j <= 3
//
// with ω the frequency of the year, τ(i) the middle of block i, and D(j) what the mean of a block leaves of a wave. ρ is the
// autocorrelation of the residuals of least squares; the second fit, of B(i) - ρ·B(i-1), chooses the number of waves by AICc.
// Source: Cochrane and Orcutt 1949, Journal of the American Statistical Association 44, 32-61.
type annualCycle struct {
	m      int       // steps of a year; 0 when there is no yearly season
	terms  int       // two for each wave
	block  int       // steps
	table  []float64 // times × terms
	means  []float64 // of the blocks from the start of the series
	blocks []float64 // blocks × (1 + terms): i and the waves
	beta   []float64 // coefficients of the waves
	points int       // training length of the fit; 0 for none
}

const (
	annualWaves     = 3
	leastYears      = 1.5
	blocksPerTerm   = 4    // the blocks that each coefficient needs
	weeksOfYear     = 52   // the blocks of a year without a shorter season
	mostCorrelation = 0.98 // the largest ρ
)

// newAnnualCycle prepares the cycle of m steps in z. In a series that is too short it stays 0.
func (e *Engine) newAnnualCycle(p *problem, m int, z []float64) annualCycle {
	c := annualCycle{m: m, terms: 2 * annualWaves, block: m / weeksOfYear}
	for _, s := range p.seasons {
		if s < m {
			c.block = s
		}
	}
	if float64(len(z)) < leastYears*float64(m) {
		return c
	}
	c.table = e.mem.floats((len(z) + p.h) * c.terms)
	count := len(z) / c.block
	c.means, c.blocks = e.mem.floats(count), e.mem.floats(count*(1+c.terms))
	c.beta = e.mem.floats(c.terms)
	clear(c.beta)
	for i := range c.means {
		c.means[i] = floats.Sum(z[i*c.block:(i+1)*c.block]) / float64(c.block)
		c.blocks[i*(1+c.terms)] = float64(i)/float64(count) - 0.5
	}
	for j := range annualWaves {
		w := 2 * math.Pi * float64(j+1) / p.options.exactPeriod(m)
		tabulate(c.table[2*j:], c.terms, len(z)+p.h, w, 0)
		tabulate(c.blocks[1+2*j:], 1+c.terms, count, w*float64(c.block), w*float64(c.block-1)/2)
		left := math.Sin(w*float64(c.block)/2) / (float64(c.block) * math.Sin(w/2))
		for i := range count {
			floats.Scale(left, c.blocks[i*(1+c.terms)+1+2*j:][:2])
		}
	}
	return c
}

// at is the cycle at time t.
func (c *annualCycle) at(t int) float64 {
	if c.points == 0 {
		return 0
	}
	return floats.Dot(c.beta, c.table[t*c.terms:(t+1)*c.terms])
}

// fit finds the cycle from the first n values, if they are enough.
func (c *annualCycle) fit(e *Engine, n int) {
	c.points = 0
	count := n / c.block
	if float64(n) < leastYears*float64(c.m) || count < blocksPerTerm*(2+c.terms) {
		return
	}
	defer e.mem.release(e.mem.mark())
	beta := e.mem.floats(1 + c.terms)
	if c.regress(e, count, 0, beta, false) && c.regress(e, count, c.correlation(count, beta), beta, true) {
		copy(c.beta, beta[1:])
		c.points = n
	}
}

// correlation is the autocorrelation of the residuals, from 0 to mostCorrelation.
func (c *annualCycle) correlation(count int, beta []float64) float64 {
	k := len(beta)
	mean := 0.0
	for i, b := range c.means[:count] {
		mean += (b - floats.Dot(beta, c.blocks[i*k:(i+1)*k])) / float64(count)
	}
	products, squares, last := 0.0, 0.0, 0.0
	for i, b := range c.means[:count] {
		r := b - floats.Dot(beta, c.blocks[i*k:(i+1)*k]) - mean
		products += r * last
		squares += r * r
		last = r
	}
	if !(squares > 0) {
		return 0
	}
	return min(max(products/squares, 0), mostCorrelation)
}

// regress fits the regression of B(i) - ρ·B(i-1) to the first count blocks. With nested set, AICc chooses the regressors.
func (c *annualCycle) regress(e *Engine, count int, rho float64, beta []float64, nested bool) bool {
	defer e.mem.release(e.mem.mark())
	k := len(beta)
	q := e.newNormalEquations(k)
	q.rows = float64(count - 1)
	clear(q.gram)
	row, sums := e.mem.floats(k+1), e.mem.floats(k+1)
	clear(sums)
	for i := 1; i < count; i++ {
		row[0] = c.means[i] - rho*c.means[i-1]
		floats.AddScaledTo(row[1:], c.blocks[i*k:(i+1)*k], -rho, c.blocks[(i-1)*k:i*k])
		for a, v := range row {
			floats.AddScaled(q.gram[a*(k+1)+a:(a+1)*(k+1)], v, row[a:])
		}
		floats.Add(sums, row)
	}
	for a, v := range sums {
		floats.AddScaled(q.gram[a*(k+1)+a:(a+1)*(k+1)], -v/q.rows, sums[a:])
	}
	return e.ridge(&q, ridgeUsual, beta, nested, 1)
}
