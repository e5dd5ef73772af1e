package nixtla

// Bounds of a forecast of all that is past.
const (
	maxOrigins = 20_000    // of all series together
	maxPast    = 4_000_000 // values that their forecasts read
	fewValues  = 10        // before which nothing is forecast
	// maxMemory is how many of the last values such a forecast reads: as many as the fitted models look at.
	maxMemory = 16_384
)

// first is the place of the first value that a piece reads.
func (p *Plan) first(c piece) int {
	if p.op == Forecast || p.op == CrossValidation && !p.request.FullHistory {
		return 0
	}
	return max(0, c.end-maxMemory)
}

// begin is the place of the first value of a series that is forecast from those before it: after ten values and two of the
// shortest seasons, but in the first half.
func (p *Plan) begin(series int) int {
	n := p.request.Series.Sizes[series]
	begin := max(1, min(max(fewValues, 2*p.axis.season()), n/2))
	values := p.request.Series.Y[p.from[series] : p.from[series]+n]
	for k := 0; k < n && values[k] != values[k]; k++ { // leading values are missing
		begin = max(begin, k+2)
	}
	return min(begin, n)
}

// divideHistory makes a piece for each origin of each series. Every value is forecast one step ahead, or, where that would be too
// many forecasts, in blocks of 2, 4, 8 and so on, each from the values before the block.
func (p *Plan) divideHistory(f *faults) {
	for block := 1; block <= maxHorizon; block *= 2 {
		if p.pieces = p.origins(block); p.pieces == nil {
			continue
		}
		if len(p.pieces) == 0 {
			f.add("/series/sizes", "must be at least 2 for one of the series: nothing comes before the first value")
		}
		return
	}
	f.add("/series/sizes", "must be fewer or smaller: forecasts of all that is past may read %d values, from %d origins", maxPast, maxOrigins)
}

// origins are the pieces for blocks of a size, or nil if they are too many.
func (p *Plan) origins(block int) []piece {
	pieces, values := []piece{}, 0
	for i, n := range p.request.Series.Sizes {
		for end := p.begin(i); end < n; end += block {
			c := piece{series: i, end: end, count: min(block, n-end)}
			if values += end - p.first(c); values > maxPast || len(pieces) == maxOrigins {
				return nil
			}
			pieces = append(pieces, c)
		}
	}
	return pieces
}
