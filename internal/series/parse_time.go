package series

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// maxStep is the largest integer step. Counting on from it cannot overflow.
const maxStep = 1 << 53

// ParseTime reads a time in one of the forms of the package comment, in the years 1 to 9999. For any other text it returns
// the reason why it is not a time.
func ParseTime(b []byte) (Time, string) {
	t, ok := parseForm(b)
	low, high := t.Kind.bounds()
	if !ok || t.N < low || t.N > high {
		return Time{}, notATime(string(b))
	}
	return t, ""
}

func parseForm(b []byte) (Time, bool) {
	if n, ok := parseStep(b); ok {
		return Time{Kind: Step, N: n}, true
	}
	if len(b) == 10 {
		if days, ok := parseISODate(b); ok {
			return Time{Kind: Date, N: days}, true
		}
	}
	if len(b) > 10 && b[4] == '-' && (b[10] == 'T' || b[10] == 't' || b[10] == ' ') {
		return parseDatetime(b)
	}
	if t, ok := parseDotted(b); ok {
		return t, true
	}
	return parseNamedDate(b)
}

// parseStep reads an optional minus sign and digits.
func parseStep(b []byte) (int64, bool) {
	digits := bytes.TrimPrefix(b, []byte("-"))
	if len(digits) == 0 || len(digits) > 16 {
		return 0, false
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

// parseISODate reads 2006-01-02 or 2006/01/02 as days since 1970.
func parseISODate(b []byte) (int64, bool) {
	if (b[4] != '-' && b[4] != '/') || b[7] != b[4] {
		return 0, false
	}
	year, ok1 := digits(b[0:4])
	month, ok2 := digits(b[5:7])
	day, ok3 := digits(b[8:10])
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return dayNumber(year, month, day), true
}

// digits reads a number of digits only.
func digits(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// daysIn is the length of a month of the Gregorian calendar.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// dayNumber counts the days from 1970-01-01 to a valid date in the years 0 to 9999. It lets years begin in March, so that the
// leap day is the last day, and any five months in a row from there have 153 days.
func dayNumber(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	year += 400 // the year may have become -1, and division must round down
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1
	const from = 865565 // the same count for 1970-01-01: 719468 days from 0000-03-01, and 146097 for the 400 years
	return int64(days - from)
}

// parseDatetime reads a date with a time of day, with or without a zone.
func parseDatetime(b []byte) (Time, bool) {
	if len(b) > len("2006-01-02T15:04:05.999999999+07:00") {
		return Time{}, false
	}
	var buf [40]byte
	text := append(buf[:0], b...)
	text[10] = 'T'
	if last := len(text) - 1; text[last] == 'z' {
		text[last] = 'Z'
	}
	if t, err := time.Parse(time.RFC3339Nano, string(text)); err == nil {
		return Time{Instant, t.UnixMicro(), t.Location()}, true
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			return Time{Kind: Datetime, N: t.UnixMicro()}, true
		}
	}
	return Time{}, false
}

// parseDotted reads a date with points and the day first, as in Germany: 31.01.2006, alone or followed by 15:04 or 15:04:05.
func parseDotted(b []byte) (Time, bool) {
	date, rest, timed := bytes.Cut(b, []byte(" "))
	parts := bytes.Split(date, []byte("."))
	if len(parts) != 3 || len(parts[0]) > 2 || len(parts[1]) > 2 || len(parts[2]) != 4 {
		return Time{}, false
	}
	if !timed {
		t, err := time.Parse("2.1.2006", string(b))
		return Time{Kind: Date, N: floorDiv(t.Unix(), 24*60*60)}, err == nil
	}
	layout := "2.1.2006 15:04"
	if bytes.Count(rest, []byte(":")) == 2 {
		layout += ":05"
	}
	t, err := time.Parse(layout, string(b))
	return Time{Kind: Datetime, N: t.UnixMicro()}, err == nil
}

// parseQuarter reads 2006Q1, 2006-Q1 or 2006 Q1 as the first day of the quarter.
func parseQuarter(b []byte) (Time, bool) {
	if len(b) == len("2006-Q1") && (b[4] == '-' || b[4] == ' ') {
		b = slices.Concat(b[:4], b[5:])
	}
	if len(b) != len("2006Q1") || b[4] != 'Q' && b[4] != 'q' || b[5] < '1' || b[5] > '4' {
		return Time{}, false
	}
	year, ok := digits(b[:4])
	return Time{Kind: Date, N: dayNumber(year, 1+3*int(b[5]-'1'), 1)}, ok
}

// parseNamedDate reads less common forms: 2006-1-2, 2006-01, 2006M01, 2006Q1, and dates with the English name of a month.
func parseNamedDate(b []byte) (Time, bool) {
	if t, ok := parseQuarter(b); ok {
		return t, true
	}
	if len(b) < len("2006-01") || len(b) > len("September 02, 2006") {
		return Time{}, false
	}
	for _, layout := range []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006-01", "2006M01", "Jan 2 2006", "Jan 2, 2006", "2 Jan 2006", "2-Jan-2006",
		"January 2, 2006", "2 January 2006", "Jan 2006", "Jan-2006", "January 2006"} {
		if t, err := time.Parse(layout, string(b)); err == nil {
			return Time{Kind: Date, N: floorDiv(t.Unix(), 24*60*60)}, true
		}
	}
	return Time{}, false
}

// notATime is the reason why a text is not a time.
func notATime(text string) string {
	if text == "" {
		return "the time is empty"
	}
	if parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '-' }); len(parts) == 3 && len(parts[0]) <= 2 {
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
