package chart

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// PNG writes the picture in a theme, with so many pixels for each CSS pixel. Characters that its font lacks, as of Chinese, are boxes:
// SVG has no such limit. It returns the error of w.
func (p *Picture) PNG(w io.Writer, theme Theme, scale float64) error {
	c := newCanvas(p.size, theme, scale)
	for _, s := range p.shapes {
		c.shape(s)
	}
	return png.Encode(w, c.image)
}

// canvas fills polygons. All shapes are made of these.
type canvas struct {
	image *image.RGBA
	theme Theme
	scale float64
}

func newCanvas(size Size, theme Theme, scale float64) *canvas {
	c := &canvas{theme: theme, scale: scale}
	c.image = image.NewRGBA(image.Rect(0, 0, int(math.Ceil(size.Width*scale)), int(math.Ceil(size.Height*scale))))
	draw.Draw(c.image, c.image.Bounds(), image.NewUniform(ground.look().color[theme]), image.Point{}, draw.Src)
	return c
}

func (c *canvas) shape(of shape) {
	switch x := of.(type) {
	case stroke:
		c.stroke(x.role, x.points)
	case area:
		c.fill(c.color(x.role, x.tint), x.points)
	case dot:
		c.dot(x)
	case label:
		c.label(x)
	}
}

func (c *canvas) color(r role, t tint) color.NRGBA {
	if t != 0 {
		return t.color(c.theme)
	}
	return r.look().color[c.theme]
}

func (c *canvas) dot(d dot) {
	switch d.symbol {
	case circle:
		c.fill(c.color(d.role, 0), disc(d.at, d.radius))
	case cross:
		for _, arm := range arms(d.at, d.radius) {
			c.stroke(d.role, arm)
		}
	default:
		c.fill(c.color(d.role, 0), d.symbol.outline(d.at, d.radius))
	}
}

// label draws text.
func (c *canvas) label(l label) {
	ink := c.color(l.role, 0)
	if l.tint != 0 {
		ink = l.tint.text(c.theme)
	}
	f := face(l.size*c.scale, l.bold)
	defer f.Close()
	width := float64(font.MeasureString(f, l.text)) / 64
	x := l.at.x*c.scale - width*[]float64{0, 0.5, 1}[l.anchor]
	at := fixed.Point26_6{X: fixed.Int26_6(math.Round(x * 64)), Y: fixed.Int26_6(math.Round(l.at.y * c.scale * 64))}
	d := font.Drawer{Dst: c.image, Src: image.NewUniform(ink), Face: f, Dot: at}
	d.DrawString(l.text)
}

// stroke draws a line with the width and the dashes of its role.
func (c *canvas) stroke(r role, points []point) {
	l := r.look()
	lines := [][]point{points}
	if l.dash != nil {
		lines = dashed(points, l.dash)
	}
	var outlines [][]point
	for _, line := range lines {
		if o := outline(line, l.width/2); o != nil {
			outlines = append(outlines, o)
		}
	}
	c.fill(l.color[c.theme], outlines...)
}

// outline is the polygon at a distance on both sides of a line; nil when the line has no length. Corners are mitred or, where they are
// sharp, cut off.
func outline(line []point, half float64) []point {
	line = slices.Compact(slices.Clone(line))
	if len(line) < 2 {
		return nil
	}
	const longest = 2 // a mitre, in half widths
	var left, right []point
	side := func(at, normal point, by float64) {
		left = append(left, point{at.x + by*normal.x, at.y + by*normal.y})
		right = append(right, point{at.x - by*normal.x, at.y - by*normal.y})
	}
	before := normal(line[0], line[1])
	side(line[0], before, half)
	for i := 1; i < len(line)-1; i++ {
		after := normal(line[i], line[i+1])
		sum := point{before.x + after.x, before.y + after.y}
		if square := sum.x*sum.x + sum.y*sum.y; square > 4/(longest*longest) {
			side(line[i], sum, 2*half/square)
		} else {
			side(line[i], before, half)
			side(line[i], after, half)
		}
		before = after
	}
	side(line[len(line)-1], before, half)
	slices.Reverse(right)
	return append(left, right...)
}

// normal is the direction of length 1 to the left of the way from a to b, which differ.
func normal(a, b point) point {
	dx, dy := b.x-a.x, b.y-a.y
	length := math.Hypot(dx, dy)
	return point{-dy / length, dx / length}
}

// disc is a circle as a polygon.
func disc(at point, radius float64) []point {
	const corners = 24
	all := make([]point, corners)
	for i := range all {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		all[i] = point{at.x + radius*cos, at.y + radius*sin}
	}
	return all
}

// fill fills polygons.
func (c *canvas) fill(with color.NRGBA, polygons ...[]point) {
	bounds := c.image.Bounds()
	r := vector.NewRasterizer(bounds.Dx(), bounds.Dy())
	for _, polygon := range polygons {
		for i, p := range polygon {
			x, y := float32(p.x*c.scale), float32(p.y*c.scale)
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.Draw(c.image, bounds, image.NewUniform(with), image.Point{})
}

// dashed cuts a line into dashes.
func dashed(points []point, dash []float64) (lines [][]point) {
	k, left := 0, dash[0] // the dash or gap that is under way, and how much of it is left
	line := []point{points[0]}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		done := 0.0
		for length-done > left {
			done += left
			at := point{a.x + (b.x-a.x)*done/length, a.y + (b.y-a.y)*done/length}
			if k%2 == 0 {
				lines = append(lines, append(line, at))
			}
			line = []point{at}
			k++
			left = dash[k%len(dash)]
		}
		left -= length - done
		line = append(line, b)
	}
	if k%2 == 0 && len(line) > 1 {
		lines = append(lines, line)
	}
	return lines
}
