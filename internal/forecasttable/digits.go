package forecasttable

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"strconv"
	"strings"

	"foliocast/internal/job"
)

// notation is how all values of one forecast are written for people.
//
// A value has as many decimal places as have meaning: three significant digits
// of the half width of the forecast's narrowest interval, or without intervals
// of half the distance of its outermost quantiles. Where nothing says how exact
// a forecast is, its largest value has six significant digits, without the zeros
// that all of its values end with. A width below a billionth of the values is
// rounding, and says nothing.
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
func notationOf(f job.Forecast) notation {
	largest := 0.0
	for values := range columns(f) {
		largest = max(largest, largestOf(values))
	}
	if largest == 0 {
		return notation{'f', 0}
	}
	width := narrowest(f, rounding*largest)
	last := exponent(largest) - valueDigits + 1 // the last digit is that of 10^last
	if width > 0 {
		last = exponent(width) - widthDigits + 1
	}
	n := notation{'f', max(-last, 0)}
	if largest >= 1e15 || largest < 1e-4 {
		n = notation{'e', max(exponent(largest)-last, 0)}
	}
	if width == 0 {
		n.places -= n.zeros(f)
	}
	return n
}

// columns are all values of a forecast.
func columns(f job.Forecast) iter.Seq[[]float64] {
	return func(yield func([]float64) bool) {
		if !yield(f.Mean) {
			return
		}
		band := cmp.Or(f.Band, &job.Band{})
		for _, bounds := range []map[string][]float64{f.Lo, f.Hi, f.Quantiles, band.Lo, band.Hi} {
			for values := range maps.Values(bounds) {
				if !yield(values) {
					return
				}
			}
		}
	}
}

// narrowest is the smallest half width that exceeds above, or 0 if there is
// none.
func narrowest(f job.Forecast, above float64) float64 {
	width := 0.0
	take := func(low, high float64) {
		if half := high/2 - low/2; half > above && (width == 0 || half < width) {
			width = half
		}
	}
	for level, low := range f.Lo {
		high := f.Hi[level]
		for k := range min(len(low), len(high)) {
			take(low[k], high[k])
		}
	}
	if len(f.Lo) > 0 {
		return width
	}
	if f.Band != nil {
		for level, low := range f.Band.Lo {
			high := f.Band.Hi[level]
			for k := range min(len(low), len(high)) {
				take(low[k], high[k])
			}
		}
	}
	for k, mean := range f.Mean {
		low, high := mean, mean
		for _, values := range f.Quantiles {
			if k < len(values) {
				low, high = min(low, values[k]), max(high, values[k])
			}
		}
		take(low, high)
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
func (n notation) zeros(f job.Forecast) int {
	common := n.places
	for values := range columns(f) {
		for k := 0; k < len(values) && common > 0; k++ {
			digits, _, _ := strings.Cut(n.text(values[k]), "e")
			common = min(common, len(digits)-len(strings.TrimRight(digits, "0")))
		}
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
