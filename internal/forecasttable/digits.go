package forecasttable

import (
	"math"
	"strconv"
	"strings"
)

// notation is how all values of one forecast are written for people.
//
// A value has as many decimal places as have meaning: three significant digits
// of the half width of the forecast's narrowest interval. Where no interval says
// how exact a forecast is, its largest value has six significant digits, without
// the zeros that all of its values end with. An interval narrower than a
// billionth of the values is rounding, and says nothing.
//
// The notation is the same down all columns of a forecast, so that its decimal
// points line up. Another asset may have values of another size, and has its own.
type notation struct {
	verb   byte // 'f', or 'e' where plain digits would be long: from 1e15 on, and below 1e-4
	places int
}

const (
	widthDigits = 3
	valueDigits = 6
	rounding    = 1e-9
)

// notationOf chooses the notation of a forecast.
func notationOf(mean []float64, lo, hi map[string][]float64) notation {
	largest := largestOf(mean)
	for level := range lo {
		largest = max(largest, largestOf(lo[level]), largestOf(hi[level]))
	}
	if largest == 0 {
		return notation{'f', 0}
	}
	width := narrowest(lo, hi, rounding*largest)
	last := exponent(largest) - valueDigits + 1 // the last digit is that of 10^last
	if width > 0 {
		last = exponent(width) - widthDigits + 1
	}
	n := notation{'f', max(-last, 0)}
	if largest >= 1e15 || largest < 1e-4 {
		n = notation{'e', max(exponent(largest)-last, 0)}
	}
	if width == 0 {
		n.places -= n.zeros(mean, lo, hi)
	}
	return n
}

// narrowest is the smallest half width that exceeds above, or 0 if there is
// none.
func narrowest(lo, hi map[string][]float64, above float64) float64 {
	width := 0.0
	for level, low := range lo {
		high := hi[level]
		for k := range min(len(low), len(high)) {
			if half := high[k]/2 - low[k]/2; half > above && (width == 0 || half < width) {
				width = half
			}
		}
	}
	return width
}

func largestOf(values []float64) float64 {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	return largest
}

// exponent is the place of the first digit of a positive number: 0 for 1 to 9.
func exponent(v float64) int {
	e := int(math.Floor(math.Log10(v)))
	if math.Pow10(e+1) <= v { // the logarithm of 1000 is a little less than 3
		e++
	}
	return e
}

// zeros is how many trailing decimal places are zero in all values.
func (n notation) zeros(mean []float64, lo, hi map[string][]float64) int {
	common := n.places
	count := func(values []float64) {
		for k := 0; k < len(values) && common > 0; k++ {
			digits, _, _ := strings.Cut(n.text(values[k]), "e")
			common = min(common, len(digits)-len(strings.TrimRight(digits, "0")))
		}
	}
	count(mean)
	for level := range lo {
		count(lo[level])
		count(hi[level])
	}
	return common
}

// text writes a value. What rounds to zero has no sign.
func (n notation) text(v float64) string {
	text := strconv.FormatFloat(v, n.verb, n.places, 64)
	if strings.HasPrefix(text, "-") && strings.Trim(text, "-0.") == "" {
		return text[1:]
	}
	return text
}
