package portfolio

import (
	"time"

	"foliocast/internal/series"
)

// Calendar returns what a frequency says of the seasons of a series: the typical time between two values, 0 when it is not
// known, and the usual seasonal periods.
func Calendar(freq series.Freq) (step time.Duration, periods []int) {
	const day = 24 * time.Hour
	switch freq {
	case "H":
		return time.Hour, []int{24, 168}
	case "D":
		return day, []int{7, 365}
	case "B":
		return day, []int{5, 261}
	case "W":
		return 7 * day, []int{52}
	case "M":
		return 30 * day, []int{12}
	case "Q":
		return 91 * day, []int{4}
	case "Y":
		return 365 * day, nil
	}
	return 0, nil
}
