package timetext

import (
	"bytes"
	"strings"
	"time"
)

// parseDate reads a text without a time of day.
func parseDate(b []byte) (Moment, bool) {
	for _, form := range []func([]byte) (Moment, bool){numeric, named, period, compact} {
		if m, ok := form(b); ok {
			return m, true
		}
	}
	return Moment{}, false
}

// isoDate reads 2006-01-02 or 2006/01/02 as days since 1970.
func isoDate(b []byte) (int64, bool) {
	if (b[4] != '-' && b[4] != '/') || b[7] != b[4] {
		return 0, false
	}
	year, ok1 := digits(b[0:4])
	month, ok2 := digits(b[5:7])
	day, ok3 := digits(b[8:10])
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	return Days(year, month, day)
}

// compact reads 20060102 before a time of day.
func compact(b []byte) (Moment, bool) {
	if len(b) != 8 || !isDigits(b) {
		return Moment{}, false
	}
	n, _ := digits(b)
	days, ok := Days(n/10000, n/100%100, n%100)
	return Moment{Kind: Date, N: days}, ok
}

// numeric reads two or three numbers with one mark between them: 2006-1-2, 2.1.2006, 1/2/2006, 2006-01, 01/2006.
func numeric(b []byte) (Moment, bool) {
	at := bytes.IndexAny(b, "-/.")
	if at < 0 {
		return Moment{}, false
	}
	mark := b[at]
	var parts [3]int
	var size [3]int
	n := 0
	for part := range bytes.SplitSeq(b, []byte{mark}) {
		if n == 3 {
			return Moment{}, false
		}
		v, ok := digits(part)
		if !ok || len(part) != 4 && len(part) > 2 {
			return Moment{}, false
		}
		parts[n], size[n] = v, len(part)
		n++
	}
	switch {
	case n == 3 && size[0] == 4 && size[1] < 3 && size[2] < 3:
		return date(parts[0], parts[1], parts[2])
	case n == 3 && size[2] == 4 && size[0] < 3 && size[1] < 3:
		return yearLast(parts, mark)
	case n == 2 && size[0] == 4 && size[1] == 2 && mark != '.':
		return date(parts[0], parts[1], 1)
	case n == 2 && size[0] == 2 && size[1] == 4:
		return date(parts[1], parts[0], 1)
	}
	return Moment{}, false
}

// yearLast reads two numbers and a year. With points between them the day is first, as in Germany; otherwise the order is
// what the numbers leave possible.
func yearLast(parts [3]int, mark byte) (Moment, bool) {
	if mark == '.' {
		return date(parts[2], parts[1], parts[0])
	}
	american, ok1 := date(parts[2], parts[0], parts[1])
	european, ok2 := date(parts[2], parts[1], parts[0])
	american.Order, european.Order = MonthFirst, DayFirst
	switch {
	case ok1 && ok2 && parts[0] == parts[1]:
		american.Order = Equal
	case ok1 && ok2:
		american.Order = Either
	case ok2:
		return european, true
	}
	return american, ok1
}

// named reads a date with the English name of a month and a year of four digits, in any order: Jan 2, 2006, 2-Jan-2006,
// January 2006, 2006 Jan, 2nd January 2006.
func named(b []byte) (Moment, bool) {
	parts := bytes.FieldsFunc(b, func(r rune) bool { return r == ' ' || r == '-' || r == ',' || r == '/' || r == '.' })
	if len(parts) < 2 || len(parts) > 3 {
		return Moment{}, false
	}
	year, month, day := 0, 0, 1
	days := 0
	for _, part := range parts {
		part = withoutOrdinal(part)
		n, number := digits(part)
		switch {
		case number && len(part) == 4 && year == 0:
			year = n
		case number && len(part) <= 2 && days == 0:
			day = n
			days++
		case !number && month == 0 && monthNumber(part) > 0:
			month = monthNumber(part)
		default:
			return Moment{}, false
		}
	}
	if year == 0 || month == 0 {
		return Moment{}, false
	}
	return date(year, month, day)
}

// withoutOrdinal cuts the ending off 1st, 2nd, 3rd and 4th.
func withoutOrdinal(b []byte) []byte {
	if len(b) > 2 && len(b) < 5 {
		switch end := b[len(b)-2:]; strings.ToLower(string(end)) {
		case "st", "nd", "rd", "th":
			return b[:len(b)-2]
		}
	}
	return b
}

// monthNumber is the number of an English month, by its name or its first three letters, or 0.
func monthNumber(name []byte) int {
	for m := time.January; m <= time.December; m++ {
		full := []byte(m.String())
		if bytes.EqualFold(name, full) || bytes.EqualFold(name, full[:3]) || m == time.September && bytes.EqualFold(name, []byte("sept")) {
			return int(m)
		}
	}
	return 0
}

// date is a date of the Gregorian calendar, or false if there is none.
func date(year, month, day int) (Moment, bool) {
	days, ok := Days(year, month, day)
	return Moment{Kind: Date, N: days}, ok
}

// Days counts the days from 1970-01-01 to a date in the years 0 to 9999, or returns false if there is no such date.
func Days(year, month, day int) (int64, bool) {
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || year > 9999 {
		return 0, false
	}
	return dayNumber(year, month, day), true
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
