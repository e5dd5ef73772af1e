package spmd

import (
	"errors"

	"foliocast/mpicalc/forecast"
)

// price estimates what one series costs, in nanoseconds of one core. It only has to be right in proportion: ranks get
// shares of equal cost, and chunks end after some of it. The figures are from benchmarks of the models on series of 20
// to 3,000 values, when every origin had a fit of its own. Since neighbouring origins share fits they are too high: one
// to eleven times for auto, and with levels about thirty times for autoregressions at a horizon of a few steps.
type price struct {
	fixed    float64 // per series
	perPoint float64 // per value
	points   int     // values beyond this many cost little more: the models look at the recent past
	perPath  float64 // what one more origin costs, as a share of the first
	levels   bool
	horizon  int
}

// perError is what one rolling-origin error costs the intervals.
const perError = 100

// priceOf is the price of any series with these options.
func priceOf(o *forecast.Options) price {
	p := price{fixed: 2_000, perPoint: 100, points: 1000, perPath: 0.4}
	switch o.Model {
	case "naive", "seasonal-naive", "drift", "mean":
		p = price{fixed: 200, perPoint: 0.5, points: 1 << 30, perPath: 1}
	case "trend":
		p = price{fixed: 100, perPoint: 0.5, points: 1 << 30, perPath: 6}
	case "damped", "holt-winters":
		p = price{fixed: 5_000, perPoint: 500, points: 400, perPath: 0.4}
	case "harmonic":
		p = price{fixed: 3_000, perPoint: 200, points: 1000, perPath: 0.2}
	case "auto":
		p = price{fixed: 30_000, perPoint: 3_000, points: 500, perPath: 0.06}
	}
	p.levels, p.horizon = len(o.Levels) > 0, o.Horizon
	return p
}

// of is the estimate for a series of n values.
func (p price) of(n int) float64 {
	first := p.perPoint * float64(min(n, p.points))
	if !p.levels {
		return p.fixed + first
	}
	origins := forecast.Origins(n, p.horizon)
	errors := p.horizon * origins
	if origins == 0 {
		errors = p.horizon * min(n, 64) // guessed ones
	}
	return p.fixed + first*(1+p.perPath*float64(origins)) + perError*float64(errors)
}

// priceList remembers the price of the options seen last.
type priceList struct {
	options *forecast.Options
	price   price
}

func (l *priceList) of(o *forecast.Options) (price, error) {
	if o == l.options && o != nil {
		return l.price, nil
	}
	if o == nil {
		return price{}, errors.New("a series without options")
	}
	if err := o.Validate(); err != nil {
		return price{}, err
	}
	l.options, l.price = o, priceOf(o)
	return l.price, nil
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
