package timetext

import (
	"bytes"
	"time"
)

// Kind is what a text says about a time.
type Kind uint8

// The kinds of times.
const (
	Integer Kind = iota // a whole number, whatever it counts
	Date                // days since 1970-01-01
	Local               // microseconds since 1970-01-01 00:00:00, in an unknown zone
	Instant             // microseconds since 1970-01-01T00:00:00Z
)

// Order says what a date of two numbers and a year tells about the order of day and month.
type Order uint8

// The orders of day and month.
const (
	Plain      Order = iota // the date has another form, which leaves no doubt
	Either                  // both orders give a date; N has that of the month before the day
	Equal                   // both orders give the same date
	MonthFirst              // only the month before the day gives a date
	DayFirst                // only the day before the month gives a date
)

// Moment is a time as a text has it.
type Moment struct {
	Kind  Kind
	N     int64          // in the unit of the kind
	Zone  *time.Location // of an instant: its offset from UTC or, if Named, the zone that the text names
	Named bool
	Order Order
}

const (
	microsPerSecond = 1_000_000
	microsPerMinute = 60 * microsPerSecond
	microsPerHour   = 60 * microsPerMinute
	microsPerDay    = 24 * microsPerHour
)

// Parser reads texts. It remembers the zone of the text before, so it is not safe for concurrent use. The zero value is ready.
type Parser struct {
	zoneText string
	zone     *time.Location
	offset   int64 // of the zone, if it is constant
}

// Parse reads a time by its form, or returns false. A year has four digits, but years are not bounded.
func (p *Parser) Parse(b []byte) (Moment, bool) {
	if len(b) == len("2006-01-02") {
		if days, ok := isoDate(b); ok {
			return Moment{Kind: Date, N: days}, true
		}
	}
	if n, ok := integer(b); ok {
		return Moment{Kind: Integer, N: n}, true
	}
	if len(b) < len("24Q1") || len(b) > 80 {
		return Moment{}, false
	}
	if len(b) > 10 && (b[10] == ' ' || b[10] == 'T') {
		if days, ok := isoDate(b[:10]); ok {
			return p.clock(Moment{Kind: Date, N: days}, b[11:])
		}
	}
	date, rest, timed := splitClock(withoutWeekday(b))
	m, ok := parseDate(date)
	if !ok || !timed {
		return m, ok
	}
	return p.clock(m, rest)
}

// integer reads an optional minus sign and up to 19 digits.
func integer(b []byte) (int64, bool) {
	text := bytes.TrimPrefix(b, []byte("-"))
	if len(text) == 0 || len(text) > 19 {
		return 0, false
	}
	var n uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	if n > 1<<63-1 {
		return 0, false
	}
	if len(text) < len(b) {
		return -int64(n), true
	}
	return int64(n), true
}

// splitClock splits a text into a date and a time of day, at the blank or the T before the first hour. It returns false for a
// text without a time of day.
func splitClock(b []byte) (date, rest []byte, ok bool) {
	if len(b) > 9 && (b[8] == 'T' || b[8] == ' ') && isDigits(b[:8]) && isDigits(b[9:10]) { // 20060102T1504
		return b[:8], b[9:], true
	}
	colon := bytes.IndexByte(b, ':')
	if colon < 0 {
		return b, nil, false
	}
	from := colon
	for from > 0 && b[from-1] >= '0' && b[from-1] <= '9' {
		from--
	}
	if from == colon || from == 0 {
		return b, nil, false
	}
	switch before := b[:from]; before[from-1] {
	case 'T', 't', ' ', ',', '_', '-':
		return bytes.TrimRight(before[:from-1], " ,"), b[from:], true
	}
	return b, nil, false
}

// withoutWeekday cuts off the English name of a weekday in front.
func withoutWeekday(b []byte) []byte {
	at := bytes.IndexAny(b, " ,")
	if at < 0 {
		return b
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		name := []byte(day.String())
		if bytes.EqualFold(b[:at], name) || bytes.EqualFold(b[:at], name[:3]) {
			return bytes.TrimLeft(b[at:], " ,")
		}
	}
	return b
}

// isDigits reports whether a text has digits only, at least one.
func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// digits reads a number of a few digits.
func digits(b []byte) (int, bool) {
	if !isDigits(b) || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n, true
}
