package spmd

import "foliocast/mpicalc/forecast"

// price estimates what one series costs, in nanoseconds of one core. It only has to be right in proportion: ranks get
// shares of equal cost, and chunks end after some of it.
type price struct {
	fixed    float64 // per series
	perPoint float64 // per value and origin
	perStep  float64 // per step ahead and origin
	levels   bool
	horizon  int
}

// priceOf is the price of any series with these options.
func priceOf(o *forecast.Options) price {
	p := price{fixed: 500, perPoint: 1, perStep: 5, levels: len(o.Levels) > 0, horizon: o.Horizon}
	switch o.Model {
	case "trend":
		p.fixed, p.perPoint, p.perStep = 100, 0.5, 2
	case "trend-season", "theta":
		p.fixed, p.perPoint = 5_000, 40
	case "damped":
		p.fixed, p.perPoint = 20_000, 200
	case "ar", "ar-season", "harmonic":
		p.fixed, p.perPoint, p.perStep = 50_000, 100, 50
	case "auto":
		// Its members are tried on inner origins with or without levels.
		p.fixed, p.perPoint, p.perStep = 300_000, 500, 500
	}
	return p
}

// of is the estimate for a series of n values.
func (p price) of(n int) float64 {
	paths := 1.0
	if p.levels {
		// Models share most of the work between origins.
		paths += float64(forecast.Origins(n, p.horizon)) / 4
	}
	return p.fixed + paths*(p.perPoint*float64(n)+p.perStep*float64(p.horizon))
}

// resultBytes bounds what the encoded answer for a series of n values takes, but for long words in it.
func resultBytes(o *forecast.Options, n int, wantErrors bool) int {
	size := 256 + 8*o.Horizon*(1+2*len(o.Levels))
	if wantErrors && len(o.Levels) > 0 {
		size += 8 * o.Horizon * max(forecast.Origins(n, o.Horizon), min(n, 64))
	}
	return size
}

// split cuts costs into one contiguous share for each capacity, in proportion to it, and returns where each share
// ends. A series goes where its middle falls.
func split(costs []float64, capacity []float64) []int {
	var total, room float64
	for _, c := range costs {
		total += c
	}
	for _, c := range capacity {
		room += c
	}
	ends := make([]int, len(capacity))
	next, spent, allowed := 0, 0.0, 0.0
	for r, c := range capacity {
		allowed += c
		limit := total * allowed / room
		for next < len(costs) && (spent+costs[next]/2 < limit || r == len(capacity)-1) {
			spent += costs[next]
			next++
		}
		ends[r] = next
	}
	return ends
}
