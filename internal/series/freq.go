package series

import "slices"

// Freq is how often values come: H hour, D day, B business day, W week, M month, Q quarter, Y year.
// The empty Freq is unknown: integer steps, or times at other distances.
type Freq string

// freqs are all frequencies.
var freqs = [...]Freq{"", "H", "D", "B", "W", "M", "Q", "Y"}

// Valid reports whether f is one of H, D, B, W, M, Q, Y or empty.
func (f Freq) Valid() bool { return slices.Contains(freqs[:], f) }

// months is the number of months between two values, or 0 for a frequency that is not counted in months.
func (f Freq) months() int {
	switch f {
	case "M":
		return 1
	case "Q":
		return 3
	case "Y":
		return 12
	}
	return 0
}

// step is the distance between two values in the unit of kind, or 0 when it is unknown or not constant.
func (f Freq) step(kind Kind) int64 {
	day := kind.day()
	switch {
	case kind == Step:
		return 0
	case f == "H" && kind != Date:
		return day / 24
	case f == "D":
		return day
	case f == "W":
		return 7 * day
	}
	return 0
}
