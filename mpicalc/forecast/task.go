package forecast

import "math"

// A task asks a method for forecasts of one series from several origins at once, so that a method can compute once
// what its origins have in common.
type task struct {
	y       []float64 // the whole series
	ends    []int     // training lengths, descending; ends[0] == len(y) for the forecast itself
	h       int       // steps ahead
	rolling int       // ends[rolling:] are the rolling origins
	inner   int       // ends[1:1+inner] are the origins that weigh members
	seasons []int     // seasonal periods > 1, ascending
	adjust  bool      // the first season shows clearly enough to adjust for it
	swings  bool      // the first season is long and shows beyond doubt
	lo, hi  []float64 // the range of the training part of each origin
}

// survey finds the range of the values before each origin. ends descend, so it walks them backwards.
func (t *task) survey(mem *scratch) {
	t.lo, t.hi = mem.floats(len(t.ends)), mem.floats(len(t.ends))
	lo, hi, from := math.Inf(1), math.Inf(-1), 0
	for o := len(t.ends) - 1; o >= 0; o-- {
		for _, v := range t.y[from:t.ends[o]] {
			lo, hi = min(lo, v), max(hi, v)
		}
		from = t.ends[o]
		t.lo[o], t.hi[o] = lo, hi
	}
}

// keeps reports whether origin o keeps the parameters of a fit to so many points, those of an origin before it.
// Neighbouring origins of a short horizon differ by a point or two; a fit to a twentieth less is as good as their own,
// for the errors that intervals and weights are made of. The forecast itself, o = 0, has a fit of its own, and so has
// the earliest origin that weighs members, for the forecast must not depend on origins that only intervals have.
func (t *task) keeps(o, points int) bool {
	return points > 0 && o > 0 && o != t.inner && 20*(t.ends[o]-points) < points
}

// positive reports whether logarithms can be taken.
func (t *task) positive() bool { return t.lo[0] > 0 }

// clip keeps a forecast within what the series has seen before origin o, widened by the width of that range and
// half as much again above; a positive series stays above a fifth of its smallest value. Recursions over hundreds of
// steps can explode; nothing that explodes is a forecast.
func (t *task) clip(o int, row []float64) {
	width := t.hi[o] - t.lo[o]
	lo, hi := t.lo[o]-width, t.hi[o]+1.5*width
	if t.lo[o] > 0 {
		lo = max(lo, t.lo[o]/5)
	}
	for k, v := range row {
		row[k] = min(max(v, lo), hi)
	}
}

// A method writes into row o of out its forecast of the h values that follow t.y[:t.ends[o]], and must not look
// beyond them. It leaves a row alone that it cannot forecast. The rows come marked as missing.
type method func(e *Engine, t *task, out paths)

// paths is one forecast path a row.
type paths struct {
	h    int
	data []float64 // row-major, rows × h
}

func (p paths) row(o int) []float64 { return p.data[o*p.h : (o+1)*p.h : (o+1)*p.h] }
func (p paths) rows() int           { return len(p.data) / p.h }

// forget marks every row as missing.
func (p paths) forget() {
	for i := range p.data {
		p.data[i] = math.NaN()
	}
}

// missing reports whether row o is not a forecast: it was never written, or something in it exploded.
func (p paths) missing(o int) bool {
	for _, v := range p.row(o) {
		if !finite(v) {
			return true
		}
	}
	return false
}

// newPaths takes a block of missing rows from the scratch memory.
func (e *Engine) newPaths(rows, h int) paths {
	p := paths{h: h, data: e.mem.floats(rows * h)}
	p.forget()
	return p
}

// each calls forecast for every origin of the task with the training part and the row to fill.
func (t *task) each(out paths, forecast func(y, row []float64)) {
	for o, n := range t.ends {
		forecast(t.y[:n], out.row(o))
	}
}

// season returns the shortest seasonal period, or 1.
func (t *task) season() int {
	if len(t.seasons) == 0 {
		return 1
	}
	return t.seasons[0]
}
