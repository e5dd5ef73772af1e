package chart

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"strconv"
	"strings"
)

// SVG writes the picture as a document of its own, which looks the same alone and in an <img>. It returns the error of w.
func (p *Picture) SVG(w io.Writer) error {
	out := &svg{w: bufio.NewWriter(w)}
	out.text(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	out.open(p, "chart")
	out.text("<style>" + StyleSheet() + "</style>")
	out.body(p)
	return out.w.Flush() // reports the first error of all writes
}

// Inline writes the picture for a place inside an HTML page, which has [StyleSheet] once. The id must be unique on the page.
func (p *Picture) Inline(w io.Writer, id string) error {
	out := &svg{w: bufio.NewWriter(w)}
	out.open(p, id)
	out.body(p)
	return out.w.Flush()
}

// StyleSheet has the rules for every picture, for both colour schemes. On paper it is the light one.
func StyleSheet() string {
	return shapes() + colors(func(of func(Theme) color.NRGBA) string { return css(of(Light)) }) +
		"@media screen and (prefers-color-scheme:dark){" + colors(func(of func(Theme) color.NRGBA) string { return css(of(Dark)) }) + "}"
}

// shapes are the rules for what has no colour.
func shapes() string {
	var b strings.Builder
	b.WriteString(".fc{font-family:system-ui,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif;font-variant-numeric:tabular-nums}" +
		".fc .s{fill:none;stroke-linejoin:round;stroke-linecap:butt}")
	for r := range roles {
		l := r.look()
		if l.width > 0 {
			fmt.Fprintf(&b, ".fc .s.%s{stroke-width:%s", r.name(), number(l.width))
			if l.dash != nil {
				var dashes []string
				for _, d := range l.dash {
					dashes = append(dashes, number(d))
				}
				b.WriteString(";stroke-dasharray:" + strings.Join(dashes, " "))
			}
			b.WriteString("}")
		}
	}
	return b.String()
}

// SchemeStyleSheet is [StyleSheet] for a page that sets the property color-scheme itself: colours follow that, by light-dark().
func SchemeStyleSheet() string {
	return shapes() + colors(func(of func(Theme) color.NRGBA) string {
		return "light-dark(" + css(of(Light)) + "," + css(of(Dark)) + ")"
	})
}

// colors are the rules for colours, each written by one.
func colors(one func(of func(Theme) color.NRGBA) string) string {
	var b strings.Builder
	for r := range roles {
		c := one(func(t Theme) color.NRGBA { return r.look().color[t] })
		fmt.Fprintf(&b, ".fc .%s{fill:%s}", r.name(), c)
		if r.look().width > 0 {
			fmt.Fprintf(&b, ".fc .s.%s{fill:none;stroke:%s}", r.name(), c)
		}
	}
	for t := tint(1); t <= tints; t++ {
		fmt.Fprintf(&b, ".fc .t%d{fill:%s}.fc text.t%d{fill:%s}", t, one(t.color), t, one(t.text))
	}
	return b.String()
}

// svg writes elements. Its writer keeps the error.
type svg struct{ w *bufio.Writer }

func (s *svg) text(markup string) { _, _ = s.w.WriteString(markup) }

// open begins the document, with the picture's text alternative.
func (s *svg) open(p *Picture, id string) {
	fmt.Fprintf(s.w, `<svg xmlns="http://www.w3.org/2000/svg" class="fc" role="img" aria-labelledby="%[1]s-t %[1]s-d" viewBox="0 0 %[2]s %[3]s" width="%[2]s" height="%[3]s">`,
		id, number(p.size.Width), number(p.size.Height))
	fmt.Fprintf(s.w, `<title id="%[1]s-t">%[2]s</title><desc id="%[1]s-d">%[3]s</desc>`, id, escape(p.Title), escape(p.Description))
}

func (s *svg) body(p *Picture) {
	for _, shape := range p.shapes {
		s.shape(shape)
	}
	s.text("</svg>\n")
}

func (s *svg) shape(of shape) {
	switch x := of.(type) {
	case stroke:
		fmt.Fprintf(s.w, `<path class="s %s" d="%s"/>`, x.role.name(), route(x.points))
	case area:
		fmt.Fprintf(s.w, `<path class="%s" d="%sZ"/>`, class(x.role, x.tint), route(x.points))
	case dot:
		s.dot(x)
	case label:
		weight := ""
		if x.bold {
			weight = ` font-weight="600"`
		}
		fmt.Fprintf(s.w, `<text class="%s" x="%s" y="%s" font-size="%s"%s%s>%s</text>`, class(x.role, x.tint), number(x.at.x), number(x.at.y), number(x.size),
			[]string{"", ` text-anchor="middle"`, ` text-anchor="end"`}[x.anchor], weight, escape(x.text))
	}
}

func (s *svg) dot(d dot) {
	switch d.symbol {
	case circle:
		fmt.Fprintf(s.w, `<circle class="%s" cx="%s" cy="%s" r="%s"/>`, d.role.name(), number(d.at.x), number(d.at.y), number(d.radius))
	case cross:
		both := arms(d.at, d.radius)
		fmt.Fprintf(s.w, `<path class="s %s" d="%s%s"/>`, d.role.name(), route(both[0]), route(both[1]))
	default:
		fmt.Fprintf(s.w, `<path class="%s" d="%sZ"/>`, d.role.name(), route(d.symbol.outline(d.at, d.radius)))
	}
}

// class is the class of a shape.
func class(r role, t tint) string {
	if t != 0 {
		return "t" + strconv.Itoa(int(t))
	}
	return r.name()
}

// route is a line through points as the attribute d has it.
func route(points []point) string {
	b := make([]byte, 0, 12*len(points))
	for i, p := range points {
		c := byte('L')
		if i == 0 {
			c = 'M'
		}
		b = append(b, c)
		b = append(append(append(b, number(p.x)...), ' '), number(p.y)...)
	}
	return string(b)
}

// number is a length with at most two digits after the point.
func number(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// escape makes text of what users may have chosen.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}
