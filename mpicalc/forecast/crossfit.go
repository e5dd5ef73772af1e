package forecast

// crossFit recombines the members at the rolling origins whose values the weights were estimated from. There, members that
// happened to do well have large weights, and the errors would be those of a choice made in hindsight: on quarterly series,
// a fifth smaller than the errors that follow. So the weights at such an origin are estimated from earlier origins only,
// whose horizons end before its own begins, and from as many of them as the weights of the forecast. They are the weights
// that could have been known at that time (Stone 1974, Journal of the Royal Statistical Society B 36, 111-147, on choice and
// assessment of predictions; Burman, Chow and Nolan 1994, Biometrika 81, 351-358, on leaving out dependent observations). An
// origin without such an earlier one keeps the weights of the forecast. The forecast itself, row 0, is not touched; the
// weights in c are overwritten.
func (c *pool) crossFit(p *problem, out paths) {
	known := p.ends[p.inner] // the weights were estimated from the values from here on
	for row := p.rolling; row < len(p.ends); row++ {
		if p.ends[row]+p.reach(row) <= known {
			continue
		}
		from := p.rolling
		for from < p.extra && p.ends[from]+p.reach(from) > p.ends[row] {
			from++
		}
		if from < p.extra {
			c.weigh(c.score(p, from, min(from+p.inner, p.extra)))
			c.combine(out, row)
		}
	}
}
