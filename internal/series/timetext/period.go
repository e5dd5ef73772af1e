package timetext

import "bytes"

// period reads a year and a part of it, of which it takes the first day: 2006Q1, Q1 2006, 2006M01, 2006H1, 2006S1, and ISO
// weeks 2006-W01, of which it takes the Monday, and their days 2006-W01-1.
func period(b []byte) (Moment, bool) {
	year, letter, part, ok := yearAndPart(b)
	if !ok {
		return Moment{}, false
	}
	if letter == 'W' {
		return isoWeek(year, part)
	}
	n, ok := digits(part)
	if !ok || len(part) > 2 {
		return Moment{}, false
	}
	switch {
	case letter == 'M':
		return date(year, n, 1)
	case letter == 'Q' && n >= 1 && n <= 4 && len(part) == 1:
		return date(year, 3*n-2, 1)
	case (letter == 'H' || letter == 'S') && n >= 1 && n <= 2 && len(part) == 1:
		return date(year, 6*n-5, 1)
	}
	return Moment{}, false
}

// yearAndPart splits 2006Q1, 2006-Q1, 2006 Q1, Q1 2006, Q1-2006 and Q1/2006. The letter is upper case.
func yearAndPart(b []byte) (year int, letter byte, part []byte, ok bool) {
	if len(b) < len("2006Q1") {
		return 0, 0, nil, false
	}
	if year, ok = digits(b[:4]); ok {
		rest := b[4:]
		if rest[0] == '-' || rest[0] == ' ' {
			rest = rest[1:]
		}
		if len(rest) > 1 {
			return year, upper(rest[0]), rest[1:], true
		}
		return 0, 0, nil, false
	}
	mark := b[len(b)-5]
	if year, ok = digits(b[len(b)-4:]); !ok || mark != ' ' && mark != '-' && mark != '/' {
		return 0, 0, nil, false
	}
	return year, upper(b[0]), b[1 : len(b)-5], true
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// isoWeek reads the number of a week of two digits, 05, and perhaps a day from 1, 05-1 or 051. The weeks of Stata, which begin
// on January 1st, have one digit up to nine.
func isoWeek(year int, part []byte) (Moment, bool) {
	if len(part) < 2 {
		return Moment{}, false
	}
	week, rest := part, []byte("1")
	if len(part) > 2 {
		week, rest = part[:2], bytes.TrimPrefix(part[2:], []byte("-"))
	}
	n, ok1 := digits(week)
	day, ok2 := digits(rest)
	if !ok1 || !ok2 || len(rest) != 1 || day < 1 || day > 7 {
		return Moment{}, false
	}
	days, ok := WeekDays(year, n)
	return Moment{Kind: Date, N: days + int64(day-1)}, ok
}

// WeekDays counts the days from 1970-01-01 to the Monday of a week of ISO 8601, or returns false if the year has no such week.
func WeekDays(year, week int) (int64, bool) {
	if week < 1 || week > WeeksOf(year) {
		return 0, false
	}
	return firstMonday(year) + 7*int64(week-1), true
}

// WeeksOf is the number of weeks of a year of ISO 8601, 52 or 53.
func WeeksOf(year int) int { return int(firstMonday(year+1)-firstMonday(year)) / 7 }

// firstMonday is the Monday of the week with January 4th.
func firstMonday(year int) int64 {
	fourth := dayNumber(year, 1, 4)
	const monday = 3 // 1970-01-01 was a Thursday
	return fourth - ((fourth+monday)%7+7)%7
}
