package forecast

import "math"

// paths holds one forecast path a row.
type paths struct {
	h    int
	data []float64 // row-major, rows × h
}

// newPaths takes a missing row for each origin of p from the scratch memory.
func (e *Engine) newPaths(p *problem) paths {
	out := paths{h: p.h, data: e.mem.floats(len(p.ends) * p.h)}
	out.markMissing()
	return out
}

func (p paths) row(o int) []float64 { return p.data[o*p.h : (o+1)*p.h : (o+1)*p.h] }
func (p paths) rows() int           { return len(p.data) / p.h }

// markMissing marks every row as missing.
func (p paths) markMissing() {
	for i := range p.data {
		p.data[i] = math.NaN()
	}
}

// missing reports whether row o is not a forecast: it was never written, or something in it overflowed.
func (p paths) missing(o int) bool {
	for _, v := range p.row(o) {
		if !finite(v) {
			return true
		}
	}
	return false
}

// incomplete reports whether any row is missing.
func (p paths) incomplete() bool {
	for o := range p.rows() {
		if p.missing(o) {
			return true
		}
	}
	return false
}

// fill copies the rows of other into those that are missing.
func (p paths) fill(other paths) {
	for o := range p.rows() {
		if p.missing(o) {
			copy(p.row(o), other.row(o))
		}
	}
}
