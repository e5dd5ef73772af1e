package series

import (
	"math"
	"strconv"
	"strings"
)

// patience says how long before the others an asset may end: without a limit, for a number of its steps, or for a duration. The
// zero value leaves it to the frequency.
type patience struct {
	off     bool
	counted bool
	steps   int
	micros  int64
}

// durations are the units of a duration, longer names first.
var durations = [...]struct {
	unit   string
	micros int64
}{{"min", 60e6}, {"s", 1e6}, {"h", 3600e6}, {"d", microsPerDay}, {"w", 7 * microsPerDay}}

// parsePatience reads off, a number of steps, or a duration such as 90min, 36h, 14d or 3w. An empty text is the zero value.
func parsePatience(text string) (patience, error) {
	if text == "" {
		return patience{}, nil
	}
	if text == "off" {
		return patience{off: true}, nil
	}
	number := strings.ToLower(text)
	micros := int64(0)
	for _, d := range durations {
		if n, ok := strings.CutSuffix(number, d.unit); ok {
			number, micros = n, d.micros
			break
		}
	}
	n, err := strconv.ParseUint(number, 10, 31)
	switch {
	case err != nil || micros > 0 && int64(n) > math.MaxInt64/2/micros:
		return patience{}, &FieldError{"stale", strconv.Quote(text) + " is not a duration such as 36h, 14d or 3w, a number of steps, or off"}
	case micros == 0 || n == 0:
		return patience{counted: true, steps: int(n)}, nil
	}
	return patience{micros: int64(n) * micros}, nil
}
