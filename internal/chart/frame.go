package chart

import "strings"

// Sizes of text, in CSS pixels.
const (
	textSize    = 12
	headingSize = 15
)

// Room around the plot.
const (
	edge    = 10 // of the picture
	lineGap = 16 // from baseline to baseline
)

// frame is a picture with axes, while it is drawn.
type frame struct {
	*Picture
	x, y   func(float64) float64 // place a value
	xs, ys span                  // what the axes show
}

// legendItem is a line or an area with its name.
type legendItem struct {
	text string
	key  func(at point) []shape // at is the left end of the baseline; the key is keyWidth wide
}

const keyWidth = 22

// lineKey is the key of a line.
func lineKey(r role) func(point) []shape {
	return func(at point) []shape {
		return []shape{stroke{role: r, points: []point{{at.x, at.y - 4}, {at.x + keyWidth, at.y - 4}}}}
	}
}

// dotKey is the key of dots.
func dotKey(r role, s symbol) func(point) []shape {
	return func(at point) []shape {
		return []shape{dot{role: r, symbol: s, at: point{at.x + keyWidth/2, at.y - 4}, radius: 4}}
	}
}

// areaKey is the key of an area, darker where several lie upon each other.
func areaKey(r role, layers int) func(point) []shape {
	return func(at point) (all []shape) {
		for range layers {
			all = append(all, rectangle(r, box{at.x, at.y - 9, at.x + keyWidth, at.y + 1}, false))
		}
		return all
	}
}

// layout is what a picture with axes is made of.
type layout struct {
	title, description string
	size               Size
	legend             []legendItem
	xs, ys             span
	unit               Unit
	yName              string  // stands above the axis
	right              float64 // room for labels behind the plot
	below              float64 // room for labels under it; 0 is that of two lines
	noGrid             bool
}

// newFrame lays the picture out, and draws its title, its legend, and the axis of values with its grid.
func newFrame(l layout) *frame {
	p := &Picture{Title: l.title, Description: l.description, size: l.size}
	f := &frame{Picture: p, xs: l.xs, ys: l.ys}
	top := float64(edge)
	if l.size.Heading {
		top = f.heading(l.title, top)
	}
	if !l.size.NoLegend {
		top = f.legend(l.legend, top)
	}
	if l.yName != "" {
		top += lineGap
		f.add(label{role: faint, text: l.yName, at: point{edge, top - 4}, size: textSize})
	}
	if l.below == 0 {
		l.below = 2*lineGap + 6
	}
	top += 8
	bottom := max(l.size.Height-l.below-4, top+20)
	count := max(2, int((bottom-top)/45))
	at, texts := ticks(l.ys, count, l.unit)
	left := 0.0
	for _, text := range texts {
		left = max(left, textWidth(text, textSize, false))
	}
	left += edge + 8
	p.plot = box{left, top, max(l.size.Width-edge-l.right, left+20), bottom}
	f.x = linear(l.xs, p.plot.left, p.plot.right)
	f.y = linear(l.ys, p.plot.bottom, p.plot.top)
	for i, v := range at {
		if !l.noGrid {
			f.add(stroke{role: grid, points: []point{{p.plot.left, f.y(v)}, {p.plot.right, f.y(v)}}})
		}
		f.add(label{role: faint, text: texts[i], at: point{p.plot.left - 8, f.y(v) + 4}, anchor: end, size: textSize})
	}
	return f
}

// steps is the span of the numbers of n steps, with the only one in the middle.
func steps(n int) span {
	if n < 2 {
		return span{-1, 1, true}
	}
	return span{0, float64(n - 1), true}
}

// linear is the map of a span onto a length.
func linear(s span, from, to float64) func(float64) float64 {
	width := s.high/2 - s.low/2 // halves do not overflow
	return func(v float64) float64 { return from + (v/2-s.low/2)/width*(to-from) }
}

// heading draws the title in as many lines as it needs, and returns where they end.
func (f *frame) heading(title string, top float64) float64 {
	for _, line := range wrap(title, f.size.Width-2*edge, headingSize, true) {
		top += 19
		f.add(label{role: ink, text: line, at: point{edge, top - 4}, size: headingSize, bold: true})
	}
	return top + 4
}

// legend draws the keys in as many lines as they need, and returns where they end.
func (f *frame) legend(items []legendItem, top float64) float64 {
	if len(items) == 0 {
		return top
	}
	x, y := float64(edge), top+12
	for _, item := range items {
		width := keyWidth + 6 + textWidth(item.text, textSize, false)
		if x > edge && x+width > f.size.Width-edge {
			x, y = edge, y+lineGap+2
		}
		f.add(item.key(point{x, y})...)
		f.add(label{role: ink, text: item.text, at: point{x + keyWidth + 6, y}, size: textSize})
		x += width + 18
	}
	return y + 6
}

// timeAxis draws the marks of times, of which index i is at x = i.
func (f *frame) timeAxis(t Times) {
	const gap = 10
	at := func(i int) float64 { return f.x(float64(i)) }
	width := func(s string) float64 { return textWidth(s, textSize, false) }
	y := f.plot.bottom
	f.add(stroke{role: frameRef, points: []point{{f.plot.left, y}, {f.plot.right, y}}})
	for _, m := range t.ticks(room{at, width, gap}) {
		x := at(m.index)
		f.add(stroke{role: frameRef, points: []point{{x, y}, {x, y + 4}}})
		f.add(f.inside(m.text, x, y+lineGap))
		if m.under != "" {
			f.add(f.inside(m.under, x, y+2*lineGap))
		}
	}
}

// inside is a label in the middle of x, moved so far that it does not leave the picture.
func (f *frame) inside(text string, x, y float64) label {
	half := textWidth(text, textSize, false) / 2
	x = min(max(x, half+2), f.size.Width-half-2)
	return label{role: faint, text: text, at: point{x, y}, anchor: middle, size: textSize}
}

// line draws values at x = from, from+1 and so on, interrupted where they are not finite. A single value between two gaps is a dot.
func (f *frame) line(r role, from int, values []float64) {
	var run []point
	flush := func() {
		switch len(run) {
		case 0:
		case 1:
			f.add(dot{role: r, at: run[0], radius: 2})
		default:
			f.add(stroke{role: r, points: run, data: true})
		}
		run = nil
	}
	for i, v := range values {
		if !finite(v) {
			flush()
			continue
		}
		run = append(run, point{f.x(float64(from + i)), f.y(v)})
	}
	flush()
}

// between fills what is between two lines of values at x = from and on, in pieces where both are finite.
func (f *frame) between(r role, from int, low, high []float64) {
	for i := 0; i < min(len(low), len(high)); i++ {
		var lower, upper []point
		for ; i < min(len(low), len(high)) && finite(low[i]) && finite(high[i]); i++ {
			x := f.x(float64(from + i))
			lower, upper = append(lower, point{x, f.y(low[i])}), append(upper, point{x, f.y(high[i])})
		}
		if len(lower) == 1 { // as wide as a step would be seen
			lower = []point{{lower[0].x - 2, lower[0].y}, {lower[0].x + 2, lower[0].y}}
			upper = []point{{upper[0].x - 2, upper[0].y}, {upper[0].x + 2, upper[0].y}}
		}
		if len(lower) > 1 {
			for k := len(upper) - 1; k >= 0; k-- {
				lower = append(lower, upper[k])
			}
			f.add(area{role: r, points: lower, data: true})
		}
	}
}

// reference draws a line across the plot at a value.
func (f *frame) reference(r role, v float64) {
	if v >= f.ys.low && v <= f.ys.high {
		f.add(stroke{role: r, points: []point{{f.plot.left, f.y(v)}, {f.plot.right, f.y(v)}}, data: true})
	}
}

// sideLabel is a label behind the plot, at the height of a value.
type sideLabel struct {
	role role
	text string
	bold bool
	y    float64 // in pixels
}

// sideLabels draws labels behind the plot, moved apart where they would touch.
func (f *frame) sideLabels(labels []sideLabel) {
	const gap = textSize + 2
	for i := range labels { // by height: few labels
		for j := i; j > 0 && labels[j].y < labels[j-1].y; j-- {
			labels[j], labels[j-1] = labels[j-1], labels[j]
		}
	}
	for i := 1; i < len(labels); i++ {
		labels[i].y = max(labels[i].y, labels[i-1].y+gap)
	}
	most := f.plot.bottom
	for i := len(labels) - 1; i >= 0; i-- {
		labels[i].y = min(labels[i].y, most)
		most = labels[i].y - gap
	}
	for _, l := range labels {
		f.add(label{role: l.role, text: l.text, at: point{f.plot.right + 8, l.y + 4}, size: textSize, bold: l.bold})
	}
}

// sideWidth is the room that labels behind the plot need.
func sideWidth(texts ...string) float64 {
	width := 0.0
	for _, t := range texts {
		width = max(width, textWidth(t, textSize, true))
	}
	return width + 8
}

// wrap breaks a text into lines of a width, between words.
func wrap(text string, width, size float64, bold bool) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && textWidth(longer, size, bold) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	return append(lines, clip(line, width, size, bold))
}

// clip shortens a text to a width, with an ellipsis.
func clip(text string, width, size float64, bold bool) string {
	if textWidth(text, size, bold) <= width {
		return text
	}
	runes := []rune(text)
	for n := len(runes) - 1; n > 0; n-- {
		if short := strings.TrimRight(string(runes[:n]), " ") + "…"; textWidth(short, size, bold) <= width {
			return short
		}
	}
	return "…"
}
