package forecast

import (
	"math"
	"slices"
)

// A problem is one series and what is asked of it: the input of a model.
type problem struct {
	y       []float64 // the whole series, less offset
	offset  float64   // see Engine.centre
	options *Options
	h       int   // steps ahead
	ends    []int // training lengths; ends[0] == len(y) for the forecast itself
	rolling int   // ends[rolling:extra] are the rolling origins; up to extra, ends descend
	inner   int   // ends[1:1+inner] are the origins that weigh members
	extra   int   // ends[extra:] are the origins that were asked for and are no rolling origins, descending
	asked   []int // for each training length asked for, the row of its origin, or -1; nil when none were asked for

	seasons []int // seasonal periods > 1, ascending
	adjust  bool  // the first season shows clearly enough to adjust for it
	strong  bool  // the first season is long, but not annual, and strong, see strongSeason

	lo, hi []float64 // the range of the training part of each origin
	views  [2]*view  // in levels and in logarithms, once a model has asked for them
}

// newProblem finds the origins and the seasons of y for the method m, with those asked for in ends, from which the number of
// unread values before y is still to be taken. The problem is in memory of e and valid until the next one.
func (e *Engine) newProblem(y []float64, offset float64, m *Method, ends []int, unread int) *problem {
	p := &e.mem.problem
	*p = problem{y: y, offset: offset, options: &m.options, h: m.options.Horizon}
	can := m.model().can
	p.setOrigins(&e.mem, can.has(combines), len(ends))
	if ends != nil && p.wantsErrors() {
		p.addOrigins(&e.mem, ends, unread)
	}
	p.setRanges(&e.mem)
	if can.has(usesSeasons) {
		p.seasons = e.findSeasons(y, p.options)
		m := p.season()
		p.strong = m >= longPeriod && !p.options.isAnnual(m) && strongSeason(y, m)
		p.adjust = p.strong && m > longPeriod || m <= longPeriod && hasSeason(e.view(p, p.positive()).z, m)
	}
	return p
}

// setOrigins lays out the origins. Row 0 is the forecast itself. A model that combines others has inner origins next:
// half a horizon back, and the latest rolling origins. With levels all rolling origins follow.
// There is room for more origins after those.
func (p *problem) setOrigins(mem *scratch, combines bool, more int) {
	n, h := len(p.y), p.h
	p.ends = append(mem.ints(2 + maxOrigins + more)[:0], n)
	p.rolling = 1
	count := 0
	if combines {
		if half := n - (h+1)/2; h > 1 && half >= minTraining {
			p.ends = append(p.ends, half)
			p.rolling = 2
		}
		count = min(Origins(n, h), innerOrigins(h))
		p.inner = p.rolling - 1 + count
	}
	if p.wantsErrors() {
		count = Origins(n, h)
	}
	for k := range count {
		p.ends = append(p.ends, OriginLength(n, h, k))
	}
	p.extra = len(p.ends)
}

// addOrigins adds the origins asked for that are no rolling origins. One within the unread values has no row.
func (p *problem) addOrigins(mem *scratch, ends []int, unread int) {
	p.asked = mem.ints(len(ends))
	next := p.rolling
	for i, n := range ends {
		n -= unread
		for next < p.extra && p.ends[next] > n {
			next++
		}
		switch {
		case n < 1:
			p.asked[i] = -1
		case next < p.extra && p.ends[next] == n:
			p.asked[i] = next
		default:
			p.asked[i] = len(p.ends)
			p.ends = append(p.ends, n)
		}
	}
}

// setRanges finds the range of the values before each origin. ends descend, so it walks them backwards; it begins again at
// the earliest rolling origin.
func (p *problem) setRanges(mem *scratch) {
	p.lo, p.hi = mem.floats(len(p.ends)), mem.floats(len(p.ends))
	lo, hi, from := math.Inf(1), math.Inf(-1), 0
	for o, n := range slices.Backward(p.ends) {
		if o == p.extra-1 {
			lo, hi, from = math.Inf(1), math.Inf(-1), 0
		}
		for _, v := range p.y[from:n] {
			lo, hi = min(lo, v), max(hi, v)
		}
		from = n
		p.lo[o], p.hi[o] = lo, hi
	}
}

// wantsErrors reports whether intervals were asked for, and with them the errors of all rolling origins.
func (p *problem) wantsErrors() bool { return len(p.options.Levels) > 0 }

// positive reports whether logarithms can be taken.
func (p *problem) positive() bool { return p.lo[0] > 0 }

// season returns the shortest seasonal period, or 1.
func (p *problem) season() int {
	if len(p.seasons) == 0 {
		return 1
	}
	return p.seasons[0]
}

// sharesFit reports whether origin o takes over the parameters that an earlier origin has fitted to the given number of
// points. Neighbouring origins of a short horizon differ by a point or two, and for intervals and weights, a fit to up to a
// twentieth fewer points is as good as their own. The forecast itself, o = 0, has a fit of its own.
func (p *problem) sharesFit(o, points int) bool {
	return points > 0 && o > 0 && !p.startsAfresh(o) && 20*(p.ends[o]-points) < points
}

// startsAfresh reports whether a model that goes from the earliest origin to the latest must forget at origin o what it has
// found: at the earliest origin that weighs members, since the forecast must not depend on origins that exist for intervals
// alone, and at the earliest rolling origin, since the intervals must not depend on origins that were asked for.
func (p *problem) startsAfresh(o int) bool { return o == p.inner || o == p.extra-1 }

// floor is the least forecast from origin o.
func (p *problem) floor(o int) float64 { return floorOf(p.lo[o]+p.offset) - p.offset }

// raise raises the values below floor to it.
func raise(row []float64, floor float64) {
	for k, v := range row {
		row[k] = max(v, floor)
	}
}

// clip keeps a forecast within the range of the values before origin o, widened by its width below and by one and a half
// times its width above, and above the floor. Recursions over hundreds of steps can grow without bound, and a forecast far
// outside the range of the data is not credible.
func (p *problem) clip(o int, row []float64) {
	width := p.hi[o] - p.lo[o]
	lo, hi := max(p.lo[o]-width, p.floor(o)), p.hi[o]+1.5*width
	for k, v := range row {
		row[k] = min(max(v, lo), hi)
	}
}
