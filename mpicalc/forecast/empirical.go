package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// empirical forecasts by quantiles of past values, each of which counts by how recent it is and by how its place in the
// seasons matches that of the step: the distribution of step k is
//
//	F(v) = Σ w(i)·F(i, v),  F(i, v) = Σ κ(i, t)·1[y(t) ≤ v] / Σ κ(i, t)
//
// over the kernels κ(i) of empiricalKernels and the past values y(t). So a forecast is a value that has occurred: counts stay
// counts, and what is mostly zero has a median of zero. The mixture is better than the best choice of one window, since how
// fast demand changes, and whether weekdays or times of the year matter, is uncertain.
//
// The weights follow from how well each kernel did at past origins, by the continuous ranked probability score, which is twice the
// mean of the pinball loss over all quantiles (Gneiting and Raftery 2007, Journal of the American Statistical Association
// 102, 359-378): w(i) ∝ 1/(S(i)+S̄/10)^s. S(i) is the sum of the scores, each counting half as much as that of an origin four horizons
// later; S̄ is the mean of S(i), and s a sixth of the number of steps scored, 24 to 36. At each origin only scores of horizons that end
// before it count.
//
// The path is the median of the distribution, which has the least absolute error, or its mean where Options.Point asks for that.
type empirical struct{}

func (empirical) forecast(e *Engine, p *problem, _ bool) fit {
	point := p.options.Point
	if point == "" {
		point = Median
	}
	out := e.newPaths(p)
	law := e.empirical(p, out, point)
	return fit{paths: out, point: point, law: law}
}

// A kernel says how much a past value counts.
type kernel struct {
	half  float64 // the age in slots at which a value counts half; 0 means that values do not age
	off   float64 // what a value from another phase of the short season counts
	zeros float64 // as half for the share of zeros, apart from the other values; 0 means not apart
}

// empiricalKernels are those of [empirical]. The last is that for how zeros and sizes may change apart, after Teunter, Syntetos
// and Babai 2011, European Journal of Operational Research 214, 606-615.
func empiricalKernels() [8]kernel {
	return [8]kernel{
		aroundYear: {half: 32, off: 0.3},
		{half: 128, off: 0.15}, {half: 512, off: 0.15}, {half: 128, off: 0.02},
		{half: 8, off: 1}, {half: 32, off: 1}, {half: 0, off: 1}, {half: 0, off: 1, zeros: 8},
	}
}

// aroundYear is the kernel that is mixed with the values from about the same time of earlier long seasons.
const aroundYear = 0

// yearShares are the shares of these values in three more kernels.
func yearShares() [3]float64 { return [3]float64{0.3, 0.6, 1} }

const (
	longestShort = 48  // slots in a season of which every phase is kept apart
	maxSupport   = 256 // distinct values; of more, the nearest of so many are taken
	yearsBack    = 8   // long seasons to look back

	leastSharp, mostSharp = 24, 36 // of the weights of the kernels
)

// counting is the state of [empirical] while it goes through a series.
type counting struct {
	p       *problem
	support []float64 // the values that occur, ascending
	bin     []int     // of each slot, the place of its value in support; -1 for an empty one
	m, long int       // short and long season in slots; 1 and 0 when there is none
	kernels []kernel
	year    []float64          // shares; empty when there is no long season
	years   [yearsBack]float64 // what the values of each earlier long season count

	mass    []float64 // [kernel][phase][bin], and of all phases last: the sum of the weights of the values seen so far
	squares []float64 // [kernel][phase], likewise: the sum of their squares
	weight  []float64 // [kernel]: that of the next value
	growth  []float64 // [kernel]: by how much it is more than that of the value before
	zeros   []float64 // [kernel][2]: the weights of zeros, and of all values, for a kernel that has these apart

	cdf   []float64 // [kernel][bin], of one phase
	size  []float64 // [kernel]: how many equal weights say as much as its weights
	loss  []float64 // [kernel][bin]: its score when the value is that of the bin
	about []float64 // [bin]: that of the long season alone, of one step
	mix   []float64 // [bin]: the mixture for a phase, and then for a step
	step  []float64

	scoredAt []int     // origins, ascending
	scores   []float64 // [origin][kernel, then year]
	w        []float64 // [kernel, then year]
}

// empirical writes the medians or means into out, one row for each origin, and returns the distribution of the forecast.
func (e *Engine) empirical(p *problem, out paths, point string) *law {
	l := &e.mem.law
	l.share, l.centre, l.mean = 1, out.row(0), resize(l.mean, p.h)
	l.rows = resizeRows(l.rows, 2*len(p.options.Levels)+len(p.options.Quantiles), p.h)
	mark := e.mem.mark()
	c := e.newCounting(p)
	rows := e.rowsByEnd(p)
	next, scored := 0, 0
	for t := 0; next < len(rows); t++ {
		if scored < len(c.scoredAt) && c.scoredAt[scored] == t {
			c.score(scored)
			scored++
		}
		for next < len(rows) && p.ends[rows[next]] == t {
			c.setWeights(t)
			c.answer(out, rows[next], point, l)
			next++
		}
		if t < len(p.y) {
			c.add(t)
		}
	}
	e.mem.release(mark)
	return l
}

// rowsByEnd returns the rows of p.ends, shortest training length first.
func (e *Engine) rowsByEnd(p *problem) []int {
	rows := e.mem.ints(len(p.ends))
	for o, n := range p.ends {
		at := o
		for at > 0 && p.ends[rows[at-1]] > n {
			rows[at] = rows[at-1]
			at--
		}
		rows[at] = o
	}
	return rows
}

func (e *Engine) newCounting(p *problem) *counting {
	c := &e.mem.counting
	*c = counting{p: p, kernels: c.kernels[:0], year: c.year[:0]}
	c.support = e.supportOf(p.values)
	c.bin = e.mem.ints(len(p.y))
	for s := range c.bin {
		c.bin[s] = -1
		if !p.isEmpty(s) {
			c.bin[s] = nearest(c.support, p.y[s])
		}
	}
	c.m, c.long = p.countSeasons()
	for _, k := range empiricalKernels() {
		if c.m == 1 && k.off < 1 {
			k.off = 1
		}
		if !slices.Contains(c.kernels, k) {
			c.kernels = append(c.kernels, k)
		}
	}
	for j := range c.years {
		c.years[j] = math.Exp2(-float64(j+1) / 2)
	}
	if c.long > 0 {
		for _, y := range yearShares() {
			c.year = append(c.year, y)
		}
	}
	K, D := len(c.kernels), len(c.support)
	zeroed := func(n int) []float64 {
		s := e.mem.floats(n)
		clear(s)
		return s
	}
	c.mass, c.squares, c.zeros = zeroed(K*(c.m+1)*D), zeroed(K*(c.m+1)), zeroed(2*K)
	c.weight, c.growth = e.mem.floats(K), e.mem.floats(K)
	fill(c.weight, 1)
	fill(c.growth, 1)
	for i, k := range c.kernels {
		if k.half > 0 {
			c.growth[i] = math.Exp2(1 / k.half)
		}
	}
	c.cdf, c.size, c.loss = e.mem.floats(K*D), e.mem.floats(K), e.mem.floats(K*D)
	c.about, c.mix, c.step = e.mem.floats(D), e.mem.floats(D), e.mem.floats(D)
	h := p.reach(0)
	count, stride := 1+min(max(maxScored/h, minScored), maxOrigins), max(1, h/2)
	c.scoredAt = e.mem.ints(count)[:0]
	for o := count - 1; o >= 0; o-- {
		if n := len(p.y) - (h+1)/2 - o*stride; n >= max(minTraining, len(p.y)/3) {
			c.scoredAt = append(c.scoredAt, n)
		}
	}
	c.scores = zeroed(count * (K + len(c.year)))
	c.w = e.mem.floats(K + len(c.year))
	return c
}

// The kernels are scored at so many origins that they give about maxScored scores. The horizon of the latest ends in the middle.
const maxScored, minScored = 160, 12

// supportOf returns the distinct values of y, ascending, or maxSupport of them from the least to the largest.
func (e *Engine) supportOf(y []float64) []float64 {
	s := e.mem.floats(len(y))
	copy(s, y)
	slices.Sort(s)
	s = slices.Compact(s)
	if last := len(s) - 1; last >= maxSupport {
		for i := range maxSupport {
			s[i] = s[i*last/(maxSupport-1)]
		}
		s = s[:maxSupport]
	}
	return s
}

// nearest returns the place of the value of ascending s that is nearest to v.
func nearest(s []float64, v float64) int {
	at, found := slices.BinarySearch(s, v)
	if !found && (at == len(s) || at > 0 && v-s[at-1] <= s[at]-v) {
		at--
	}
	return at
}

// countSeasons returns the short season whose phases are kept apart, and the long one: those of the calendar, whether the data
// show them or not, since the scores decide about them.
func (p *problem) countSeasons() (short, long int) {
	periods := p.seasons
	if p.options.Seasons == nil && p.options.hasCalendar() {
		periods = p.options.Periods
	}
	short = 1
	for _, m := range periods {
		if m > 1 && m <= longestShort && (short == 1 || m < short) {
			short = m
		}
		long = max(long, m)
	}
	if long <= 2*short || long >= len(p.y) {
		long = 0
	}
	return short, long
}

// add takes note of slot t.
func (c *counting) add(t int) {
	b, D := c.bin[t], len(c.support)
	phase := t % c.m
	for i := range c.kernels {
		w := c.weight[i]
		if b >= 0 {
			at, all := i*(c.m+1)+phase, i*(c.m+1)+c.m
			c.mass[at*D+b] += w
			c.mass[all*D+b] += w
			c.squares[at] += w * w
			c.squares[all] += w * w
		}
		if w *= c.growth[i]; w > 1e100 {
			floats.Scale(1/w, c.mass[i*(c.m+1)*D:(i+1)*(c.m+1)*D])
			floats.Scale(1/w/w, c.squares[i*(c.m+1):(i+1)*(c.m+1)])
			w = 1
		}
		c.weight[i] = w
	}
	if b < 0 {
		return
	}
	for i, k := range c.kernels {
		if k.zeros > 0 {
			fade := math.Exp2(-1 / k.zeros)
			c.zeros[2*i], c.zeros[2*i+1] = c.zeros[2*i]*fade, c.zeros[2*i+1]*fade+1
			if c.support[b] == 0 {
				c.zeros[2*i]++
			}
		}
	}
}

// kernel returns the distribution function of kernel i at the phase last set.
func (c *counting) kernel(i int) []float64 {
	D := len(c.support)
	return c.cdf[i*D : (i+1)*D]
}

// setPhase makes the distribution functions of all kernels for the steps of a phase of the short season. Those of kernels for which
// all phases are alike are there from the first one on.
func (c *counting) setPhase(phase int, first bool) {
	for i, k := range c.kernels {
		if k.off == 1 && !first {
			continue
		}
		F := c.kernel(i)
		c.size[i] = c.density(F, i, phase, k.off)
		if k.zeros > 0 && c.support[0] == 0 && F[0] < 1 {
			z := c.zeros[2*i] / c.zeros[2*i+1]
			floats.Scale((1-z)/(1-F[0]), F[1:])
			F[0] = z
		}
		floats.CumSum(F, F)
	}
}

// density writes the shares of the values in kernel i into f, and returns the effective number of values.
func (c *counting) density(f []float64, i, phase int, off float64) float64 {
	D, at, all := len(f), i*(c.m+1)+phase, i*(c.m+1)+c.m
	floats.ScaleTo(f, off, c.mass[all*D:(all+1)*D])
	floats.AddScaled(f, 1-off, c.mass[at*D:(at+1)*D])
	sum := floats.Sum(f)
	floats.Scale(1/sum, f)
	return sum * sum / (off*off*c.squares[all] + (1-off*off)*c.squares[at])
}

// setAbout makes the distribution function of the values around the same time of earlier long seasons, for the slot s and the
// values before n, and reports whether there are any:
//
//	κ(t) = 2^(-j/2)·off,  |t - (s - j·long)| ≤ long/36,  j = 1..yearsBack
//
// with off as in kernel aroundYear.
func (c *counting) setAbout(s, n int) bool {
	clear(c.about)
	sum, reach := 0.0, c.long/36
	for j := 1; j <= yearsBack && s-j*c.long+reach >= 0; j++ {
		from, to := max(s-j*c.long-reach, 0), min(s-j*c.long+reach, n-1)
		ahead := (s - from) % c.m // slots to the next one of the phase of s
		for t := from; t <= to; t++ {
			w := c.years[j-1]
			if ahead == 0 {
				ahead = c.m
			} else {
				w *= c.kernels[aroundYear].off
			}
			ahead--
			if b := c.bin[t]; b >= 0 {
				c.about[b] += w
				sum += w
			}
		}
	}
	if sum == 0 {
		return false
	}
	floats.Scale(1/sum, c.about)
	floats.CumSum(c.about, c.about)
	return true
}
