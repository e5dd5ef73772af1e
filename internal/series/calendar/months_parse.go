package calendar

import (
	"strconv"
	"strings"
)

// wholeName gives the name that pandas writes today, with its month, for the short and the old ones.
func wholeName(base string) string {
	switch base {
	case "A":
		return "Y"
	case "BM", "CBME":
		return "BME"
	case "CBMS":
		return "BMS"
	case "SM":
		return "SME"
	case "QE", "BQE", "YE", "BYE":
		return base + "-DEC"
	case "BQ":
		return "BQE-DEC"
	case "QS", "BQS", "YS", "BYS":
		return base + "-JAN"
	case "AS":
		return "YS-JAN"
	case "BAS":
		return "BYS-JAN"
	case "BA", "BY":
		return "BYE-DEC"
	}
	return base
}

// parseMonths reads the names of months, quarters and years, in capitals and without their number.
func parseMonths(n int64, base string) (months, bool) {
	head, rest, dashed := strings.Cut(wholeName(base), "-")
	if dashed && rest == "" {
		return months{}, false
	}
	switch head {
	case "M", "Q", "Y", "A":
		return parseDays(n, head, rest)
	case "SMS":
		return months{every: 1, on: onDay(1, 15)}, n == 1 && rest == ""
	case "SME":
		return months{every: 1, on: onDay(15, 31)}, n == 1 && rest == ""
	case "WOM", "LWOM":
		return parseNth(n, head, rest)
	}
	var r months
	if unit, ok := strings.CutPrefix(head, "B"); ok {
		head = unit
		r.roll = preceding
	}
	if len(head) < 1 || len(head) > 2 {
		return months{}, false
	}
	switch head[1:] {
	case "S":
		r.on = firstDay
		if r.roll == preceding {
			r.roll = following
		}
	case "E", "":
		r.on = lastDay
	default:
		return months{}, false
	}
	return r.counted(n, head[0], rest)
}

// counted sets the number of months and the month of the year that a name says.
func (r months) counted(n int64, letter byte, month string) (months, bool) {
	switch letter {
	case 'M':
		r.every = n
	case 'Q':
		r.every = 3 * n
	case 'Y', 'A':
		r.every = 12 * n
	default:
		return months{}, false
	}
	r.phase = 0
	if r.on == lastDay {
		r.phase = r.every - 1
	}
	if month == "" {
		return r, true
	}
	m := monthNamed(month)
	if m < 0 || letter == 'M' {
		return months{}, false
	}
	r.phase = floorMod(int64(m), r.every)
	return r, true
}

// parseDays reads M, Q and Y on any day, the old Q-DEC and A-DEC, and those with days: M-15, M-1,11,21, Q-FEB-15, M-25-P.
func parseDays(n int64, letter, rest string) (months, bool) {
	if rest == "" {
		r, ok := months{on: lastDay}.counted(n, letter[0], "")
		r.loose = true
		return r, ok
	}
	var r months
	if days, ok := strings.CutSuffix(rest, "-P"); ok {
		r.roll, rest = preceding, days
	} else if days, ok := strings.CutSuffix(rest, "-F"); ok {
		r.roll, rest = following, days
	}
	month, days, _ := strings.Cut(rest, "-")
	if letter == "M" {
		month, days = "", rest
	}
	if days == "" {
		r.on = lastDay
		return r.counted(n, letter[0], month)
	}
	for text := range strings.SplitSeq(days, ",") {
		d, err := strconv.Atoi(text)
		if err != nil || d < 1 || d > 31 || r.on.days >= 1<<d {
			return months{}, false
		}
		r.on.days |= 1 << d
	}
	if r.on.perMonth() > 1 && (letter != "M" || n != 1) || r.on.perMonth() > 8 || !r.on.distinct(r.roll) {
		return months{}, false
	}
	return r.counted(n, letter[0], month)
}

// parseNth reads WOM-3FRI and LWOM-FRI.
func parseNth(n int64, head, rest string) (months, bool) {
	r := months{every: n, on: dayOfMonth{nth: -1}}
	if head == "WOM" {
		if rest == "" || rest[0] < '1' || rest[0] > '4' {
			return months{}, false
		}
		r.on.nth = int8(rest[0] - '0')
		rest = rest[1:]
	}
	r.on.weekday = int8(weekdayNamed(rest))
	return r, r.on.weekday >= 0
}
