package forecast

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// score scores the kernels at an origin, by the values that follow.
func (c *counting) score(origin int) {
	n, K, D := c.scoredAt[origin], len(c.kernels), len(c.support)
	scores := c.scores[origin*(K+len(c.year)) : (origin+1)*(K+len(c.year))]
	h := min(c.p.reach(0), len(c.p.y)-n)
	for first := range min(c.m, h) {
		c.setPhase((n+first)%c.m, first == 0)
		c.setLoss(first == 0)
		for k := first; k < h; k += c.m {
			y := c.bin[n+k]
			if y < 0 {
				continue
			}
			for i := range K {
				scores[i] += c.loss[i*D+y]
			}
			if len(c.year) == 0 {
				continue
			}
			base, linear, square := c.loss[aroundYear*D+y], 0.0, 0.0
			if c.setAbout(n+k, n) {
				linear, square = c.crossLoss(c.kernel(aroundYear), y)
			}
			for i, share := range c.year {
				scores[K+i] += base + share*(2*linear+share*square)
			}
		}
	}
}

// setLoss makes the continuous ranked probability scores of all kernels at the phase last set, for each value y:
//
//	∫ (F(v) - 1[v ≥ y])² dv = ∫ F² dv + ∫ 1[v ≥ y]·(1 - 2F) dv
func (c *counting) setLoss(first bool) {
	s := c.support
	for i, k := range c.kernels {
		if k.off == 1 && !first {
			continue
		}
		F, loss := c.kernel(i), c.loss[i*len(s):(i+1)*len(s)]
		squares, above := 0.0, 0.0
		loss[len(s)-1] = 0
		for b := len(s) - 2; b >= 0; b-- {
			gap := s[b+1] - s[b]
			squares += gap * F[b] * F[b]
			above += gap * (1 - 2*F[b])
			loss[b] = above
		}
		floats.AddConst(squares, loss)
	}
}

// crossLoss returns what the score of F + share·(G-F) has beside that of F, with G = c.about, for the value in bin y:
//
//	2·share·∫ (F - 1[v ≥ y])·(G-F) dv + share²·∫ (G-F)² dv
func (c *counting) crossLoss(F []float64, y int) (linear, square float64) {
	s := c.support
	for b, f := range F[:len(s)-1] {
		d := (c.about[b] - f) * (s[b+1] - s[b])
		square += d * (c.about[b] - f)
		if b >= y {
			f--
		}
		linear += d * f
	}
	return linear, square
}

// setWeights makes the weights of the kernels from the scores of the horizons that end by n.
func (c *counting) setWeights(n int) {
	all, h, steps := len(c.w), c.p.reach(0), 0
	clear(c.w)
	for o, at := range c.scoredAt {
		if at+min(h, len(c.p.y)-at) <= n {
			floats.AddScaled(c.w, math.Exp2(-float64(n-at)/float64(4*h)), c.scores[o*all:(o+1)*all])
			steps += h
		}
	}
	sharpness := min(max(float64(steps)/6, leastSharp), mostSharp)
	mean := floats.Sum(c.w) / float64(all)
	for i, s := range c.w {
		c.w[i] = 1
		if mean > 0 {
			c.w[i] = math.Pow(1.1*mean/(s+0.1*mean), sharpness)
		}
	}
	floats.Scale(1/floats.Sum(c.w), c.w)
}
