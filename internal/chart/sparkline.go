package chart

import "fmt"

// Sparkline shows a forecast behind what was observed in the height of a line of text, without axes.
type Sparkline struct {
	Title       string
	Past, Point []float64
	Lo, Hi      []float64 // an interval of Point, or nil
}

// Draw draws the line.
func (s Sparkline) Draw(size Size) *Picture {
	p := &Picture{Title: s.Title, size: size, plot: box{3, 3, size.Width - 4, size.Height - 3}}
	n, h := len(s.Past), len(s.Point)
	f := &frame{Picture: p, ys: extent(s.Past, s.Point, s.Lo, s.Hi)}
	f.x = linear(span{0, float64(max(n+h-1, 1)), true}, p.plot.left, p.plot.right)
	f.y = linear(f.ys, p.plot.bottom, p.plot.top)
	if n > 0 && h > 0 {
		from := s.Past[n-1 : n : n]
		f.between(band, n-1, append(from, s.Lo...), append(from, s.Hi...))
		f.line(past, 0, s.Past)
		f.line(ahead, n-1, append(from, s.Point...))
	} else {
		f.line(past, 0, s.Past)
		f.line(ahead, 0, s.Point)
	}
	if h > 0 && finite(s.Point[h-1]) {
		f.add(dot{role: ahead, at: point{f.x(float64(n + h - 1)), f.y(s.Point[h-1])}, radius: 2.5})
	}
	if n > 0 && h > 0 {
		p.Description = fmt.Sprintf("From %s to %s.", Significant(s.Past[n-1], f.ys.high-f.ys.low, Plain), Significant(s.Point[h-1], f.ys.high-f.ys.low, Plain))
	}
	return p
}
