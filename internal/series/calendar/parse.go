package calendar

import (
	"fmt"
	"strconv"
	"strings"

	"foliocast/internal/series/calendar/exchange"
)

// Bounds of what a name may ask for: the number before it, and the distance of its times.
const (
	maxCount  = 100_000
	maxPeriod = 36_525 * day
)

// Parse reads the name of a frequency as pandas writes it. Old spellings (H, T, A, BM) are read as well. Case does not matter,
// except in ms, which is milliseconds in pandas, and m, which may be minutes or months: both are refused. The error is a
// sentence that lists what is known.
//
//	s 30s min 15min h 4h            elapsed time
//	D 7D 28D                        days
//	B, B-SUN,MON,TUE,WED,THU        business days, Monday to Friday or as listed
//	B-SUN,MON,TUE,WED,THU|2026-01-04|B  a rule that changed on a day
//	W-FRI 2W-FRI                    a day of the week
//	MS ME BMS BME M-15 SMS SME      first, last, first and last business day, 15th; 1st and 15th; 15th and last
//	M-25-P M-1,11,21                25th or the business day before; several days a month
//	WOM-3FRI LWOM-FRI               third and last Friday of the month
//	QS-JAN QE-DEC BQS BQE Q-FEB-15  quarters; YS-JAN YE-DEC BYS BYE Y-JUN-15 years; 2MS 6ME other numbers of months
//	W M Q Y                         weeks, months, quarters, years on any day, which [Calendar.At] sets
//	445-N-JAN-SAT REQ-L-DEC-SUN-4   retail months of 4, 4 and 5 weeks, quarters of 13 weeks, by the end of the fiscal year;
//	                                also 454, 544, 444 (13 periods), RE (years), and 445S and so on by the first days
//	h@09:30-15:30                   hours of sessions, on business days; 30min@XTKS/09:00-11:00,12:30-14:30 on other days;
//	                                h@MON-THU/00:00-23:00;FRI/00:00-20:00 where the days differ
//	XNYS XETR XTKS XLON XTAE        sessions of an exchange
func Parse(name string) (*Calendar, error) {
	text := strings.TrimSpace(name)
	switch strings.TrimLeft(text, "0123456789") {
	case "ms":
		return nil, subSecond(name)
	case "m":
		return nil, fmt.Errorf("%q is not clear: write min for minutes, ME or MS for months", name)
	}
	upper := strings.ToUpper(text)
	if strings.Contains(upper, "|") {
		r, err := parseChanged(name, upper)
		if err != nil {
			return nil, err
		}
		return &Calendar{r}, nil
	}
	if step, rest, ok := strings.Cut(upper, "@"); ok {
		r, err := parseSessions(name, step, rest)
		if err != nil {
			return nil, err
		}
		return &Calendar{r}, nil
	}
	if r, ok := parseRetail(upper); ok {
		return &Calendar{daily{days: r}}, nil
	}
	n, base, ok := cutCount(upper)
	if !ok {
		return nil, unknown(name)
	}
	r, err := parseUnit(name, n, base)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, unknown(name)
	}
	if r.period() > maxPeriod {
		return nil, fmt.Errorf("%q is longer than a century", name)
	}
	return &Calendar{r}, nil
}

// parseUnit reads the name after its number. A nil rule is an unknown name.
func parseUnit(name string, n int64, base string) (rule, error) {
	switch base {
	case "S", "SEC":
		return steps{step: n * second}, nil
	case "MIN", "T":
		return steps{step: n * minute}, nil
	case "H":
		return steps{step: n * hour}, nil
	case "L", "U", "US", "N", "NS":
		return nil, subSecond(name)
	case "D":
		return daily{days: everyDays{n: n}}, nil
	}
	if strings.HasPrefix(base, "B-") || base == "B" {
		if n != 1 {
			return nil, fmt.Errorf("%q is not supported: name every business day (B) or a day of the week (W-FRI)", name)
		}
		w, err := parseWeek(base)
		return daily{days: workdays{w}}, err
	}
	if weekday, ok := strings.CutPrefix(base, "W-"); ok {
		if wd := weekdayNamed(weekday); wd >= 0 {
			return daily{days: newWeekly(n, mondayOf(0)+int64(wd))}, nil
		}
		return nil, nil
	}
	if base == "W" {
		r := newWeekly(n, mondayOf(0)+6)
		r.loose = true
		return daily{days: r}, nil
	}
	if e, ok := exchange.Find(base); ok && n == 1 {
		return daily{days: market{e}}, nil
	}
	if r, ok := parseMonths(n, base); ok {
		return daily{days: r}, nil
	}
	return nil, nil
}

// cutCount splits the number from a name; without a number it is 1.
func cutCount(text string) (n int64, base string, ok bool) {
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if digits == 0 {
		return 1, text, text != ""
	}
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil || n < 1 || n > maxCount {
		return 0, "", false
	}
	return n, text[digits:], true
}

// parseWeek reads B and B-SUN,MON,TUE,WED,THU.
func parseWeek(name string) (week, error) {
	if name == "B" {
		return business, nil
	}
	list, _ := strings.CutPrefix(name, "B-")
	var w week
	for day := range strings.SplitSeq(list, ",") {
		wd := weekdayNamed(day)
		if wd < 0 || w.has(wd) {
			return 0, fmt.Errorf("%q is not a working week: write each day once, as in B-SUN,MON,TUE,WED,THU", name)
		}
		w |= 1 << wd
	}
	return w, nil
}

func subSecond(name string) error {
	return fmt.Errorf("%q is below one second: the shortest step is one second (s)", name)
}

func unknown(name string) error {
	return fmt.Errorf("%q is not a known frequency: known are s, 30s, min, 15min, h, 4h, D, 28D, B, B-SUN,MON,TUE,WED,THU, W-FRI, 2W-FRI, "+
		"MS, ME, BMS, BME, M-15, SMS, SME, WOM-3FRI, QS-JAN, QE-DEC, BQE-DEC, 6ME, YS-JAN, YE-DEC, BYE-DEC, h@09:30-15:30, 445-N-JAN-SAT, REQ-N-JAN-SAT-4, %s", name, strings.Join(exchange.Names(), ", "))
}
