package chart

import (
	"math"
	"strconv"
	"strings"
)

// Unit says how numbers are written.
type Unit int

// The units.
const (
	Plain   Unit = iota
	Percent      // 0.05 is 5 %
)

// ticks are round numbers inside a span, about as many as asked for, and their texts, which have the digits that tell them apart.
func ticks(s span, count int, unit Unit) (at []float64, texts []string) {
	scale := 1.0
	if unit == Percent {
		scale = 100
	}
	low, high := s.low*scale, s.high*scale
	parts := float64(max(count, 1))
	step := roundStep(high/parts - low/parts)                 // a quotient does not overflow
	digits := max(0, int(-math.Floor(math.Log10(step)+1e-9))) // that tell neighbours apart
	if step >= 1 && step != math.Trunc(step) {                // 2.5
		digits = 1
	}
	if step < 1 && math.Abs(step*math.Pow(10, float64(digits))-math.Round(step*math.Pow(10, float64(digits)))) > 1e-6 { // 0.25
		digits++
	}
	size, name := 1.0, ""
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}} {
		if most := max(math.Abs(low), math.Abs(high)); most >= u.size && most < huge && step >= u.size/100 {
			size, name = u.size, u.name
			digits = max(0, int(math.Ceil(-math.Log10(step/size)-1e-9)))
			break
		}
	}
	first := math.Ceil(low/step - 1e-9)
	for i := range 3 * max(count, 1) {
		v := (first + float64(i)) * step
		if !finite(v) || v > high+1e-9*step {
			break
		}
		at = append(at, v/scale)
		texts = append(texts, withUnit(Number(v/size, digits)+name, unit))
	}
	return at, texts
}

// roundStep is the least of 1, 2, 2.5, 5 and 10 times a power of ten that is at least the given width.
func roundStep(width float64) float64 {
	if !(width > 0) || math.IsInf(width, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(width)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= width*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// From these numbers on, powers of ten are read better.
const huge, tiny = 1e15, 1e-6

// Number writes a number with so many digits after the point, with commas between thousands and a true minus sign, as in −5,473.20.
func Number(v float64, digits int) string {
	if !finite(v) {
		return "–"
	}
	if math.Abs(v) >= huge || v != 0 && math.Abs(v) < tiny && digits > 6 {
		return strings.Replace(strconv.FormatFloat(v, 'e', 2, 64), "-", "−", 1)
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', digits, 64)
	whole, rest, _ := strings.Cut(text, ".")
	var b strings.Builder
	if v < 0 && strings.Trim(text, "0.") != "" {
		b.WriteString("−")
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if rest != "" {
		b.WriteString("." + rest)
	}
	return b.String()
}

// Significant writes a number so that the differences of values which are spread over a width are seen: with three digits of it.
func Significant(v, width float64, unit Unit) string {
	if unit == Percent {
		v, width = 100*v, 100*width
	}
	if !finite(v) {
		return "–"
	}
	if !(width > 0) {
		width = math.Abs(v)
	}
	digits := 0
	if width > 0 {
		digits = min(max(2-int(math.Floor(math.Log10(width))), 0), 9)
	}
	return withUnit(Number(v, digits), unit)
}

func withUnit(text string, unit Unit) string {
	if unit == Percent {
		return text + " %"
	}
	return text
}
