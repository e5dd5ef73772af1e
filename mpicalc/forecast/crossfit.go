package forecast

// crossFit combines the members anew at the rolling origins whose values took part in the weights. There the members
// that happened to do well have the large weights, and the errors would be those of a choice made in hindsight: on
// quarterly series a fifth smaller than those that follow. The weights of such an origin come from as many origins
// before it as the weights of the forecast, whose horizons end before its own begins, as they could have been made at
// that time (Stone 1974, Journal of the Royal Statistical Society B 36, 111-147, on choice and assessment of
// predictions; Burman, Chow and Nolan 1994, Biometrika 81, 351-358, on leaving out what depends). An origin without an
// earlier one of that kind keeps the weights of the forecast. The forecast itself, row 0, is not touched; the weights in
// c are overwritten.
func (c *pool) crossFit(p *problem, out paths) {
	apart := (p.h + originStride(p.h) - 1) / originStride(p.h) // origins so far apart have no value in common
	known := p.ends[p.inner]                                   // the weights come from the values from here on
	for row := p.rolling; row+apart < len(p.ends) && p.ends[row]+p.h > known; row++ {
		from := row + apart
		c.weigh(c.score(p, from, min(from+p.inner, len(p.ends))))
		c.combine(out, row)
	}
}
