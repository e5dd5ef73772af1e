package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// law is a predictive distribution that a model makes by itself.
type law struct {
	share  float64   // how much of the answer is from it; the rest is from errors
	centre []float64 // its point forecast
	mean   []float64
	rows   [][]float64 // its quantiles: both ends for each of Options.Levels, then Options.Quantiles
}

// answer writes the forecast from origin o into its row, and that of the last origin into l.
func (c *counting) answer(out paths, o int, point string, l *law) {
	n, K := c.p.ends[o], len(c.kernels)
	row := out.row(o)
	shares := 0.0
	for i, share := range c.year {
		shares += c.w[K+i] * share
	}
	for first := range min(c.m, out.h) {
		c.setPhase((n+first)%c.m, first == 0)
		clear(c.mix)
		size := 0.0
		for i := range c.kernels {
			w := c.w[i]
			if i == aroundYear {
				w += floats.Sum(c.w[K:])
			}
			floats.AddScaled(c.mix, w, c.kernel(i))
			size += w * c.size[i]
		}
		for k := first; k < out.h; k += c.m {
			copy(c.step, c.mix)
			if shares > 0 && c.setAbout(n+k, n) {
				for b, f := range c.about {
					c.step[b] += shares * (f - c.kernel(aroundYear)[b])
				}
			}
			if point == Mean {
				row[k] = c.mean()
			} else {
				row[k] = c.support[c.place(0.5)]
			}
			if o == 0 {
				l.mean[k] = c.mean()
				c.quantiles(l, k, size)
			}
		}
	}
}

// mean is that of the distribution of the step.
func (c *counting) mean() float64 {
	sum, before := 0.0, 0.0
	for b, f := range c.step {
		sum += (f - before) * c.support[b]
		before = f
	}
	return sum
}

// place is that of the quantile of p in the support.
func (c *counting) place(p float64) int {
	b, _ := slices.BinarySearch(c.step, p-1e-9) // 1e-9 is rounding
	return min(b, len(c.support)-1)
}

// quantiles writes the quantiles of step k.
func (c *counting) quantiles(l *law, k int, size float64) {
	o := c.p.options
	spread := math.NaN()
	quantile := func(p float64) float64 {
		if math.IsNaN(spread) {
			spread = c.deviation()
		}
		return c.quantile(p, size, spread)
	}
	for i, level := range o.Levels {
		l.rows[2*i][k] = quantile((100 - level) / 200)
		l.rows[2*i+1][k] = quantile((100 + level) / 200)
	}
	for i, p := range o.Quantiles {
		l.rows[2*len(o.Levels)+i][k] = quantile(p)
	}
}

// deviation is the standard deviation of the distribution of the step.
func (c *counting) deviation() float64 {
	mean, sum, before := c.mean(), 0.0, 0.0
	for b, f := range c.step {
		sum += (f - before) * (c.support[b] - mean) * (c.support[b] - mean)
		before = f
	}
	return math.Sqrt(max(sum, 0))
}

// quantile is that of p. Of n + 1 exchangeable values the last is the largest with probability 1/(n+1), here with n = size, as many equal
// weights as say as much. Beyond that the tail is exponential with the given deviation, and in whole numbers where all values are.
// The lower tail ends at a least value of 0, and at one that occurs again and again.
func (c *counting) quantile(p, size, deviation float64) float64 {
	rest := 1 / (size + 1)
	top, bottom := c.support[len(c.support)-1], c.support[0]
	switch {
	case p > 1-rest:
		return top + c.whole(deviation*math.Log(rest/(1-p)))
	case p < rest && bottom > 0 && c.step[0] <= 2*rest:
		return max(bottom-c.whole(deviation*math.Log(rest/p)), c.p.floor(0))
	}
	return c.support[c.place(p)]
}

// whole rounds up the distance d of a quantile from the support when the support has whole numbers only.
func (c *counting) whole(d float64) float64 {
	if wholeNumbers(c.support) {
		return math.Ceil(d)
	}
	return d
}
