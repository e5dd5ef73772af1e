package chart

import (
	"fmt"
	"image/color"
	"math"
)

// Theme is a variant of the colours.
type Theme int

// The themes.
const (
	Light Theme = iota
	Dark
)

// role is what a shape is for. It decides its colours, its width and its dashes.
type role int

const (
	ink        role = iota // text
	faint                  // text that matters less
	ground                 // behind everything
	grid                   // lines of the grid
	frameRef               // lines that values are compared with: zero, the diagonal
	past                   // what was observed
	ahead                  // the point forecast
	band                   // intervals, each step by itself
	joint                  // the edge of a band that holds for all steps together
	usual                  // where chance leaves right forecasts
	naive                  // the naive forecast
	third                  // one more series
	path                   // one of many
	harm                   // losses beyond what was forecast
	bar                    // a share
	barAgainst             // a share of the other sign
	roles                  // how many there are
)

// look is how a role is drawn. A colour without alpha 255 lets through what is behind it.
type look struct {
	color [2]color.NRGBA // by theme
	width float64        // of lines
	dash  []float64      // lengths of line and gap, in turn; nil for a line without gaps
}

// rgb is an opaque colour.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

// sheer is a colour with an opacity from 0 to 1.
func sheer(hex uint32, opacity float64) color.NRGBA {
	c := rgb(hex)
	c.A = uint8(math.Round(255 * opacity))
	return c
}

// look is how a role is drawn.
func (r role) look() look {
	switch r {
	case faint:
		return look{color: [2]color.NRGBA{rgb(0x55606e), rgb(0xa9b4c0)}}
	case ground:
		return look{color: [2]color.NRGBA{rgb(0xffffff), rgb(0x14181d)}}
	case grid:
		return look{color: [2]color.NRGBA{rgb(0xe3e7eb), rgb(0x2b323a)}, width: 1}
	case frameRef:
		return look{color: [2]color.NRGBA{rgb(0x6b7684), rgb(0x8b97a4)}, width: 1}
	case past:
		return look{color: [2]color.NRGBA{rgb(0x1b232c), rgb(0xe9edf1)}, width: 1.5}
	case ahead:
		return look{color: [2]color.NRGBA{rgb(0x0072b2), rgb(0x56b4e9)}, width: 2.25}
	case band:
		return look{color: [2]color.NRGBA{sheer(0x0072b2, 0.18), sheer(0x56b4e9, 0.22)}}
	case joint:
		return look{color: [2]color.NRGBA{rgb(0x8f5aa8), rgb(0xcf9fe0)}, width: 1.5, dash: []float64{6, 3}}
	case usual:
		return look{color: [2]color.NRGBA{rgb(0x8f5aa8), rgb(0xcf9fe0)}, width: 2}
	case naive:
		return look{color: [2]color.NRGBA{rgb(0xa85f00), rgb(0xe69f00)}, width: 1.75, dash: []float64{2, 3}}
	case third:
		return look{color: [2]color.NRGBA{rgb(0x00785a), rgb(0x2fc79a)}, width: 2, dash: []float64{9, 3, 2, 3}}
	case path:
		return look{color: [2]color.NRGBA{sheer(0x0072b2, 0.22), sheer(0x56b4e9, 0.25)}, width: 0.75}
	case harm:
		return look{color: [2]color.NRGBA{rgb(0xc44e00), rgb(0xff8a4c)}, width: 2}
	case bar:
		return look{color: [2]color.NRGBA{rgb(0x0072b2), rgb(0x56b4e9)}, width: 1}
	case barAgainst:
		return look{color: [2]color.NRGBA{rgb(0x00785a), rgb(0x2fc79a)}, width: 1}
	default: // ink
		return look{color: [2]color.NRGBA{rgb(0x1b232c), rgb(0xe9edf1)}}
	}
}

// name is the role's class in SVG.
func (r role) name() string {
	return [roles]string{"ink", "faint", "ground", "grid", "ref", "past", "ahead", "band", "joint", "usual", "naive", "third", "path", "harm", "bar", "against"}[r]
}

// tint is one of the steps of a scale with two ends, for heat maps: 1 to tints, of which the middle one is neutral. 0 is none.
type tint int

// tints is how many steps the scale has.
const tints = 11

// tintOf is the step for a value from -1 to 1.
func tintOf(v float64) tint {
	return 1 + tint(math.Round((min(max(v, -1), 1)+1)/2*(tints-1)))
}

// color is the tint's colour: blue for values below zero, orange above.
func (t tint) color(theme Theme) color.NRGBA {
	neutral := [2]color.NRGBA{rgb(0xf1f3f5), rgb(0x262c33)}[theme]
	low := [2]color.NRGBA{rgb(0x0072b2), rgb(0x56b4e9)}[theme]
	high := [2]color.NRGBA{rgb(0xc44e00), rgb(0xff9a5c)}[theme]
	share := 2*float64(t-1)/(tints-1) - 1
	if share < 0 {
		return mix(neutral, low, -share)
	}
	return mix(neutral, high, share)
}

// text is the colour of text on the tint: the one of black and white that is read better.
func (t tint) text(theme Theme) color.NRGBA {
	behind := t.color(theme)
	dark, light := rgb(0x000000), rgb(0xffffff)
	if contrast(dark, behind) >= contrast(light, behind) {
		return dark
	}
	return light
}

// mix is a colour on the way from a to b.
func mix(a, b color.NRGBA, share float64) color.NRGBA {
	of := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + share*(float64(y)-float64(x)))) }
	return color.NRGBA{of(a.R, b.R), of(a.G, b.G), of(a.B, b.B), 255}
}

// contrast is the contrast of two opaque colours by WCAG 2.2, from 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance by WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	of := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*of(c.R) + 0.7152*of(c.G) + 0.0722*of(c.B)
}

// css is a colour as CSS writes it.
func css(c color.NRGBA) string {
	if c.A == 255 {
		return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	}
	return fmt.Sprintf("#%02x%02x%02x%02x", c.R, c.G, c.B, c.A)
}
