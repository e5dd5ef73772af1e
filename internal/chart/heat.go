package chart

import (
	"fmt"
	"math"
)

// Heat shows a matrix of values from -1 to 1, such as correlations, as colours, and as numbers where these have room.
type Heat struct {
	Title  string
	Names  []string    // of rows and columns
	Values [][]float64 // by row
}

// Draw draws a cell for each value. The height follows from the width, and that of size is ignored.
func (h Heat) Draw(size Size) *Picture {
	n := len(h.Names)
	names := 0.0
	for _, name := range h.Names {
		names = max(names, textWidth(name, textSize, false))
	}
	names = min(names, size.Width*0.3)
	f := &frame{Picture: &Picture{Title: h.Title, Description: h.describe(), size: size}}
	top := float64(edge)
	if size.Heading {
		top = f.heading(h.Title, top)
	}
	cell := min((size.Width-2*edge-names-8)/float64(max(n, 1)), 56)
	f.plot = box{edge + names + 8, top + lineGap, edge + names + 8 + cell*float64(n), top + lineGap + cell*float64(n)}
	f.size.Height = f.plot.bottom + edge
	for i, name := range h.Names {
		y := f.plot.top + cell*(float64(i)+0.5)
		if cell >= 11 {
			f.add(label{role: ink, text: clip(name, names, textSize, false), at: point{edge + names, y + 4}, anchor: end, size: textSize})
		}
		if cell >= 24 {
			f.add(label{role: faint, text: clip(name, cell-2, textSize, false), at: point{f.plot.left + cell*(float64(i)+0.5), f.plot.top - 4}, anchor: middle, size: textSize})
		}
		h.row(f, i, cell)
	}
	return f.Picture
}

func (h Heat) row(f *frame, i int, cell float64) {
	const numbers = 30 // what a number needs
	for j, v := range h.Values[i] {
		if !finite(v) {
			continue
		}
		b := box{f.plot.left + cell*float64(j), f.plot.top + cell*float64(i), f.plot.left + cell*float64(j+1), f.plot.top + cell*float64(i+1)}
		tile := rectangle(ink, box{b.left + 0.5, b.top + 0.5, b.right - 0.5, b.bottom - 0.5}, true)
		tile.tint = tintOf(v)
		f.add(tile)
		if cell >= numbers {
			f.add(label{tint: tile.tint, text: Number(v, 2), at: point{(b.left + b.right) / 2, (b.top+b.bottom)/2 + 4}, anchor: middle, size: textSize})
		}
	}
}

// describe names the closest and the least close pair.
func (h Heat) describe() string {
	var s span
	var high, low string
	for i := range h.Names {
		for j := range i {
			v := h.Values[i][j]
			if !finite(v) {
				continue
			}
			pair := fmt.Sprintf("%s and %s (%s)", h.Names[j], h.Names[i], Number(v, 2))
			if !s.some || v > s.high {
				high = pair
			}
			if !s.some || v < s.low {
				low = pair
			}
			s.include(v)
		}
	}
	if !s.some || math.IsInf(s.low, 0) {
		return "No pairs."
	}
	return fmt.Sprintf("Highest: %s; lowest: %s.", high, low)
}
