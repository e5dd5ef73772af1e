package forecast

import (
	"math"
	"slices"
)

// A question is a series as the models get it.
type question struct {
	values []float64 // less offset, and without those unread
	skips  []Skip    // of the whole series
	ends   []int     // likewise
	walk   []int     // likewise: Series.WalkEnds
	stride int       // Series.WalkStride
	unread int       // values before those read
	offset float64   // see Engine.normalise
}

// A problem is one series and what is asked of it: the input of a model. Where some slots of the calendar are empty and the
// series has a season, models see the series on its slots, so that seasons keep their phase; otherwise on its values.
type problem struct {
	y       []float64 // the whole series, less offset
	offset  float64   // see Engine.normalise
	options *Options
	h       int   // steps ahead
	ends    []int // training lengths; ends[0] == len(y) for the forecast itself
	rolling int   // ends[rolling:extra] are the rolling origins; up to extra, ends descend
	near    int   // ends[1:near] are the latest of those that weigh members, for about recentErrors errors, and ends[near:extra] the earlier ones
	weighs  bool  // the model weighs members by their errors at the origins
	extra   int   // ends[extra:] are the origins that were asked for and are no rolling origins, descending
	asked   []int // for each training length asked for, the row of its origin, or -1; nil when none were asked for
	banded  []int // the rows of the origins of bands

	grid   *grid     // the slots of y; nil when y holds the values themselves
	values []float64 // y without its empty slots
	steps  int       // h without its empty slots
	known  []int     // ends in values

	seasons  []int     // seasonal periods > 1, ascending
	evidence []float64 // for each season, in [0, 1], see seasonEvidence
	adjust   bool      // the first season shows clearly enough to adjust for it, and is no year

	least  float64   // the smallest value
	lo, hi []float64 // the range of the training part of each origin
	views  [2]*view  // in levels and in logarithms, once a model has asked for them
	law    *law      // the predictive distribution of the forecast, when its model made one

	marginals  *marginals // of the method
	relative   bool       // intervals and quantiles are those of relative errors
	walk       *walkScale // when the forecast is as good as naive
	walkEnds   []int      // the training lengths asked for at which errors of naive are measured, in values of the whole series
	walkUnread int        // values before those of the problem
	walkStride int
}

// newProblem finds the seasons and the origins of q for the method m. The problem is in memory of e and valid until the next
// one.
func (e *Engine) newProblem(q question, m *Method) *problem {
	p := &e.mem.problem
	*p = problem{y: q.values, values: q.values, offset: q.offset, options: &m.options, marginals: m.drawn, h: m.options.Horizon, steps: m.options.Horizon}
	can := m.model().can
	if can.has(usesSeasons) {
		if !e.useSlots(p, &q, can) {
			p.setSeasons(e.findSeasons(p.y, p.options))
		}
	}
	more := len(q.ends)
	if len(p.options.Bands) > 0 {
		more += bandOrigins
	}
	p.setOrigins(&e.mem, can.has(combines), more)
	p.addOrigins(&e.mem, &q)
	p.toSlots(&e.mem)
	p.setRanges(&e.mem)
	if can.has(usesSeasons) {
		m := p.season()
		p.adjust = m > 1 && !p.options.isAnnual(m) && p.evidence[0] >= possible
	}
	return p
}

// useSlots puts the series on the slots of its calendar when some of them are empty and it has a season. The test for a season
// sees empty slots that repeat the value before them, which favours none.
func (e *Engine) useSlots(p *problem, q *question, can capability) bool {
	if q.skips == nil {
		return false
	}
	limit := MaxPoints
	if can.has(readsAll) {
		limit = max(limit, len(q.values))
	}
	g := &e.mem.grid
	var ok bool
	if *g, ok = e.place(q.values, q.skips, q.unread, p.h, limit); !ok {
		return false
	}
	g.fill(0)
	found := e.findSeasons(g.y, p.options)
	if len(found.periods) == 0 {
		return true
	}
	p.setSeasons(found)
	g.fill(p.seasons[0])
	q.unread += len(q.values) - len(g.values)
	p.grid, p.y, p.values = g, g.y, g.values
	return true
}

func (p *problem) setSeasons(found foundSeasons) {
	p.seasons, p.evidence = found.periods, found.evidence
}

// toSlots turns the training lengths into slots, and the horizon into that of the origin which needs the most.
func (p *problem) toSlots(mem *scratch) {
	p.known = p.ends
	if p.grid == nil {
		return
	}
	p.ends = mem.ints(len(p.known))
	for o, n := range p.known {
		p.ends[o] = p.grid.end(n)
		p.h = max(p.h, p.grid.reach(n, p.steps))
	}
}

// toSteps takes the steps out of paths over slots.
func (e *Engine) toSteps(p *problem, slots paths) paths {
	if p.grid == nil {
		return slots
	}
	steps := paths{h: p.steps, data: e.mem.floats(len(p.ends) * p.steps)}
	for o, n := range p.known {
		p.grid.toSteps(steps.row(o), slots.row(o), n)
	}
	return steps
}

// reach is how many slots the steps after origin o take.
func (p *problem) reach(o int) int {
	if p.grid == nil {
		return p.steps
	}
	return p.grid.reach(p.known[o], p.steps)
}

// isEmpty reports whether slot s of the series is empty.
func (p *problem) isEmpty(s int) bool { return p.grid != nil && p.grid.empty[s] }

// recentErrors is how many of the latest errors are told apart from earlier ones.
const recentErrors = 16

// setOrigins lays out the origins, in values. Row 0 is the forecast itself. A model that combines others has inner origins
// next: half a horizon back, and the latest rolling origins. With levels all rolling origins follow. There is room for more
// origins after those.
func (p *problem) setOrigins(mem *scratch, combines bool, more int) {
	n, h := len(p.values), p.steps
	p.ends = append(mem.ints(2 + maxOrigins + more)[:0], n)
	p.rolling, p.weighs = 1, combines
	count := 0
	if combines {
		if half := n - (h+1)/2; h > 1 && half >= minTraining {
			p.ends = append(p.ends, half)
			p.rolling = 2
		}
	}
	if combines || p.wantsErrors() {
		count = Origins(n, h)
	}
	for k := range count {
		p.ends = append(p.ends, OriginLength(n, h, k))
	}
	p.extra = len(p.ends)
	p.near = min(p.rolling+max(2, recentErrors/h), p.extra)
}

// addOrigins adds the origins asked for, and those of bands, that are no rolling origins.
func (p *problem) addOrigins(mem *scratch, q *question) {
	if !p.wantsErrors() {
		return
	}
	var ends []int
	if len(p.options.Bands) > 0 {
		ends = p.bandEnds(mem)
		p.banded = mem.ints(len(ends))
	}
	if q.ends != nil {
		p.asked = mem.ints(len(q.ends))
		p.walkEnds, p.walkUnread, p.walkStride = q.walk, q.unread, q.stride
	}
	next, i, j := p.rolling, 0, 0
	for i < len(ends) || j < len(q.ends) {
		n := math.MinInt // the longest that has no row yet
		if i < len(ends) {
			n = ends[i]
		}
		if j < len(q.ends) {
			n = max(n, q.ends[j]-q.unread)
		}
		row := p.rowOf(&next, n)
		if i < len(ends) && ends[i] == n {
			p.banded[i] = row
			i++
		}
		if j < len(q.ends) && q.ends[j]-q.unread == n {
			p.asked[j] = row
			j++
		}
	}
}

// rowOf is the row of the origin after n values, which is added unless it is a rolling origin from next on. One within the unread
// values has no row, which is -1.
func (p *problem) rowOf(next *int, n int) int {
	for *next < p.extra && p.ends[*next] > n {
		*next++
	}
	switch {
	case n < 1:
		return -1
	case *next < p.extra && p.ends[*next] == n:
		return *next
	}
	p.ends = append(p.ends, n)
	return len(p.ends) - 1
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
	p.least = p.lo[0]
}

// wantsErrors reports whether intervals or quantiles were asked for, and with them the errors of all rolling origins.
func (p *problem) wantsErrors() bool { return p.options.wantsErrors() }

// positive reports whether logarithms can be taken.
func (p *problem) positive() bool { return p.least > 0 }

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
// found: at the forecast itself, since it must not depend on origins that exist for intervals alone, and at the earliest
// rolling origin, since the intervals must not depend on origins that were asked for.
func (p *problem) startsAfresh(o int) bool { return o == p.extra-1 || o == 0 && !p.weighs }

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
