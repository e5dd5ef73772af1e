package series

import (
	"strings"

	"foliocast/internal/series/timetext"
)

// maxStep is the largest integer step. Counting on from it cannot overflow.
const maxStep = 1 << 53

// ParseTime reads a time in one of the forms of the package comment, in the years 1 to 9999. For any other text it returns
// the reason why it is not a time. An integer is a step, since nothing but the other times of a file can say what else it is.
func ParseTime(b []byte) (Time, string) {
	var p timetext.Parser
	m, ok := p.Parse(b)
	if !ok || m.Order == timetext.Either {
		return Time{}, notATime(string(b))
	}
	t := timeOf(m)
	if low, high := t.Kind.bounds(); t.N < low || t.N > high {
		return Time{}, notATime(string(b))
	}
	return t, ""
}

// timeOf is the time of a moment in text.
func timeOf(m timetext.Moment) Time {
	kinds := [...]Kind{timetext.Integer: Step, timetext.Date: Date, timetext.Local: Datetime, timetext.Instant: Instant}
	return Time{Kind: kinds[m.Kind], N: m.N, Zone: m.Zone}
}

// notATime is the reason why a text is not a time.
func notATime(text string) string {
	if text == "" {
		return "the time is empty"
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/-. :T", r) })
	short := len(parts) > 2 && len(parts[0]) <= 2 && strings.ContainsAny(text, "/-.")
	switch {
	case short && len(parts[2]) == 2:
		return "not a date like 2006-01-31, because a year needs four digits: " + Quote(text)
	case short && strings.ContainsAny(text, "/-"):
		return "not a date like 2006-01-31, and it is not clear which number is the day: " + Quote(text)
	}
	return "not a date, an RFC 3339 time or an integer step: " + Quote(text)
}

// The first and the last time that [Time.String] can write and [ParseTime] read, in microseconds since 1970.
const (
	minMicros = -719162 * microsPerDay   // 0001-01-01
	maxMicros = 2932897*microsPerDay - 1 // the end of 9999-12-31
)

// bounds are the first and the last time of the kind.
func (k Kind) bounds() (low, high int64) {
	switch k {
	case Step:
		return -maxStep, maxStep
	case Date:
		return minMicros / microsPerDay, maxMicros / microsPerDay
	}
	return minMicros, maxMicros
}
