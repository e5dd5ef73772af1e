package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// seasonEvidence returns how likely it is that y has a season of m steps, when that is as likely as not before one looks. It
// tests the means over blocks of steps, in logarithms where all are positive: of the longest of the shorter periods that
// divides the season into four parts or more, so that a week is tested on days and a year on weeks; or else of so many steps
// that a season has at least 24 blocks. When y is too short for a test, the answer is 1/2 for a season of up to 24 steps, and 0
// for a longer one.
//
//	evidence = 1 / (1 + exp(12/P² - gain/2)),  P = n/m the number of periods,  gain: see seasonTest
//
// The term 12/P² makes up for the waves of a walk of few periods, which pass for a season more often than the criterion allows. Of
// simulated walks of weeks, the evidence for a year is above 0.2 in one of twelve for 80 weeks, one of eighteen for 104, one of
// twenty for 156 and one of forty for 300.
func (e *Engine) seasonEvidence(y []float64, m int, periods []int) float64 {
	defer e.mem.release(e.mem.mark())
	block, shaped := testBlock(m, periods)
	phases := (m + block/2) / block
	count := min(len(y)/block, testPeriods*phases)
	y = y[len(y)-count*block:]
	cycles := float64(count) / float64(phases)
	if cycles < leastTestPeriods {
		return untested(m)
	}
	x := e.blockMeans(y, block)
	if isPlain(x, phases) {
		return 1
	}
	gain := e.seasonGain(x, phases)
	if shaped && phases < testPhases && gain < plainGain {
		gain = max(gain, e.blockGain(y, block, phases))
	}
	if math.IsInf(gain, -1) {
		return untested(m)
	}
	return 1 / (1 + math.Exp(12/(cycles*cycles)-gain/2))
}

// untested is the evidence for a season when there are too few values for a test.
func untested(m int) float64 {
	if m > longPeriod {
		return 0
	}
	return 0.5
}

const (
	testPeriods      = 40  // as many periods say as much as more
	leastTestPeriods = 1.5 // in fewer, nothing comes back
	testPhases       = 24  // phases of a season that has no shorter one in it
	blockPhases      = 4   // the least number of shorter periods in a longer one
	plainGain        = 20  // from here on there is no doubt
)

// testBlock returns the number of steps in a block, and whether they are a season.
func testBlock(m int, periods []int) (block int, shaped bool) {
	block = 1
	for _, s := range periods {
		if s > block && m >= blockPhases*s {
			block = s
		}
	}
	if block > 1 || m < 2*testPhases {
		return block, block > 1
	}
	block = m / testPhases
	for m%block != 0 && 2*block > m/testPhases {
		block--
	}
	return block, false
}

// blockMeans returns the mean of each block of y, in logarithms where all are positive.
func (e *Engine) blockMeans(y []float64, block int) []float64 {
	x := e.mem.floats(len(y) / block)
	for i := range x {
		x[i] = floats.Sum(y[i*block:(i+1)*block]) / float64(block)
	}
	if floats.Min(x) > 0 {
		for i, v := range x {
			x[i] = math.Log(v)
		}
	}
	return x
}

// blockGain is a test of a season of m blocks that sees their shape too, such as that of a Sunday. It compares each block with
// the block a season before and those next to that, step by step:
//
//	u(i) = (ln D(i, m-1) + ln D(i, m+1))/2 - ln D(i, m),  D(i, k) = Σ (y - the value k blocks before)² over block i
//	gain = t² - ln(N),  t the mean of u divided by its standard error,  and -Inf where t < 0
func (e *Engine) blockGain(y []float64, block, m int) float64 {
	count := len(y)/block - m - 1
	if count < m {
		return math.Inf(-1)
	}
	u := e.mem.floats(count)
	for i := range u {
		now := (i + m + 1) * block
		distance := func(k int) float64 {
			before, d := now-k*block, 0.0
			for s, v := range y[before : before+block] {
				d += (y[now+s] - v) * (y[now+s] - v)
			}
			return math.Log(d + math.SmallestNonzeroFloat64)
		}
		u[i] = (distance(m-1)+distance(m+1))/2 - distance(m)
	}
	mean, sd := stat.MeanStdDev(u, nil)
	if !(mean > 0) || sd == 0 {
		return math.Inf(-1)
	}
	n := float64(count)
	return mean*mean*n/(sd*sd) - math.Log(n)
}

// isPlain reports whether values a period of m steps apart differ by so much less than those half a period apart that there is
// nothing to test:
//
//	V(m) < V(m/2)/10,  V(k) the variance of x(t) - x(t-k)
//
// It needs three periods.
func isPlain(x []float64, m int) bool {
	return len(x) >= longTestPeriods*m && 10*variogram(x, m) < variogram(x, m/2)
}

// variogram returns the variance of x(t) - x(t-k).
func variogram(x []float64, k int) float64 {
	sum, squares, count := 0.0, 0.0, float64(len(x)-k)
	for t, v := range x[k:] {
		d := v - x[t]
		sum += d
		squares += d * d
	}
	return (squares - sum*sum/count) / count
}

// seasonTest asks whether a series x has a season of m steps, by two regressions:
//
//	x(t) - x(t-1) = a + b·t + ρ·x(t-1) + Σ γ(i)·(x(t-i) - x(t-i-1)) + Σ_j (c(j)·sin(2πjt/m) + d(j)·cos(2πjt/m)) + ε(t)
//
// without the Fourier terms and with the first J harmonics of them. The lags make room for a random walk, which moves in
// waves that a season alone would be taken for. The answer is the difference of the two criteria of Schwarz, for the best J:
//
//	gain = max over J of N·ln(RSS(0)/RSS(J)) - 2J·ln(N)
//
// It is about twice the logarithm of the odds that x has the season (Kass and Raftery 1995, Journal of the American
// Statistical Association 90, 773-795). Source of the regression: Dickey and Fuller 1979, same journal 74, 427-431; of the
// criterion: Schwarz 1978, Annals of Statistics 6, 461-464.
type seasonTest struct {
	m, lags   int // lags is the number of differences among the regressors
	harmonics int
	columns   int       // the target, t, x(t-1), the differences and the Fourier terms
	gram      []float64 // columns × columns, upper triangle, about the means
	least     []float64 // by column: what is left of its squares when those before it explain it
}

const (
	testLags      = 2 // differences in the regression; more would explain a season of few steps
	testHarmonics = 6
	testRows      = 5 // the least number of observations beyond the coefficients
)

// seasonGain returns the gain of a season of m steps in x, and -Inf when x is too short for the test.
func (e *Engine) seasonGain(x []float64, m int) float64 {
	s := seasonTest{m: m, lags: min(testLags, max(m-3, 0)), harmonics: min(m/2, testHarmonics)}
	base := 3 + s.lags
	rows := len(x) - 1 - s.lags
	for ; s.harmonics > 0 && rows < base+2*s.harmonics+testRows; s.harmonics-- {
	}
	if s.harmonics == 0 {
		return math.Inf(-1)
	}
	defer e.mem.release(e.mem.mark())
	s.columns = base + 2*s.harmonics
	s.gram = e.mem.floats(s.columns * s.columns)
	e.fillSeasonTest(&s, x)
	s.least = e.mem.floats(s.columns)
	for c := range s.least {
		s.least[c] = 1e-10 * s.gram[c*s.columns+c]
	}
	for c := 1; c < base; c++ {
		s.sweep(c)
	}
	n, gain := float64(rows), math.Inf(-1)
	without := s.left()
	for j := 1; j <= s.harmonics && without > 0; j++ {
		s.sweep(base + 2*j - 2)
		s.sweep(base + 2*j - 1)
		terms := 2 * j
		if 2*j == m {
			terms-- // the sine of this harmonic is 0 at every step
		}
		free := n - float64(base+terms)
		gain = max(gain, free*math.Log(without/s.left())-float64(terms)*math.Log(n))
	}
	return gain
}

// fillSeasonTest forms the sums of products. Those of the Fourier terms follow from the sums within each phase of the season.
func (e *Engine) fillSeasonTest(s *seasonTest, x []float64) {
	base, k := 3+s.lags, s.columns
	first := 1 + s.lags
	rows := len(x) - first
	phases := e.mem.floats(s.m * (base + 1)) // by phase: the sums of the columns before the Fourier terms, and the count
	row, sums := e.mem.floats(base+1), e.mem.floats(k)
	clear(phases)
	clear(s.gram)
	centre := float64(rows-1) / 2
	for i := range rows {
		t := first + i
		row[0], row[1], row[2] = x[t]-x[t-1], (float64(i)-centre)/float64(rows), x[t-1]
		for l := 1; l <= s.lags; l++ {
			row[2+l] = x[t-l] - x[t-l-1]
		}
		row[base] = 1
		floats.Add(phases[i%s.m*(base+1):(i%s.m+1)*(base+1)], row)
		for a, v := range row[:base] {
			for b := a; b < base; b++ {
				s.gram[a*k+b] += v * row[b]
			}
		}
	}
	clear(sums)
	wave := e.mem.floats(2 * s.harmonics)
	for p := range s.m {
		of := phases[p*(base+1) : (p+1)*(base+1)]
		for j := range s.harmonics {
			wave[2*j], wave[2*j+1] = math.Sincos(2 * math.Pi * float64((j+1)*p%s.m) / float64(s.m))
		}
		for a, v := range of[:base] {
			sums[a] += v
			floats.AddScaled(s.gram[a*k+base:a*k+k], v, wave)
		}
		floats.AddScaled(sums[base:], of[base], wave)
		for a, v := range wave {
			floats.AddScaled(s.gram[(base+a)*k+base+a:(base+a)*k+k], of[base]*v, wave[a:])
		}
	}
	for a := range k {
		floats.AddScaled(s.gram[a*k+a:a*k+k], -sums[a]/float64(rows), sums[a:])
	}
}

// left is the sum of squares of the target that the columns swept so far do not explain.
func (s *seasonTest) left() float64 { return max(s.gram[0], s.least[0]) }

// sweep takes what column c explains out of the target and the columns after c. It skips a column that those before it
// explain.
func (s *seasonTest) sweep(c int) {
	k := s.columns
	pivot := s.gram[c*k+c]
	if !(pivot > s.least[c]) {
		return
	}
	target := s.gram[c]
	s.gram[0] -= target * target / pivot
	floats.AddScaled(s.gram[c+1:k], -target/pivot, s.gram[c*k+c+1:c*k+k])
	for a := c + 1; a < k; a++ {
		floats.AddScaled(s.gram[a*k+a:a*k+k], -s.gram[c*k+a]/pivot, s.gram[c*k+a:c*k+k])
	}
}
