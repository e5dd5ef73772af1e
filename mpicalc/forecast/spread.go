package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// spread is what errors say of those to come.
type spread struct {
	size   []float64 // the typical size at each step
	signed []float64 // the scores: errors divided by their sizes, ascending; empty when there were no errors
	scores []float64 // their absolute values, ascending
	nu     float64   // the effective sample size
}

// spread measures errs over h steps. The size by which an error is divided leaves out the errors of its own origin, as the
// size for the forecast leaves out the errors to come. With few origins the scores are then distributed like a ratio of two
// estimates, and their quantiles include the uncertainty about the size. An error that is alone would be divided by next to
// nothing, so the size is at least the share leastUnit of that with its own origin.
func (e *Engine) spread(errs *Errors, h int, step float64) spread {
	most := errs.Origins*h + errs.Origins + 1
	s := spread{size: e.mem.floats(h), signed: e.mem.floats(most)[:0], scores: e.mem.floats(most)[:0]}
	total, others, without := e.mem.floats(h), e.mem.floats(h), e.mem.floats(h)
	count, rest := e.mem.ints(h), e.mem.ints(h)
	clear(total)
	clear(count)
	for o := range errs.Origins {
		for k, v := range errs.Row(o) {
			if !math.IsNaN(v) {
				total[k] += math.Abs(v)
				count[k]++
			}
		}
	}
	measured := 0
	for _, n := range count {
		measured += n
	}
	if floats.Sum(total) <= noError*step*float64(measured) {
		s.neverMissed(errs, step)
		return s
	}
	s.nu = effectiveSampleSize(float64(measured)/float64(h), h)
	if errs.Stride > 0 {
		s.nu = effectiveOverlapping(float64(measured)/float64(h), errs.Stride, h)
	}
	e.errorSizes(s.size, total, count, errs.Origins)
	copy(without, s.size)
	for o := range errs.Origins {
		row := errs.Row(o)
		if errs.Origins > 1 {
			for k, v := range row {
				others[k], rest[k] = total[k], count[k]
				if !math.IsNaN(v) {
					others[k], rest[k] = max(total[k]-math.Abs(v), 0), count[k]-1
				}
			}
			e.errorSizes(without, others, rest, errs.Origins-1)
		}
		for k, v := range row {
			if unit := max(without[k], leastUnit*s.size[k]); unit > 0 && !math.IsNaN(v) {
				s.signed = append(s.signed, min(max(v/unit, -maxScore), maxScore))
			}
		}
	}
	slices.Sort(s.signed)
	s.scores = appendAbsolute(s.scores, s.signed)
	e.towardsPowerLaw(s.size, errs.Origins)
	return s
}

// appendAbsolute appends the absolute values of an ascending slice to dst, ascending.
func appendAbsolute(dst, ascending []float64) []float64 {
	above, _ := slices.BinarySearch(ascending, 0)
	for below := above - 1; below >= 0 || above < len(ascending); {
		if above == len(ascending) || below >= 0 && -ascending[below] <= ascending[above] {
			dst = append(dst, -ascending[below])
			below--
			continue
		}
		dst = append(dst, ascending[above])
		above++
	}
	return dst
}

// isFlat reports whether most scores are small, as those of a series that is mostly constant and jumps now and then.
func (s *spread) isFlat() bool { return quantile(s.scores, 0.5) < flatScore }

// neverMissed is the spread of a series that is not constant and whose forecasts made no errors but for rounding: the
// errors are taken for as many zeros as there are origins and one of the size of the series' mean step, since of n + 1
// exchangeable errors any may have been the one to come. Without a step, there is no spread.
func (s *spread) neverMissed(errs *Errors, step float64) {
	origins := float64(errs.Origins + 1)
	fill(s.size, step/origins)
	s.nu = effectiveSampleSize(origins, len(s.size))
	if step > 0 {
		s.scores = append(s.scores[:errs.Origins], origins/leastUnit)
		clear(s.scores[:errs.Origins])
	}
}

// errorSizes writes the mean absolute error at each step into size. total holds the sums of the absolute errors over the
// origins, and count their numbers. It averages over neighbouring steps, over more of them when there are fewer origins.
func (e *Engine) errorSizes(size, total []float64, count []int, origins int) {
	h := len(size)
	defer e.mem.release(e.mem.mark())
	running, counted := e.mem.floats(h+1), e.mem.ints(h+1)
	running[0], counted[0] = 0, 0
	for k, v := range total {
		running[k+1], counted[k+1] = running[k]+v, counted[k]+count[k]
	}
	width := pooledErrors / max(origins, 1) / 2
	for k := range size {
		w := min(width, max(k, 1), max(h-1-k, 1))
		from, to := max(k-w, 0), min(k+w+1, h)
		size[k] = max(running[to]-running[from], 0) / float64(max(counted[to]-counted[from], 1))
	}
}

// towardsPowerLaw draws the sizes towards the power law of the step that fits them best, c·k^b with 0 ≤ b ≤ 1: a constant for
// noise, b = ½ for a random walk, 1 for a trend that changes. The fewer origins, the further. The mean size stays.
func (e *Engine) towardsPowerLaw(size []float64, origins int) {
	h := len(size)
	if h < 3 || floats.Min(size) <= 0 {
		return
	}
	defer e.mem.release(e.mem.mark())
	x, y := e.mem.floats(h), e.mem.floats(h)
	var weight, sumX, sumY, sumXX, sumXY float64
	for k, s := range size {
		x[k], y[k] = math.Log(float64(k+1)), math.Log(s)
		w := 1 / float64(k+1) // evenly over ln k
		weight += w
		sumX += w * x[k]
		sumY += w * y[k]
		sumXX += w * x[k] * x[k]
		sumXY += w * x[k] * y[k]
	}
	b := min(max((weight*sumXY-sumX*sumY)/(weight*sumXX-sumX*sumX), 0), 1)
	a := (sumY - b*sumX) / weight
	share := powerLawOrigins / float64(powerLawOrigins+origins)
	before := floats.Sum(size)
	for k := range size {
		size[k] = math.Exp(y[k] + share*(a+b*x[k]-y[k]))
	}
	floats.Scale(before/floats.Sum(size), size)
}

const (
	powerLawOrigins = 20 // origins whose sizes count as much as the power law

	pooledErrors = 20   // the least number of errors to average for a size
	maxScore     = 1e9  // a larger score means that the size is practically zero
	noError      = 1e-9 // errors of this share of the mean step are rounding

	// leastUnit is chosen so that the intervals of simulated noise, walks, trends and seasons of 8 to 20 points still cover
	// what they should, and are as narrow as that allows; 1 is too much.
	leastUnit = 0.75

	// flatScore is a small median score, of a series that is mostly constant. The median of normal errors divided by
	// their mean size is 0.85, that of |t| with ν = 2 is 0.58.
	flatScore = 0.5
)

// effectiveSampleSize returns the number of independent errors at each step that carry as much information as those of the
// given number of rolling origins. Far origins share hardly any values.
func effectiveSampleSize(origins float64, horizon int) float64 {
	near := float64(originLimit(horizon) - farOrigins)
	return effectiveOverlapping(min(origins, near), originStride(horizon), horizon) + max(origins-near, 0)
}

// effectiveOverlapping is the same for origins a stride apart:
//
//	ν = max(1 + (origins-1)·min(stride/h, 1), 2·h/(h+1))
//
// The first counts the horizons laid end to end: a value that two origins share is one value. The second is for a single horizon
// whose errors run like a random walk, with squared correlation ρ² = min(j,k)/max(j,k) at the steps j and k: h²/ΣΣρ², the
// degrees of freedom of their mean square (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
func effectiveOverlapping(origins float64, stride, horizon int) float64 {
	h := float64(horizon)
	return max(1+(max(origins, 1)-1)*min(float64(stride)/h, 1), 2*h/(h+1))
}
