package chart

import "math"

// Size says how large a picture is, in CSS pixels, and what stands above the plot.
type Size struct {
	Width, Height float64
	Heading       bool // the title; a page that has a heading of its own leaves it out
	NoLegend      bool // as for one of several that are alike
}

// Picture is what was drawn. It is immutable.
type Picture struct {
	Title       string // what it shows
	Description string // what a reader sees in it, in sentences
	size        Size
	plot        box // the rectangle between the axes, in which the data are
	shapes      []shape
}

// point is a place, in CSS pixels from the upper left corner.
type point struct{ x, y float64 }

// box is a rectangle with its sides parallel to the axes.
type box struct{ left, top, right, bottom float64 }

// A shape is one of these.
type shape interface{ isShape() }

// stroke is a line through points.
type stroke struct {
	role   role
	points []point
	data   bool // it shows values, and must lie inside the axes
}

// area is a filled polygon.
type area struct {
	role   role
	tint   tint // in place of the role's colour, unless zero
	points []point
	data   bool
}

// dot marks a single value.
type dot struct {
	role   role
	symbol symbol
	at     point
	radius float64
}

// label is a line of text. at is where its baseline begins, has its middle, or ends.
type label struct {
	role   role
	tint   tint // of the area that it stands on, unless zero
	text   string
	at     point
	anchor anchor
	size   float64
	bold   bool
}

func (stroke) isShape() {}
func (area) isShape()   {}
func (dot) isShape()    {}
func (label) isShape()  {}

// anchor is the part of a label that stands at its point.
type anchor int

const (
	start anchor = iota
	middle
	end
)

// symbol is the shape of a dot.
type symbol int

const (
	circle symbol = iota
	square
	triangle
	diamond
	cross
)

// outline is the polygon of a symbol around a point; a circle has none. A cross is two strokes, of which this is the first.
func (s symbol) outline(at point, r float64) []point {
	move := func(dx, dy float64) point { return point{at.x + r*dx, at.y + r*dy} }
	switch s {
	case square:
		return []point{move(-0.9, -0.9), move(0.9, -0.9), move(0.9, 0.9), move(-0.9, 0.9)}
	case triangle:
		return []point{move(0, -1.2), move(1.1, 0.8), move(-1.1, 0.8)}
	case diamond:
		return []point{move(0, -1.25), move(1.25, 0), move(0, 1.25), move(-1.25, 0)}
	}
	return nil
}

// arms are the two strokes of a cross.
func arms(at point, r float64) [2][]point {
	return [2][]point{
		{{at.x - r, at.y - r}, {at.x + r, at.y + r}},
		{{at.x - r, at.y + r}, {at.x + r, at.y - r}},
	}
}

func (p *Picture) add(s ...shape) { p.shapes = append(p.shapes, s...) }

// rectangle is the area of a box.
func rectangle(r role, b box, data bool) area {
	return area{role: r, data: data, points: []point{{b.left, b.top}, {b.right, b.top}, {b.right, b.bottom}, {b.left, b.bottom}}}
}

// extent is the span of all values, padded so that lines do not touch the edges.
func extent(values ...[]float64) span {
	var s span
	for _, v := range values {
		s.include(v...)
	}
	return s.padded(0.06)
}

// finite reports whether a number can be drawn.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// span is a range of numbers; the zero value is empty.
type span struct {
	low, high float64
	some      bool
}

// include widens the span to hold the values that are finite.
func (s *span) include(values ...float64) {
	for _, v := range values {
		switch {
		case !finite(v):
		case !s.some:
			*s = span{v, v, true}
		default:
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
}

// padded is the span with a share of its width on both sides, and never without width.
func (s span) padded(share float64) span {
	if !s.some {
		return span{0, 1, true}
	}
	width := s.high - s.low
	if width <= 1e-9*max(math.Abs(s.low), math.Abs(s.high)) {
		width = max(math.Abs(s.high)*0.1, 1e-9)
		share = 0.5
	}
	if padded := (span{s.low - share*width, s.high + share*width, true}); finite(padded.low) && finite(padded.high) {
		return padded
	}
	return s // as far apart as numbers go
}
