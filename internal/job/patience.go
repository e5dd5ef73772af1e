package job

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Patience is how long before the newest asset of a job another may end and still
// be forecast. The zero value leaves it to the frequency of the asset.
type Patience struct {
	Off    bool          // any length
	Counts bool          // a number of steps, Steps
	Steps  int           // 0 or more
	Span   time.Duration // a duration, when it is not 0
}

var patiencePattern = regexp.MustCompile(`^([0-9]{1,6})(s|min|h|H|d|D|w|W)?$`)

// ParsePatience reads [Spec.Stale]: off, a number of steps, or a duration as in 36h,
// 14d or 4w (the case of h, d and w does not matter); an empty text is the zero Patience. It reports false for any other text.
func ParsePatience(text string) (Patience, bool) {
	switch text {
	case "":
		return Patience{}, true
	case "off":
		return Patience{Off: true}, true
	}
	parts := patiencePattern.FindStringSubmatch(text)
	if parts == nil {
		return Patience{}, false
	}
	n, _ := strconv.Atoi(parts[1])
	if parts[2] == "" || n == 0 {
		return Patience{Counts: true, Steps: n}, true
	}
	const day = 24 * time.Hour
	unit := map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour, "d": day, "w": 7 * day}[strings.ToLower(parts[2])]
	if n > int(maxSpan/unit) {
		return Patience{Off: true}, true
	}
	return Patience{Span: time.Duration(n) * unit}, true
}

// maxSpan is the longest duration, of 292 years. A longer patience has no limit.
const maxSpan = 1<<63 - 1
