package forecast

// crossFit combines the members anew at the rolling origins whose values had a part in the weights. There the members
// that happened to do well have the large weights, and the errors would be those of a choice made in hindsight: on
// quarterly series a fifth smaller than those that follow. The weights of such an origin come from as many origins
// before it as the weights of the forecast, whose horizons end before its own begins, as one would have had it on
// that day (Stone 1974, Journal of the Royal Statistical Society B 36, 111-147, on choice and assessment of
// predictions; Burman, Chow and Nolan 1994, Biometrika 81, 351-358, on leaving out what depends). An origin with no
// such origin before it keeps the weights of the forecast. The forecast itself, row 0, is not touched; the weights in
// p are, and are of no more use.
func (p *pool) crossFit(t *task, out paths) {
	apart := (t.h + originStride(t.h) - 1) / originStride(t.h) // so many origins on, horizons no longer overlap
	known := t.ends[t.inner]                                   // the values from here on gave the weights
	for row := t.rolling; row+apart < len(t.ends) && t.ends[row]+t.h > known; row++ {
		from := row + apart
		p.weigh(p.score(t, from, min(from+t.inner, len(t.ends))))
		p.combine(out, row)
	}
}
