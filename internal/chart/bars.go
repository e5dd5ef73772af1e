package chart

import "strings"

// Part is the value of one name.
type Part struct {
	Name  string
	Value float64 // negative for one that takes away from a whole, as a hedge does
}

// Bars shows values by name, in the order given, such as what each asset adds to the value at risk.
type Bars struct {
	Title string
	Unit  Unit
	Whole string // what the values add up to, such as VaR 95 %; empty where they do not
	Parts []Part
}

// rowHeight is how high a bar with its gap is.
const rowHeight = 24

// Draw draws a bar for each part. The height follows from their number, and that of size is ignored.
func (c Bars) Draw(size Size) *Picture {
	var values span
	values.include(0)
	sum, names := 0.0, 0.0
	for _, p := range c.Parts {
		values.include(p.Value)
		if finite(p.Value) {
			sum += p.Value
		}
		names = max(names, textWidth(p.Name, textSize, false))
	}
	names = min(names, size.Width*0.35)
	width := max(-values.low, values.high)
	p := &Picture{Title: c.Title}
	top := float64(edge)
	f := &frame{Picture: p}
	p.size = size
	if size.Heading {
		top = f.heading(c.Title, top)
	}
	p.size.Height = top + rowHeight*float64(len(c.Parts)) + edge
	texts, room := make([]string, len(c.Parts)), 0.0
	for i, part := range c.Parts {
		texts[i] = Significant(part.Value, width, c.Unit)
		if c.Whole != "" {
			texts[i] += ", " + Significant(part.Value/sum, 1, Percent) + " of all"
		}
		room = max(room, textWidth(texts[i], textSize, false))
	}
	p.plot = box{edge + names + 8, top, size.Width - edge - room - 6, p.size.Height - edge}
	f.xs = values.padded(0)
	f.x = linear(f.xs, p.plot.left, max(p.plot.right, p.plot.left+10))
	c.bars(f, top, names, texts)
	f.add(stroke{role: frameRef, points: []point{{f.x(0), top}, {f.x(0), p.plot.bottom}}})
	return f.Picture
}

func (c Bars) bars(f *frame, top, names float64, texts []string) {
	if c.Whole != "" {
		f.Description = "Parts of " + c.Whole + ":"
	}
	for i, part := range c.Parts {
		y := top + rowHeight*float64(i)
		f.Description = strings.TrimSpace(f.Description + " " + part.Name + " " + texts[i] + ";")
		f.add(label{role: ink, text: clip(part.Name, names, textSize, false), at: point{edge, y + 16}, size: textSize})
		if !finite(part.Value) {
			continue
		}
		r, from, to := bar, f.x(0), f.x(part.Value)
		if part.Value < 0 {
			r, from, to = barAgainst, to, from
		}
		f.add(rectangle(r, box{from, y + 4, to, y + rowHeight - 4}, true))
		f.add(label{role: ink, text: texts[i], at: point{to + 6, y + 16}, size: textSize})
	}
}
